#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh [mm]: set-up, builds, and every test on each kernel of KERNELS, or every one of
# the kernel's own tests of memory management, with onlookers. Shows the tests' KTAP as it
# comes, then a line a kernel, and the total as the last line.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"

SUMMARY=()
PASSED=0 FAILED=0 SKIPPED=0 STATUS=0

# A line for each test that failed.
failures()
{
	sed -n "s/^\(# \)\?not ok [0-9]*/$1: not ok -/p" "$BUILD/$1/ktap"
}

# Counts the log of a kernel's tests, and adds a line to the summary.
summarise()
{
	local name=$1 start=$2 passed failed skipped

	read -r passed failed skipped < <(awk -f "$VM/count-ktap.awk" "$BUILD/$name/ktap")
	# A guest that failed otherwise than by a test: crash, complaint, time limit.
	if [ "$RESULT" = 3 ] || { [ "$RESULT" != 0 ] && [ "$failed" = 0 ]; }; then
		failed=$((failed + 1))
		WHY=${WHY:- (and not by a test: see above)}
	fi
	[ "$failed" = 0 ] || STATUS=1
	PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
	mapfile -t -O ${#SUMMARY[@]} SUMMARY < <(failures "$name")
	SUMMARY+=("$name (${KERNEL_RELEASE:-not there}): $passed passed, $failed failed, $skipped skipped, $(seconds_since "$start") s$WHY")
}

test_on()
{
	local name=$1 start

	KERNEL_RELEASE='' WHY='' RESULT=0
	load_kernel "$name"
	lock_build "$name"
	start=$EPOCHREALTIME
	: >"$BUILD/$name/ktap"
	if ! "$VM/build-module.sh" "$name" module module; then
		RESULT=1 WHY=' (the module does not build)'
	elif [ "$MODE" = mm ] && ! step "building the tests of $name" "$VM/build-mm.sh" "$name"; then
		RESULT=1 WHY=' (its tests do not build)'
	elif ! "$VM/make-initramfs.sh" "$name" "$MODE"; then
		RESULT=1 WHY=' (no initramfs)'
	else
		say "building for $name: $(seconds_since "$start") s"
		echo "# kernel $name: $KERNEL_RELEASE"
		"$VM/run-vm.sh" "$name" "$MODE" | tee "$BUILD/$name/ktap" || RESULT=${PIPESTATUS[0]}
	fi
	summarise "$name" "$start"
}

MODE=${1:-tests}
NAMES=${KERNELS:-$KNOWN_KERNELS}
# shellcheck disable=SC2086	# a list of names
"$VM/prepare.sh" vm source ${1:-} -- $NAMES
"$VM/get-source.sh" >/dev/null
step "building the tests" "$VM/selftests.sh" build

if [ "$MODE" = tests ]; then
	KNOWN_TESTS=$("$VM/selftests.sh" list)
	for name in ${TESTS:-}; do
		grep -qx -- "$name" <<<"$KNOWN_TESTS" || die "TESTS: no test program '$name'; choose from: ${KNOWN_TESTS//$'\n'/ }"
	done
fi

for name in $NAMES; do
	test_on "$name"
done

flock -u 5
echo
printf '%s\n' "${SUMMARY[@]}"
if [ $((PASSED + FAILED)) = 0 ]; then
	say "no test ran"
	STATUS=1
fi
echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
exit $STATUS
