#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-mm.sh NAME: builds the kernel's own tests that mm.list names, in build/NAME/mm. Writes
# build/NAME/mm/list, which says which of them to run, and how.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"

NAME=$1
load_kernel "$NAME" || die "$NAME: fetch the kernel first, with $VM/get-kernel.sh"
SOURCE=$("$VM/get-mm.sh" "$NAME")
TO=$BUILD/$NAME/mm

mkdir -p "$TO"
: >"$TO/list"
PROGRAMS=()
while read -r kernels pages program arguments; do
	[[ -n $program && $kernels != \#* ]] || continue
	[ "$kernels" = all ] || [[ ,$kernels, = *,$NAME,* ]] || continue
	name=${program#\~}
	[ -z "${TESTS:-}" ] || [[ " $TESTS " = *" $name "* ]] || continue
	[ -e "$SOURCE/$name.c" ] || continue
	echo "$pages $program $arguments" >>"$TO/list"
	PROGRAMS+=("$TO/$name")
done <"$VM/mm.list"
[ ${#PROGRAMS[@]} -gt 0 ] || die "TESTS: no test of '${TESTS:-}' is both in $VM/mm.list and in the source of $KERNEL_RELEASE"

mapfile -t PROGRAMS < <(printf '%s\n' "${PROGRAMS[@]}" | sort -u)
unset MAKEFLAGS MFLAGS MAKELEVEL
exec make -s -C "$SOURCE" -j "$(nproc)" "OUTPUT=$TO" "${PROGRAMS[@]}"
