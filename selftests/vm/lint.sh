#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lint.sh: all checks that don't run the code. Prints ok or not ok for each. Any warning is a
# failure, and is shown.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"

# The newest kernel's headers use these, but sparse doesn't know them yet.
SPARSE=(C=1 'CF=-D__typeof_unqual__=__typeof__ -D__builtin_strlen=-1+sizeof')

# Debian's kernels are configured for gcc. This removes the options that only gcc has. The resulting
# module is never loaded.
CLANG=(CC=clang CONFIG_CC_IS_GCC= CONFIG_CC_IS_CLANG=y CONFIG_CC_IMPLICIT_FALLTHROUGH=
	CONFIG_RETHUNK= CONFIG_MITIGATION_RETHUNK= CONFIG_SLS= CONFIG_MITIGATION_SLS=
	CONFIG_FUNCTION_TRACER= CONFIG_FTRACE_MCOUNT_USE_CC= CONFIG_INIT_STACK_ALL_ZERO=
	CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= CONFIG_UBSAN=)
# Warnings of clang about the kernel's own headers.
CLANG_WARNINGS="-DCC_USING_FENTRY -Wno-duplicate-decl-specifier -Wno-address-of-packed-member"
CLANG_WARNINGS+=" -Wno-unknown-warning-option -Wno-unused-command-line-argument"

# Findings of checkpatch that don't apply to user space, first because what it asks for only exists
# in the kernel, then because inttypes.h, execv() and the test harness need what it complains about.
KERNEL_ONLY=PREFER_KERNEL_TYPES,VOLATILE,ARRAY_SIZE,STRNCPY,BIT_MACRO
KERNEL_ONLY+=,PREFER_DEFINED_ATTRIBUTE_MACRO,USE_NEGATIVE_ERRNO
KERNEL_ONLY+=,CAMELCASE,STATIC_CONST_CHAR_ARRAY,COMPLEX_MACRO,MACRO_WITH_FLOW_CONTROL

PASSED=0 FAILED=0

# check TEXT COMMAND...: ok if the command succeeds and prints nothing.
check()
{
	local text=$1 start=$EPOCHREALTIME output status=0
	shift

	output=$("$@" 2>&1 </dev/null) || status=$?
	# Every build of a module without the kernel's own image prints this.
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

# checkpatch IGNORED DIR...: checks all C files below the directories.
checkpatch()
{
	local ignored=$1 files
	shift

	cd "$ROOT"
	mapfile -t files < <(find "$@" -name '*.[ch]' ! -name '*.mod.c' ! -path 'selftests/bench/bare_walk.c' ! -path 'selftests/faults/*' | sort)
	printf '%s\0' "${files[@]}" | xargs -0 -n 16 -P "$(nproc)" \
		"$SOURCE/scripts/checkpatch.pl" --no-tree --root="$SOURCE" --strict --terse \
		--show-types --no-summary --quiet ${ignored:+--ignore "$ignored"} --file
}

kernel_doc()
{
	local files

	cd "$ROOT"
	mapfile -t files < <(find module -name '*.[ch]' ! -name '*.mod.c')
	"$SOURCE/scripts/kernel-doc" -none -Werror "${files[@]}"
}

# cppcheck_files DIR-OR-FILE...: suppresses false findings. cppcheck complains about NULL as the
# last of variable arguments, and believes that die() returns and that the kernel's list macros
# leave variables uninitialised.
cppcheck_files()
{
	cppcheck --quiet --std=c11 --max-configs=1 --enable=warning,performance,portability \
		--suppress=varFuncNullUB --suppress=nullPointerRedundantCheck \
		--suppress=allocaCalled --suppress=toomanyconfigs --error-exitcode=1 "$@"
}

cppcheck_module()
{
	cd "$ROOT"
	cppcheck_files -D__KERNEL__ -DHAVE_FOLIO_RMAP_WALK -DCONFIG_X86_64 --suppress=uninitvar \
		-I module module
}

# cppcheck can't parse the test harness, so only files without it are checked.
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
	# SC2187: the scripts for ash are checked as scripts for dash.
	shellcheck -x --source-path=SCRIPTDIR --exclude=SC2187 "${files[@]}"
}

# user_space COMPILER: builds the tools and tests. The build must print nothing but its progress.
user_space()
{
	local output=$BUILD/lint-user/$1

	rm -rf "$output"
	mkdir -p "$output"/{tools,selftests}
	make -s -C "$ROOT/tools" -j "$(nproc)" CC="$1" OUTPUT="$output/tools"
	make -s -C "$ROOT/selftests" -j "$(nproc)" CC="$1" OUTPUT="$output/selftests" \
		KSELFTEST="$SOURCE/tools/testing/selftests" | grep -v '^  CC  ' || true
}

# build NAME BUILD-DIR ARGUMENT...: builds from scratch, because files that are up to date would
# not be checked.
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
