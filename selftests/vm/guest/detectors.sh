# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Commits the faults that the kernel's command line names, one after the other. After each it prints
# the new part of the kernel log.

# shellcheck source=selftests/vm/guest/setting.sh
. /rmapscope/vm/setting.sh

faults=/sys/kernel/debug/faults
kmemleak=/sys/kernel/debug/kmemleak

# kmemleak ignores memory in its first five seconds. The second scan confirms the first.
look_for_leaks()
{
	sleep 6
	echo scan >$kmemleak
	echo scan >$kmemleak
}

insmod /rmapscope/faults.ko || exit 1
for fault in $(setting vm.faults | tr ',' ' '); do
	dmesg -c >/dev/null
	# In a process of its own, because some faults kill the process.
	sh -c "echo $fault >$faults"
	[ "$fault" != leak ] || look_for_leaks
	echo "fault $fault"
	dmesg -c
done
exit 0
