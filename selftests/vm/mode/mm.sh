# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own tests of its memory management, each alone and then watched by onlookers.

MODE_PACKAGES+=(mm)
# The kernel's test of migration needs three.
MODE_PROCESSORS=3
MODE_NODES=2

mode_build()
{
	"$VM/build-module.sh" "$1" module module || return
	step "building the tests of $1" "$VM/build-mm.sh" "$1" || {
		WHY=' (its tests do not build)'
		return 1
	}
}

mode_fill()
{
	local to=$1/rmapscope/mm program

	mkdir -p "$to"
	cp "$DIR/mm/list" "$to/"
	while read -r _ program _; do
		cp "$DIR/mm/${program#\~}" "$to/"
	done <"$to/list"
	cp "$BUILD/selftests/onlooker" "$1/rmapscope/tools/"
	# ldd doesn't list it: the C library loads it when a thread is cancelled.
	install -D "$(gcc -print-file-name=libgcc_s.so.1)" "$1/lib/x86_64-linux-gnu/libgcc_s.so.1"
}
