#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# get-mm.sh NAME: puts a kernel's own tests of memory management, and the headers that they are
# built with, into the cache. They come from Debian's linux-source package of that kernel. Prints
# the directory of the tests.

. "$(dirname "$0")/common.sh"
. "$VM/apt.sh"
. "$VM/kernels.sh"

# What "make headers" and the Makefile of the tests read. Until 6.2 the directory of the tests was
# called vm.
WANTED=(
	Makefile Kbuild arch/Kconfig arch/x86 include scripts mm/gup_test.h
	tools/include tools/scripts
	tools/testing/selftests/lib.mk
	tools/testing/selftests/kselftest.h
	tools/testing/selftests/kselftest_harness.h
	tools/testing/selftests/{kselftest,clone3,pidfd,x86}
	'tools/testing/selftests/[mv]m'
)

cached()
{
	[ -e "$DIR/complete" ] && ls -d "$DIR"/tools/testing/selftests/[mv]m
}

NAME=${1:?get-mm.sh: which kernel? one of $KNOWN_KERNELS}
need_known_kernel "$NAME"
load_kernel "$NAME" || die "$NAME: fetch the kernel first, with $VM/get-kernel.sh"
DIR=$CACHE/mm/$KERNEL_RELEASE

cached && exit
lock_cache
cached && exit

# shellcheck disable=SC2046	# a list of suites
use_suites $(kernel_suites "$NAME")
PACKAGE=linux-source-$(cut -d. -f1,2 <<<"$KERNEL_RELEASE")
NEW=$CACHE/mm.new
rm -rf "$NEW"
download "$NEW/deb" "$PACKAGE"
step "unpacking the tests of $PACKAGE" unpack_source "$NEW/deb" "$PACKAGE" "$NEW/tree" "${WANTED[@]}"
forget_parsed_lists
unset MAKEFLAGS MFLAGS MAKELEVEL
step "making the headers of $PACKAGE" make -s -C "$NEW/tree" -j "$(nproc)" ARCH=x86 headers
rm -rf "$NEW"/tree/{arch,scripts}
touch "$NEW/tree/complete"
sync -f "$NEW"
mkdir -p "$CACHE/mm"
rm -rf "$DIR"
mv "$NEW/tree" "$DIR"
rm -rf "$NEW"
cached
