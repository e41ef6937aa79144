# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# The benchmarks: what reports cost, in instructions, and then (mode load) what a reader costs other
# processes, in time.

# shellcheck source=selftests/vm/mode/cost.sh
. "$VM/mode/cost.sh"

MODE_KERNELS=$KNOWN_KERNELS
MODE_PACKAGES=(vm)
MODE_MUST_EXIT_0=y
MODE_GUEST=cost

mode_build()
{
	build_costs "$1"
	gcc -O2 -Wall -o "$BUILD/$1/fork_load" "$ROOT/selftests/bench/fork_load.c"
}

mode_fill()
{
	fill_costs "$1"
	cp "$DIR/fork_load" "$1/rmapscope/bench/"
}

mode_time_limit()
{
	echo $((1800 * SLOWNESS))
}

# Mode load has no use for them.
mode_settings()
{
	echo "vm.mappers=1,10,100,1001,10000"
}

mode_run()
{
	"$VM/run-vm.sh" "$1" bench
	"$VM/run-vm.sh" "$1" load
}
