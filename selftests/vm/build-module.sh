#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-module.sh NAME module|bench|faults BUILD-DIR [MAKE-ARGUMENT...]: builds rmapscope.ko, the
# module of the benchmarks, or the module with deliberate faults, for a kernel of the cache. Builds
# in build/NAME/BUILD-DIR, with links to the sources there, so the builds for two kernels don't mix.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"

# Links only sources, because a build for the running kernel may have left objects beside them.
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
	# Its Kbuild and sources include headers of the module by relative paths.
	link_sources "$ROOT" "$FARM" selftests/bench
	SOURCE=$FARM/selftests/bench
	;;
faults)
	link_sources "$ROOT" "$FARM" selftests/faults
	SOURCE=$FARM/selftests/faults
	;;
*) die "no module '$WHAT'; choose from: module bench faults" ;;
esac

# Of the variables of the calling make, only V, W and C are passed on.
unset MAKEFLAGS MFLAGS MAKELEVEL
MAKE=(make -C "$KERNEL_HEADERS" "M=$SOURCE" -j "$(nproc)")
[ "${V:-}" ] && MAKE+=("V=$V") || MAKE+=(-s)
[ "${W:-}" ] && MAKE+=("W=$W")
[ "${C:-}" ] && MAKE+=("C=$C")
kernel_is_built "$NAME" && MAKE+=("CC=$KERNEL_COMPILER")
# KCOV can report which code of the module has run.
[ "$(kernel_kind "$NAME")" != debug ] || MAKE+=(KCOV_INSTRUMENT=y)
# The modules need no BTF, which pahole would have to generate. Newer kernels compare the version of
# pahole with that of their own build.
# shellcheck disable=SC2016	# make expands this, not the shell
MAKE+=(CONFIG_DEBUG_INFO_BTF_MODULES= 'PAHOLE_VERSION=$(CONFIG_PAHOLE_VERSION)' "$@" modules)

if needs_tree "$NAME"; then
	TREE=$CACHE/trixie
	[[ " $* " != *" CC=clang "* ]] || TREE+=-clang
	exec "$VM/in-tree.sh" "$TREE" "$ROOT" "$CACHE" -- "${MAKE[@]}"
fi
exec "${MAKE[@]}"
