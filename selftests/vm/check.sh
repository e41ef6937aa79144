#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh [MODE]: sets up, builds, and runs a mode that reports tests (check by default; debug, rt,
# kcsan, detectors, sanitized, mm, stress, fuzz) on each kernel of KERNELS. Shows the KTAP of the
# tests as it comes, then a line for each kernel, and the total as the last line.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"
. "$VM/mode.sh"

SUMMARY=()
PASSED=0 FAILED=0 SKIPPED=0 STATUS=0

# failures NAME: prints a line for each test that failed.
failures()
{
	sed -n "s/^\(# \)\?not ok [0-9]*/$1: not ok -/p" "$BUILD/$1/ktap"
}

# summarise NAME START: counts the tests in the log, and adds a line to the summary.
summarise()
{
	local name=$1 start=$2 passed failed skipped

	read -r passed failed skipped < <(awk -f "$VM/count-ktap.awk" "$BUILD/$name/ktap")
	# The guest failed but no test did: a crash, a complaint of the kernel, the time limit.
	if [ "$RESULT" = 3 ] || { [ "$RESULT" != 0 ] && [ "$failed" = 0 ]; }; then
		failed=$((failed + 1))
		WHY=${WHY:- (no test failed, but: $(grep . "$BUILD/$name/wrong" || echo "see above"))}
	fi
	[ "$failed" = 0 ] || STATUS=1
	PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
	mapfile -t -O ${#SUMMARY[@]} SUMMARY < <(failures "$name")
	SUMMARY+=("$name (${KERNEL_RELEASE:-not found}): $passed passed, $failed failed, $skipped skipped, $(seconds_since "$start") s$WHY")
}

# test_on NAME MODE: builds, boots and counts.
test_on()
{
	local name=$1 start

	KERNEL_RELEASE='' WHY='' RESULT=0
	load_mode "$2"
	load_kernel "$name"
	lock_build "$name"
	start=$EPOCHREALTIME
	: >"$BUILD/$name/ktap"
	: >"$BUILD/$name/wrong"
	if ! mode_build "$name"; then
		RESULT=1 WHY=${WHY:-' (the module does not build)'}
	elif ! "$VM/make-initramfs.sh" "$name" "$MODE"; then
		RESULT=1 WHY=' (no initramfs)'
	else
		say "building for $name: $(seconds_since "$start") s"
		echo "# kernel $name: $KERNEL_RELEASE${DETECT:+, $MODE_GUEST}"
		mode_run "$name" | tee "$BUILD/$name/ktap" || RESULT=${PIPESTATUS[0]}
	fi
	summarise "$name" "$start"
}

WANTED=${1:-check}
load_mode "$WANTED"
DETECT=$MODE_DETECT
NAMES=${KERNELS:-$MODE_KERNELS}
# shellcheck disable=SC2086	# a list of names
"$VM/prepare.sh" "${MODE_PACKAGES[@]}" -- $NAMES
"$VM/get-source.sh" >/dev/null
step "building the tests" "$VM/selftests.sh" build
mode_prepare

for name in $NAMES; do
	[ -z "$DETECT" ] || test_on "$name" detectors
	test_on "$name" "$WANTED"
done

flock -u 5
echo
printf '%s\n' "${SUMMARY[@]}"
if [ $((PASSED + FAILED)) = 0 ]; then
	say "no test ran"
	STATUS=1
fi
echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
[ $STATUS = 0 ]
