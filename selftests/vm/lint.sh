#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lint.sh: everything that can be found without running. Each step is one line, ok
# or not ok; any warning is a failure, and is shown.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"

# What sparse has not learnt yet, and the newest kernel's headers use.
SPARSE=(C=1 'CF=-D__typeof_unqual__=__typeof__ -D__builtin_strlen=-1+sizeof')

# Debian's kernels are configured for gcc; this takes gcc's own options out, and
# with them the code that no module of this build will ever run.
CLANG=(CC=clang CONFIG_CC_IS_GCC= CONFIG_CC_IS_CLANG=y CONFIG_CC_IMPLICIT_FALLTHROUGH=
	CONFIG_RETHUNK= CONFIG_MITIGATION_RETHUNK= CONFIG_SLS= CONFIG_MITIGATION_SLS=
	CONFIG_FUNCTION_TRACER= CONFIG_FTRACE_MCOUNT_USE_CC= CONFIG_INIT_STACK_ALL_ZERO=
	CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= CONFIG_UBSAN=)
# What clang finds in the kernel's own headers, not in ours.
CLANG_WARNINGS="-DCC_USING_FENTRY -Wno-duplicate-decl-specifier -Wno-address-of-packed-member"
CLANG_WARNINGS+=" -Wno-unknown-warning-option -Wno-unused-command-line-argument"

# What checkpatch wants to see used and user space has not got, or only the kernel
# does (negative errnos); then what inttypes.h, execv() and the test harness ask for.
KERNEL_ONLY=PREFER_KERNEL_TYPES,VOLATILE,ARRAY_SIZE,STRNCPY,BIT_MACRO
KERNEL_ONLY+=,PREFER_DEFINED_ATTRIBUTE_MACRO,USE_NEGATIVE_ERRNO
KERNEL_ONLY+=,CAMELCASE,STATIC_CONST_CHAR_ARRAY,COMPLEX_MACRO,MACRO_WITH_FLOW_CONTROL

PASSED=0 FAILED=0

# check TEXT COMMAND...: ok if the command succeeds and says nothing.
check()
{
	local text=$1 start=$EPOCHREALTIME output status=0
	shift

	output=$("$@" 2>&1 </dev/null) || status=$?
	# Said by every build of a module without the kernel's own image.
	output=$(grep -v '^Skipping BTF generation' <<<"$output" || true)
	if [ "$status" = 0 ] && [ -z "$output" ]; then
		PASSED=$((PASSED + 1))
		echo "ok - $text ($(seconds_since "$start") s)"
	else
		FAILED=$((FAILED + 1))
		printf '%s\n' "$output" | tail -n 100
		echo "not ok - $text (status $status)"
	fi
}

# checkpatch IGNORED DIR...: all C below the directories.
checkpatch()
{
	local ignored=$1 files
	shift

	cd "$ROOT"
	mapfile -t files < <(find "$@" -name '*.[ch]' ! -name '*.mod.c' ! -path 'selftests/bench/bare_walk.c' ! -path 'selftests/faults/*' | sort)
	"$SOURCE/scripts/checkpatch.pl" --no-tree --root="$SOURCE" --strict --terse --show-types \
		--no-summary --quiet ${ignored:+--ignore "$ignored"} --file "${files[@]}"
}

kernel_doc()
{
	local files

	cd "$ROOT"
	mapfile -t files < <(find module -name '*.[ch]' ! -name '*.mod.c')
	"$SOURCE/scripts/kernel-doc" -none -Werror "${files[@]}"
}

# cppcheck_files DIR-OR-FILE...: what it takes for wrong and isn't: NULL as the last of many
# arguments, that die() returns, and (for the kernel) that list macros set nothing.
cppcheck_files()
{
	cppcheck --quiet --std=c11 --max-configs=1 --enable=warning,performance,portability \
		--suppress=varFuncNullUB --suppress=nullPointerRedundantCheck \
		--suppress=allocaCalled --error-exitcode=1 "$@"
}

cppcheck_module()
{
	cd "$ROOT"
	cppcheck_files -D__KERNEL__ -DHAVE_FOLIO_RMAP_WALK -DCONFIG_X86_64 --suppress=uninitvar \
		-I module module
}

# The test harness is too much for it: only what is built beside that.
cppcheck_user_space()
{
	local files

	cd "$ROOT"
	mapfile -t files < <(grep -LE '"(test|[a-z]+_fixture)\.h"' selftests/*.c selftests/lib/{*,*/*}.c)
	cppcheck_files -I module -I tools/rmapscope -I tools/rmap-exercise -I selftests/lib tools "${files[@]}"
}

scripts()
{
	local files

	cd "$ROOT"
	mapfile -t files < <(grep -rlE --include='*' '^#!/bin/(ba)?sh|^#!/bin/busybox sh|^# shellcheck shell=' \
		.ci selftests)
	# SC2187: that ash is checked as dash is all right.
	shellcheck -x --source-path=SCRIPTDIR --exclude=SC2187 "${files[@]}"
}

# user_space COMPILER: what is built without a word needs nothing looked at.
user_space()
{
	local output=$BUILD/lint-user/$1

	rm -rf "$output"
	mkdir -p "$output"/{tools,selftests}
	make -s -C "$ROOT/tools" CC="$1" OUTPUT="$output/tools"
	make -s -C "$ROOT/selftests" CC="$1" OUTPUT="$output/selftests" \
		KSELFTEST="$SOURCE/tools/testing/selftests" | grep -v '^  CC  ' || true
}

# build NAME FARM ARGUMENT...: from nothing, or what is up to date isn't checked.
build()
{
	local name=$1 farm=$2
	shift 2

	rm -rf "${BUILD:?}/$name/$farm"
	W=1 V='' C='' "$VM/build-module.sh" "$name" module "$farm" "$@"
}

NAMES=${KERNELS:-$KNOWN_KERNELS}
# shellcheck disable=SC2086	# a list of names
"$VM/prepare.sh" vm source lint -- $NAMES
for name in $NAMES; do
	"$VM/get-tree.sh" "$name" clang
done
SOURCE=$("$VM/get-source.sh")

check "checkpatch --strict, kernel" checkpatch "" module ./selftests/bench/bare_walk.c ./selftests/faults
check "checkpatch --strict, user space" checkpatch "$KERNEL_ONLY" \
	tools selftests
check "kernel-doc" kernel_doc
check "shellcheck" scripts
check "cppcheck, kernel" cppcheck_module
check "cppcheck, user space" cppcheck_user_space
unset MAKEFLAGS MFLAGS MAKELEVEL
for compiler in gcc clang; do
	check "tools and tests with $compiler" user_space "$compiler"
done
for name in $NAMES; do
	check "W=1 and sparse, $name" build "$name" lint-sparse "${SPARSE[@]}"
	check "W=1 with clang, $name" build "$name" lint-clang "${CLANG[@]}" "KCFLAGS=$CLANG_WARNINGS"
done

echo "lint: $PASSED passed, $FAILED failed, 0 skipped"
[ "$FAILED" = 0 ]
