# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What in a guest's kernel log means that something is wrong. Sourced.

# What kernels say of processors, which is not about us.
HARMLESS='Spectre|RETBleed|MDS|MMIO Stale|TAA|SRBDS|GDS|Mitigation|ACPI|BIOS'

# A block of memory could not be taken away, as something in it was in use just then.
HARMLESS+='|page dumped because: (isolation failed|migration failure|unmovable page)'

# Most detectors say WARNING or BUG; the others are named.
PROBLEMS='WARNING:|BUG:|[Kk]ernel BUG at|Oops|KASAN|KFENCE|KCSAN|UBSAN|ODEBUG|\[ cut here \]|Call Trace:'
PROBLEMS+='|kmemleak: (Cannot|[0-9]+ new)|memory leak detector disabled|unreferenced object'
PROBLEMS+='|general protection|Kernel panic|unchecked MSR'
PROBLEMS+='|blocked for more than|soft lockup|hard LOCKUP|detected stalls|self-detected stall|rcu_.*kthread starved'
PROBLEMS+='|INFO: possible|possible .*(deadlock|locking)|inconsistent lock state|suspicious RCU|non-static key'
PROBLEMS+='|Invalid wait context|lockdep is turned off|lock held when returning|held lock freed|locks held|Unbalanced'
PROBLEMS+='|[Bb]ad page|page dumped because|Bad rss-counter|Bad swap|non-zero pgtables|refcount_t'
PROBLEMS+='|scheduling while atomic|sleeping function called|list_(add|del) corruption'

# A kill for want of memory shows where the memory was wanted: one trace each, which says nothing
# about anybody. All other lines stay, in that trace and around it.
without_oom_traces()
{
	awk '/ invoked oom-killer: / { traces++ } /Call Trace:/ && traces { traces--; next } 1' "$1"
}

# A data race is ours if one of the two accesses is made by a function of a module, or by one
# that such a function has called: [rmapscope] stands after its name. All others are the kernel's own,
# and many.
without_others_races()
{
	awk '/BUG: KCSAN: / { title = $0; ours = 0; frames = 2; next }
	     title && / bytes by (task|interrupt)/ { frames = 0; next }
	     title && frames < 2 { frames++; ours = ours || /\[[a-z_]+\]$/ }
	     title && /Reported by Kernel Concurrency Sanitizer/ { if (ours) print title; title = "" }
	     1
	     END { if (title && ours) print title }'
}

# console_problems LOG: prints the lines; false if there are none.
console_problems()
{
	[ -e "$1" ] && without_oom_traces "$1" | without_others_races | grep -aE "$PROBLEMS" | grep -avE "$HARMLESS"
}

# show_console LOG: these lines, and the last of the log.
show_console()
{
	[ -e "$1" ] || return 0
	if console_problems "$1" >/dev/null; then
		say "--- what the kernel complained about, in $1:"
		console_problems "$1" | head -n 20 >&2
	fi
	say "--- the end of $1:"
	tail -n 30 "$1" >&2
}
