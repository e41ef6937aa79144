#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# get-tree.sh NAME [clang]: puts a small Debian 13 tree with a kernel's compiler, or with clang,
# into the cache. Modules for newer kernels are built there if the host's compiler and C library
# can't build them. Does nothing for other kernels.

. "$(dirname "$0")/common.sh"
. "$VM/apt.sh"
. "$VM/kernels.sh"

make_tree()
{
	mmdebstrap --mode=root --variant=essential --architectures=amd64 \
		--include="$2" \
		--aptopt="$CACHE/apt/transport.conf" \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		trixie "$1" "$CACHE/apt/trixie.list"
}

NAME=${1:?get-tree.sh: which kernel? one of $KNOWN_KERNELS}
need_known_kernel "$NAME"
needs_tree "$NAME" || exit 0
load_kernel "$NAME" || die "$NAME: fetch the kernel first, with $VM/get-kernel.sh"

COMPILER=${2:-$KERNEL_COMPILER}
TREE=$CACHE/trixie${2:+-$2}
[ -x "$TREE/usr/bin/$COMPILER" ] && exit
lock_cache
[ -x "$TREE/usr/bin/$COMPILER" ] && exit
[ "$(id -u)" = 0 ] || die "$NAME: only root can create the Debian 13 tree in which its modules are built; run as root, or leave this kernel out with KERNELS=\"6.1 6.12\""

mkdir -p "$CACHE/apt"
host_transport >"$CACHE/apt/transport.conf"
write_sources trixie >"$CACHE/apt/trixie.list"
rm -rf --one-file-system "$TREE" "$TREE.new"
# The kernel's build programs are linked to libelf and libssl.
long_step "creating a Debian 13 tree with $COMPILER (about 400 MB)" \
	make_tree "$TREE.new" "make,$COMPILER,libelf1t64,libssl3t64" ||
	die "$NAME: cannot create the Debian 13 tree in which its modules are built, see above"
sync -f "$TREE.new"
mv "$TREE.new" "$TREE"
