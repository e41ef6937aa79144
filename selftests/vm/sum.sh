# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the parts of a check one after the other, continues after a part that fails, and adds up the
# totals. Sourced by .ci/run and all.sh.

LOGS=$(mktemp -d)
trap 'rm -rf "$LOGS"' EXIT
PASSED=0 FAILED=0 SKIPPED=0
TABLE=()

# total NAME WORD: the sum of the numbers before a word (passed, failed, skipped) in the totals of a
# log.
total()
{
	grep -E '^(lint: )?[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$LOGS/$1" |
		grep -oE "[0-9]+ $2" | awk '{ sum += $1 } END { print sum + 0 }'
}

# part NAME COMMAND...: runs it, shows its output, and adds its total. A part that fails although no
# test failed counts as one failed test. The checks of lint that pass don't count as tests.
part()
{
	local name=$1 start=$SECONDS status passed=0 failed skipped=0
	shift

	"$@" 2>&1 | tee "$LOGS/$name"
	status=${PIPESTATUS[0]}
	failed=$(total "$name" failed)
	if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
		failed=1
	fi
	if [ "$name" != lint ]; then
		passed=$(total "$name" passed)
		skipped=$(total "$name" skipped)
	fi
	PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
	TABLE+=("$(printf '%-10s %6d %6d %7d %6d s' "$name" "$passed" "$failed" "$skipped" $((SECONDS - start)))")
	echo "== $name: status $status, $((SECONDS - start)) s"
}

# What a new user tries first. It must succeed and show a process that has got a copy.
demo()
{
	make demo | tee "$LOGS/demo.text" && grep -q '^cowed ' "$LOGS/demo.text"
}

# The shell must run commands from a pipe.
shell()
{
	echo "echo \$((6 * 7)) answers" | make shell | tee "$LOGS/shell.text" &&
		grep -q '^42 answers' "$LOGS/shell.text"
}

# Prints what failed in each part, a table of the parts with their times, and the total as the last
# line. False if anything has failed, or if no test ran.
sum_up()
{
	[ $((PASSED + FAILED)) -gt 0 ] || FAILED=1
	echo
	(cd "$LOGS" && grep -E --exclude='*.output' '^[^ ]+: not ok - | passed, [1-9][0-9]* failed, .* s( |$)' -- *)
	printf '%-10s %6s %6s %7s %8s\n' part passed failed skipped time
	printf '%s\n' "${TABLE[@]}"
	echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
	[ "$FAILED" = 0 ]
}
