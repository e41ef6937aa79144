#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# selftests.sh build: builds the test programs in build/selftests, with the kernel's test harness.
# selftests.sh list: prints their names, in the order of a run.

. "$(dirname "$0")/common.sh"

unset MAKEFLAGS MFLAGS MAKELEVEL
case $1 in
build)
	SOURCE=$("$VM/get-source.sh")
	mkdir -p "$BUILD/selftests"
	make -s -C "$ROOT/selftests" -j "$(nproc)" \
		"KSELFTEST=$SOURCE/tools/testing/selftests" "OUTPUT=$BUILD/selftests" all
	;;
list)
	make -s -C "$ROOT/selftests" print-tests
	;;
*)
	die "no command '$1'; choose from: build list"
	;;
esac
