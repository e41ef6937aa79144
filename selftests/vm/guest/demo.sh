# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The demonstration: two real reports on a page that a family of processes shares, and what they
# mean. rmap-exercise calls this script with a pid and an address, first before one of the children
# writes to the page, and then after.

# Many terminals are too narrow for all columns.
columns=STATE,PID,COMM,VA,PERMS,NOW-PFN
self=/rmapscope/vm/demo.sh
# Exists from the first report on.
second=/tmp/demo.second

# The serial port is a terminal to the tools. If there is none at its other end, they get a pipe.
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

report()
{
	echo
	echo "  # rmapscope page -p $1 -a $2 -o $columns"
	echo
	plain rmapscope page -p "$1" -a "$2" -o "$columns" || exit 1
	echo
}

first_report()
{
	echo "1. A process has written to a page of its memory and forked three children."
	report "$1" "$2"
	cat <<-EOF
	All four rows say "mapped": the page tables of the parent and of its three
	children map the same page of memory (pfn is its number). So its mapcount is 4.

	EOF
}

second_report()
{
	echo "2. Now the first child writes to the page."
	report "$1" "$2"
	cat <<-EOF
	The child has got its own copy of the page, and its row says "cowed". NOW-PFN
	is the number of the copy. The other processes still share the first page, whose
	mapcount is 3 now. When the kernel wants to move or reclaim that page, it still
	visits all four VMAs, because only the page tables show which of them map it:
	four VMAs visited, three map the page.

	EOF
}

if [ $# -eq 2 ]; then
	if mkdir $second 2>/dev/null; then
		first_report "$@"
	else
		second_report "$@"
	fi
	exit
fi

cat <<EOF

This is Linux $(uname -r), running in a small virtual machine.

When a process forks, no page of its memory is copied. Parent and children share
each page until one of them writes to it. Linux can tell which page an address
belongs to. rmapscope asks the kernel the opposite question: which processes map
this page?

EOF
rmap-exercise cow-child --children 3 --twice --quiet -- /bin/sh $self '{pid}' '{va}' || exit 1
cat <<EOF
These were the running kernel's own answers. Memory reclaim, page migration and
the handling of memory failures act on the same. To try more: make shell
EOF
