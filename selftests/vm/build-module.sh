#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-module.sh NAME module|bench|faults FARM [MAKE-ARGUMENT...]: builds the module, or
# the benchmarks' module, or that of deliberate faults, for a kernel of the cache, in
# build/NAME/FARM, which holds links to the sources: so nothing of one kernel's build is in
# another's.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"

# Sources only: a build for the running kernel may have left its objects there.
link_sources()
{
	local from=$1 to=$2 file
	shift 2

	mkdir -p "$to"
	find "$to" -xtype l -delete
	(cd "$from" && find "$@" -name '*.[chS]' ! -name '*.mod.c' -o -name '*.mk' -o -name Kbuild) |
		while read -r file; do
			mkdir -p "$to/$(dirname "$file")"
			ln -sfn "$from/$file" "$to/$file"
		done
}

NAME=$1 WHAT=$2 FARM=$BUILD/$1/$3
shift 3
load_kernel "$NAME" || die "$NAME: fetch the kernel first, with $VM/get-kernel.sh"

SOURCE=$FARM
link_sources "$ROOT" "$FARM" Kbuild module
case $WHAT in
module) ;;
bench)
	# Its Kbuild and sources look for the module's headers beside it.
	link_sources "$ROOT" "$FARM" selftests/bench
	SOURCE=$FARM/selftests/bench
	;;
faults)
	link_sources "$ROOT" "$FARM" selftests/faults
	SOURCE=$FARM/selftests/faults
	;;
*) die "$WHAT: build what? module, bench or faults" ;;
esac

# What the user gave to our make is given on here, and nothing else is.
unset MAKEFLAGS MFLAGS MAKELEVEL
MAKE=(make -C "$KERNEL_HEADERS" "M=$SOURCE" -j "$(nproc)")
[ "${V:-}" ] && MAKE+=("V=$V") || MAKE+=(-s)
[ "${W:-}" ] && MAKE+=("W=$W")
[ "${C:-}" ] && MAKE+=("C=$C")
kernel_is_built "$NAME" && MAKE+=("CC=$KERNEL_COMPILER")
# What of ours has run can be asked there.
[ "$(kernel_kind "$NAME")" != debug ] || MAKE+=(KCOV_INSTRUMENT=y)
# Type data of modules is not used here, and would need one more program.
# Nor is the program's version, which newer kernels compare.
# shellcheck disable=SC2016	# make fills this in, not the shell
MAKE+=(CONFIG_DEBUG_INFO_BTF_MODULES= 'PAHOLE_VERSION=$(CONFIG_PAHOLE_VERSION)' "$@" modules)

if needs_tree "$NAME"; then
	TREE=$CACHE/trixie
	[[ " $* " != *" CC=clang "* ]] || TREE+=-clang
	exec "$VM/in-tree.sh" "$TREE" "$ROOT" "$CACHE" -- "${MAKE[@]}"
fi
exec "${MAKE[@]}"
