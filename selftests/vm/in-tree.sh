#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# in-tree.sh TREE DIR... -- COMMAND...: runs a command in the Debian 13 tree. The command sees each
# DIR under its usual path, and /proc, which objtool needs.

. "$(dirname "$0")/common.sh"

enter()
{
	local tree=$1
	shift

	# Two builds at once may have the same process ids, and make(1) names its files in /tmp after
	# them. So each gets its own /tmp.
	mount -t tmpfs tmpfs "$tree/tmp"
	while [ "$1" != -- ]; do
		mkdir -p "$tree$1"
		mount --bind "$1" "$tree$1"
		shift
	done
	shift
	mount -t proc proc "$tree/proc"
	if [ -x /usr/bin/sparse ]; then
		: >>"$tree/usr/bin/sparse"
		mount --bind /usr/bin/sparse "$tree/usr/bin/sparse"
	fi
	PATH=/usr/sbin:/usr/bin:/sbin:/bin exec chroot "$tree" "$@"
}

if [ "$1" = --inside ]; then
	shift
	enter "$@"
fi
[ "$(id -u)" = 0 ] || die "only root can enter the Debian 13 tree; run as root, or leave 7.3 out with KERNELS=\"6.1 6.12\""
exec unshare --mount --pid --fork --kill-child "$0" --inside "$@"
