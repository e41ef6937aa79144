# SPDX-License-Identifier: GPL-2.0
#
# compare.awk -v kernel=RELEASE costs.list RESULTS: compares the results of report_cost with those
# that were recorded for this kernel, and prints KTAP. A result fails if it is more than 5 % worse
# than the recorded one. The goal is for information.

# The line that names the columns: NAME GOAL and the kernels.
FNR == NR && $1 == "NAME" {
	for (i = 3; i <= NF; i++)
		if (index(kernel, $i ".") == 1)
			column = i
	next
}

FNR == NR && /^[a-z]/ {
	goal[$1] = $2
	recorded[$1] = column ? $column : "-"
	next
}

FNR == NR { next }

# What the ratios are made of isn't compared.
!($1 in recorded) {
	notes = notes "# " $0 "\n"
	next
}

{ name[++n] = $1; result[n] = $2 }

END {
	print "TAP version 13"
	printf "1..%d\n%s", n, notes
	for (i = 1; i <= n; i++) {
		known = recorded[name[i]] != "-"
		worse = known && result[i] > 1.05 * recorded[name[i]]
		printf "%s %d %s %s", worse ? "not ok" : "ok", i, name[i], result[i]
		if (known)
			printf ", recorded %s", recorded[name[i]]
		if (goal[name[i]] != "-")
			printf ", goal %s", goal[name[i]]
		print known ? "" : " # SKIP nothing is recorded for this kernel"
		bad += worse
	}
	exit !n || bad > 0
}
