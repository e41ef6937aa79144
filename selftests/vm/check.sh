#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh [mm|stress|fuzz|debug|kcsan|rt|detectors]: set-up, builds, and on each kernel of
# KERNELS every test, or every one of the kernel's own tests of memory management, with onlookers,
# or the stress, or the fuzzer. debug, kcsan and rt are every test on other kernels, the first two
# with deliberate faults to be noticed before, which is all that detectors does. Shows the tests'
# KTAP as it comes, then a line a kernel, and the total as the last line.

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
		WHY=${WHY:- (and not by a test: $(grep . "$BUILD/$name/wrong" || echo "see above"))}
	fi
	[ "$failed" = 0 ] || STATUS=1
	PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
	mapfile -t -O ${#SUMMARY[@]} SUMMARY < <(failures "$name")
	SUMMARY+=("$name (${KERNEL_RELEASE:-not there}): $passed passed, $failed failed, $skipped skipped, $(seconds_since "$start") s$WHY")
}

# sanitized_tools COMPILER: what they find ends the program, and so fails the test.
sanitized_tools()
{
	unset MAKEFLAGS MFLAGS MAKELEVEL
	mkdir -p "$BUILD/tools-$1"
	make -C "$ROOT/tools" -j "$(nproc)" CC="$1" OUTPUT="$BUILD/tools-$1" \
		CFLAGS="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
}

build_module()
{
	case $2 in
	detectors) "$VM/build-module.sh" "$1" faults faults ;;
	*) "$VM/build-module.sh" "$1" module module ;;
	esac
}

run_guest()
{
	case $2 in
	detectors) "$VM/detectors.sh" "$1" ;;
	*) "$VM/run-vm.sh" "$1" "$2" ;;
	esac
}

# test_on NAME MODE
test_on()
{
	local name=$1 mode=$2 start

	KERNEL_RELEASE='' WHY='' RESULT=0
	load_kernel "$name"
	lock_build "$name"
	start=$EPOCHREALTIME
	: >"$BUILD/$name/ktap"
	: >"$BUILD/$name/wrong"
	if ! build_module "$name" "$mode"; then
		RESULT=1 WHY=' (the module does not build)'
	elif [ "$mode" = mm ] && ! step "building the tests of $name" "$VM/build-mm.sh" "$name"; then
		RESULT=1 WHY=' (its tests do not build)'
	elif ! "$VM/make-initramfs.sh" "$name" "$mode"; then
		RESULT=1 WHY=' (no initramfs)'
	else
		say "building for $name: $(seconds_since "$start") s"
		echo "# kernel $name: $KERNEL_RELEASE${DETECT:+, $mode}"
		run_guest "$name" "$mode" | tee "$BUILD/$name/ktap" || RESULT=${PIPESTATUS[0]}
	fi
	summarise "$name" "$start"
}

MODE=${1:-tests} DETECT=
NAMES=$KNOWN_KERNELS
case $MODE in
debug) MODE=tests DETECT=y NAMES=$DEBUG_KERNELS ;;
kcsan) MODE=tests DETECT=y NAMES=7.3-kcsan ;;
detectors) NAMES=$DEBUG_KERNELS ;;
rt) MODE=tests NAMES="6.1-rt 7.3-rt" ;;
esac
NAMES=${KERNELS:-$NAMES}
# shellcheck disable=SC2046,SC2086	# lists of names
"$VM/prepare.sh" vm source $([ "$MODE" != mm ] || echo mm) -- $NAMES
"$VM/get-source.sh" >/dev/null
step "building the tests" "$VM/selftests.sh" build
if [ "${SANITIZE:-}" ]; then
	"$VM/host-packages.sh" sanitize
	step "building the tools with sanitizers and $SANITIZE" sanitized_tools "$SANITIZE"
fi

if [ "$MODE" = tests ]; then
	KNOWN_TESTS=$("$VM/selftests.sh" list)
	for name in ${TESTS:-}; do
		grep -qx -- "$name" <<<"$KNOWN_TESTS" || die "TESTS: no test program '$name'; choose from: ${KNOWN_TESTS//$'\n'/ }"
	done
	# In our order: after the last ones others can't run. What any of them left behind is looked for.
	[ -z "${TESTS:-}" ] || TESTS=$(grep -xFf <(xargs -n 1 <<<"$TESTS leftovers") <<<"$KNOWN_TESTS" | xargs)
fi

for name in $NAMES; do
	# What a kernel for debugging should notice, it must be seen to notice.
	[ -z "$DETECT" ] || test_on "$name" detectors
	test_on "$name" "$MODE"
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
