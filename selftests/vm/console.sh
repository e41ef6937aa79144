# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Which lines of a guest's kernel log are problems. Sourced.

# Messages about processors, which have nothing to do with the module.
HARMLESS='Spectre|RETBleed|MDS|MMIO Stale|TAA|SRBDS|GDS|Mitigation|ACPI|BIOS'

# A block of memory could not be taken offline because something in it was in use.
HARMLESS+='|page dumped because: (isolation failed|migration failure|unmovable page)'

# Most detectors print WARNING or BUG. The patterns name the messages of the others.
PROBLEMS='WARNING:|BUG:|[Kk]ernel BUG at|Oops|KASAN|KFENCE|KCSAN|UBSAN|ODEBUG|\[ cut here \]|Call Trace:'
PROBLEMS+='|kmemleak: (Cannot|[0-9]+ new)|memory leak detector disabled|unreferenced object'
PROBLEMS+='|general protection|Kernel panic|unchecked MSR'
PROBLEMS+='|blocked for more than|soft lockup|hard LOCKUP|detected stalls|self-detected stall|rcu_.*kthread starved'
PROBLEMS+='|INFO: possible|possible .*(deadlock|locking)|inconsistent lock state|suspicious RCU|non-static key'
PROBLEMS+='|Invalid wait context|lockdep is turned off|lock held when returning|held lock freed|locks held|Unbalanced'
PROBLEMS+='|[Bb]ad page|page dumped because|Bad rss-counter|Bad swap|non-zero pgtables|refcount_t'
PROBLEMS+='|scheduling while atomic|sleeping function called|list_(add|del) corruption'

# without_oom_traces LOG: prints the log without the line that begins the call trace of each OOM
# kill. That trace is no problem: it only shows which allocation failed. All other lines remain.
without_oom_traces()
{
	awk '/ invoked oom-killer: / { traces++ } /Call Trace:/ && traces { traces--; next } 1' "$1"
}

# Drops the reports of data races in which no module takes part; the kernel has many. A module takes
# part if it makes one of the two accesses, or calls the function that makes it. Then the name of
# the module, such as [rmapscope], follows that of the function.
without_others_races()
{
	awk '/BUG: KCSAN: / { title = $0; ours = 0; frames = 2; next }
	     title && / bytes by (task|interrupt)/ { frames = 0; next }
	     title && frames < 2 { frames++; ours = ours || /\[[a-z_]+\]$/ }
	     title && /Reported by Kernel Concurrency Sanitizer/ { if (ours) print title; title = "" }
	     1
	     END { if (title && ours) print title }'
}

# console_problems LOG: prints the lines that are problems; false if there are none.
console_problems()
{
	[ -e "$1" ] && without_oom_traces "$1" | without_others_races | grep -aE "$PROBLEMS" | grep -avE "$HARMLESS"
}

# show_console LOG: shows these lines, and the end of the log.
show_console()
{
	[ -e "$1" ] || return 0
	if console_problems "$1" >/dev/null; then
		say "--- complaints of the kernel, in $1:"
		console_problems "$1" | head -n 20 >&2
	fi
	say "--- the end of $1:"
	tail -n 30 "$1" >&2
}
