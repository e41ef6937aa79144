# SPDX-License-Identifier: GPL-2.0
#
# Counts the single tests in a KTAP log with one level of nesting, and prints "PASSED FAILED
# SKIPPED". A planned test without a result counts as failed. So does a program that failed although
# none of its tests did.

function end_of_program(ok, skip)
{
	if (seen < planned && !skip)
		failed += planned - seen
	else if (!ok && !bad)
		failed++
	else if (ok && skip && !seen)
		skipped++
	else if (ok && !skip && !seen && !planned)
		passed++
	planned = seen = bad = 0
}

/^# 1\.\.[0-9]+/ {
	sub(/^# 1\.\./, "")
	planned = $1 + 0
	next
}

/^# ok [0-9]+/ {
	seen++
	if (/# SKIP/)
		skipped++
	else
		passed++
	next
}

/^# not ok [0-9]+/ {
	seen++
	bad++
	failed++
	next
}

/^1\.\.[0-9]+/ {
	sub(/^1\.\./, "")
	programs = $1 + 0
	next
}

/^(not )?ok [0-9]+ selftests: / {
	done++
	end_of_program(!/^not /, /# SKIP/)
}

# The program that was running when the guest ended.
END {
	if (seen < planned)
		failed += planned - seen
	else if (done < programs && !planned)
		failed++
	print passed + 0, failed + 0, skipped + 0
}
