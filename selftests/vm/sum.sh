# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs parts of a check one after the other, goes on after one that fails, and adds up their totals.
# Sourced, by .ci/run and all.sh.

LOGS=$(mktemp -d)
trap 'rm -rf "$LOGS"' EXIT
PASSED=0 FAILED=0 SKIPPED=0
TABLE=()

# The sum of the numbers before a word ("passed,", "failed,", "skipped") in a log's totals.
total()
{
	grep -E '^(lint: )?[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$LOGS/$1" |
		grep -oE "[0-9]+ $2" | awk '{ sum += $1 } END { print sum + 0 }'
}

# part NAME COMMAND...: runs it, shows what it says, and adds up its total. One that fails
# without a test that did counts as one test; what lint passes are no tests.
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

# What a new user tries first: that it ends well, and shows a page that was left.
demo()
{
	make demo | tee "$LOGS/demo.text" && grep -q '^cowed ' "$LOGS/demo.text"
}

shell()
{
	echo "echo \$((6 * 7)) answers" | make shell | tee "$LOGS/shell.text" &&
		grep -q '^42 answers' "$LOGS/shell.text"
}

# Where the time went, and the total as the last line. False if anything has failed, or nothing
# was run.
sum_up()
{
	[ $((PASSED + FAILED)) -gt 0 ] || FAILED=1
	echo
	printf '%-10s %6s %6s %7s %8s\n' part passed failed skipped time
	printf '%s\n' "${TABLE[@]}"
	echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
	[ "$FAILED" = 0 ]
}
