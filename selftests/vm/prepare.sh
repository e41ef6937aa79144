#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# prepare.sh PURPOSE... -- NAME...: gets everything that booting the kernels takes: the host's
# packages for the purposes (see host-packages.sh), the tools, the kernels, and the trees in which
# their modules are built.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"

PURPOSES=()
while [ "$1" != -- ]; do
	PURPOSES+=("$1")
	shift
done
shift

for name in "$@"; do
	need_known_kernel "$name"
	if kernel_is_built "$name"; then
		# Building it takes packages that nothing else needs.
		load_kernel "$name" 2>/dev/null || PURPOSES+=(debug source)
	elif needs_tree "$name"; then
		PURPOSES+=(tree)
	elif [ "$(kernel_debian "$name")" = 13 ]; then
		PURPOSES+=(native-7.3)
	fi
done
"$VM/host-packages.sh" "${PURPOSES[@]}"

for name in "$@"; do
	"$VM/get-kernel.sh" "$name"
	"$VM/get-tree.sh" "$name"
done

unset MAKEFLAGS MFLAGS MAKELEVEL
step "building the tools" make -C "$ROOT/tools" -j "$(nproc)"
