# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The demonstration: plain sentences around two real reports.

# Without a terminal at the other end the tools are not to think there is one.
plain()
{
	if grep -q vm.rows= /proc/cmdline; then
		"$@"
	else
		{
			"$@" 3>&-
			echo $? >&3
		} 3>/tmp/status | cat
		return "$(cat /tmp/status)"
	fi
}

status=0

report()
{
	scenario=$1
	shift
	echo "  # rmap-exercise $scenario $* -- rmapscope page -p {pid} -a {va}"
	echo
	plain rmap-exercise "$scenario" --quiet "$@" -- rmapscope page -p '{pid}' -a '{va}' || status=1
	echo
}

cat <<EOF

This is Linux $(uname -r), running in a small virtual machine.

When a process forks, nothing is copied: parent and children share every page of
memory until one of them writes to it. Linux can tell which page an address leads
to. rmapscope asks the kernel the opposite question: who maps this page?

1. A process writes to a page of its memory and forks three children.

EOF
report fork --children 3
cat <<EOF
Four rows that say "mapped": the same page of memory (pfn is its number) is in the
page tables of the parent and of all three children, and so its mapcount is 4.

2. The same again, but now one child writes to the page after the fork.

EOF
report cow-child --children 3 --writers 1
cat <<EOF
The writer was given a copy of its own, and its row says "cowed": it has left the
page, and NOW-PFN is the number of the page that it uses now. The others go on
sharing the first page, whose mapcount is 3. The kernel still looks at all
four when it wants to move or reclaim that page, because it has to look to find out:
four visited, three mapped.

All this was the running kernel's own answer: the one that memory reclaim, page
migration and memory-failure handling act on. Try more: make shell
EOF
exit $status
