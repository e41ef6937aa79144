# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What in a guest's kernel log means that something is wrong. Sourced.

# What kernels say of processors, which is not about us.
HARMLESS='Spectre|RETBleed|MDS|MMIO Stale|TAA|SRBDS|GDS|Mitigation|ACPI|BIOS'

PROBLEMS='WARNING:|BUG:|Oops|KASAN|KFENCE|KCSAN|UBSAN|kmemleak|unreferenced object'
PROBLEMS+='|Call Trace:|\[ cut here \]|general protection|Kernel panic'
PROBLEMS+='|blocked for more than|soft lockup|hard LOCKUP|detected stalls|self-detected stall|rcu_.*kthread starved'
PROBLEMS+='|INFO: possible|possible .*(deadlock|locking dependency)|inconsistent lock state|suspicious RCU'
PROBLEMS+='|bad page|Bad page|Bad rss-counter|refcount_t|Bad swap|non-zero pgtables'
PROBLEMS+='|scheduling while atomic|sleeping function called|unchecked MSR|Unbalanced|list_(add|del) corruption'

# console_problems LOG: prints the lines; false if there are none.
console_problems()
{
	[ -e "$1" ] && grep -aE "$PROBLEMS" "$1" | grep -avE "$HARMLESS"
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
