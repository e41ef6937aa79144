# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# What reports cost, in instructions, compared with what is recorded in selftests/bench/costs.list.

MODE_KERNELS="6.1 7.3"
MODE_ICOUNT=y

build_costs()
{
	"$VM/build-module.sh" "$1" module module &&
		"$VM/build-module.sh" "$1" bench bench &&
		gcc -O2 -Wall -static -o "$BUILD/$1/report_cost" "$ROOT/selftests/bench/report_cost.c"
}

fill_costs()
{
	local to=$1/rmapscope/bench

	mkdir -p "$to"
	cp "$ROOT"/selftests/bench/{compare.awk,costs.list} "$DIR/report_cost" "$to/"
	cp "$DIR"/bench/selftests/bench/*.ko "$to/"
	strip --strip-debug "$to"/*.ko
}

mode_build()
{
	build_costs "$1"
}

mode_fill()
{
	fill_costs "$1"
}

mode_settings()
{
	echo "vm.mappers=1,10,100,1001"
}
