# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# The benchmarks: what a walk costs, in instructions, and then (mode load) what a reader costs
# other processes, in time.

MODE_PACKAGES=(vm)
MODE_ICOUNT=y
MODE_MUST_EXIT_0=y

mode_build()
{
	"$VM/build-module.sh" "$1" module module
	"$VM/build-module.sh" "$1" bench bench
	gcc -O2 -Wall -o "$BUILD/$1/fork_load" "$ROOT/selftests/bench/fork_load.c"
	gcc -O2 -Wall -static -o "$BUILD/$1/report_cost" "$ROOT/selftests/bench/report_cost.c"
}

mode_fill()
{
	local to=$1/rmapscope/bench

	mkdir -p "$to"
	install -m 755 "$ROOT/selftests/bench/guest-bench.sh" "$to/"
	cp "$DIR"/bench/selftests/bench/*.ko "$to/"
	strip --strip-debug "$to"/*.ko
	cp "$DIR/fork_load" "$DIR/report_cost" "$to/"
}

mode_time_limit()
{
	echo $((1800 * SLOWNESS))
}

mode_run()
{
	"$VM/run-vm.sh" "$1" bench
	"$VM/run-vm.sh" "$1" load
}
