# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# What reports cost, in instructions, compared with what is recorded in selftests/bench/costs.list.

MODE_KERNELS="6.1 7.3"
MODE_ICOUNT=y

# build_cost KERNEL NAME
build_cost()
{
	gcc -O2 -Wall -static -o "$BUILD/$1/$2" "$ROOT/selftests/bench/"{"$2",measure}.c
}

build_costs()
{
	"$VM/build-module.sh" "$1" module module &&
		"$VM/build-module.sh" "$1" bench bench &&
		build_cost "$1" report_cost && build_cost "$1" scan_cost &&
		build_cost "$1" share_cost
}

fill_costs()
{
	local to=$1/rmapscope/bench

	mkdir -p "$to"
	cp "$ROOT"/selftests/bench/{compare.awk,costs.list} "$DIR"/{report,scan,share}_cost "$to/"
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
