# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The demonstration: plain sentences around two real reports on one family.
# rmap-exercise calls this script back, with a pid and an address, before one of the
# children writes to the page and after.

# All columns do not fit on many a terminal.
columns=STATE,PID,COMM,VA,PERMS,NOW-PFN
self=/rmapscope/vm/demo.sh
# Is there for the second look.
second=/tmp/demo.second

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

look()
{
	echo
	echo "  # rmapscope page -p $1 -a $2 -o $columns"
	echo
	plain rmapscope page -p "$1" -a "$2" -o "$columns" || exit 1
	echo
}

first_look()
{
	echo "1. A process has written to a page of its memory and forked three children."
	look "$1" "$2"
	cat <<-EOF
	Four rows that say "mapped": the same page of memory (pfn is its number) is in the
	page tables of the parent and of all three children, and so its mapcount is 4.

	EOF
}

second_look()
{
	echo "2. Now the first child writes to the page."
	look "$1" "$2"
	cat <<-EOF
	The writer was given a copy of its own, and its row says "cowed": it has left the
	page, and NOW-PFN is the number of the page that it uses now. The others go on
	sharing the first page, whose mapcount has become 3. The kernel still visits all
	four when it wants to move or reclaim that page, because it has to look to find out:
	four visited, three mapped.

	EOF
}

if [ $# -eq 2 ]; then
	if mkdir $second 2>/dev/null; then
		first_look "$@"
	else
		second_look "$@"
	fi
	exit
fi

cat <<EOF

This is Linux $(uname -r), running in a small virtual machine.

When a process forks, nothing is copied: parent and children share every page of
memory until one of them writes to it. Linux can tell which page an address leads
to. rmapscope asks the kernel the opposite question: who maps this page?

EOF
rmap-exercise cow-child --children 3 --twice --quiet -- /bin/sh $self '{pid}' '{va}' || exit 1
cat <<EOF
All this was the running kernel's own answer: the one that memory reclaim, page
migration and memory-failure handling act on. Try more: make shell
EOF
