#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# get-source.sh: puts the kernel's test harness and its lint programs into the cache. They come from
# the linux-source package of the host's Debian. Prints their directory.

. "$(dirname "$0")/common.sh"
. "$VM/apt.sh"

WANTED=(
	tools/testing/selftests/lib.mk
	tools/testing/selftests/kselftest.h
	tools/testing/selftests/kselftest_harness.h
	tools/testing/selftests/kselftest
	scripts/checkpatch.pl
	scripts/spelling.txt
	scripts/const_structs.checkpatch
	scripts/kernel-doc
	scripts/subarch.include
	# checkpatch takes a directory for a kernel tree only if it has an include folder.
	include/uapi/linux/kernel-page-flags.h
)

cached()
{
	local dir

	for dir in "$CACHE"/source-*/; do
		[ -e "$dir/complete" ] && echo "${dir%/}" && return
	done
	return 1
}

cached && exit
lock_cache
cached && exit

# shellcheck disable=SC1091	# it is the host's
CODENAME=$(. /etc/os-release && echo "$VERSION_CODENAME")
use_suites "$CODENAME" "$CODENAME-security"
PACKAGE=$(newest 'linux-source-[0-9]+\.[0-9]+')
[ -n "$PACKAGE" ] || die "found no linux-source package in $CODENAME"
NEW=$CACHE/source.new
rm -rf "$NEW"
download "$NEW/deb" "$PACKAGE"
step "unpacking the test harness from $PACKAGE" unpack_source "$NEW/deb" "$PACKAGE" "$NEW/tree" "${WANTED[@]}"
VERSION=$(field_of "$PACKAGE" Version)
forget_parsed_lists
touch "$NEW/tree/complete"
sync -f "$NEW"
mv "$NEW/tree" "$CACHE/source-$VERSION"
rm -rf "$NEW"
cached
