# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Commits the faults that the kernel's command line names, one after the other, and prints what
# the kernel said to each.

# shellcheck source=selftests/vm/guest/setting.sh
. /rmapscope/vm/setting.sh

faults=/sys/kernel/debug/faults
kmemleak=/sys/kernel/debug/kmemleak

# Memory is not called leaked in its first five seconds.
look_for_leaks()
{
	sleep 6
	echo scan >$kmemleak
	echo scan >$kmemleak
}

insmod /rmapscope/faults.ko || exit 1
for fault in $(setting vm.faults | tr ',' ' '); do
	dmesg -c >/dev/null
	# A process of its own, since it may not live on.
	sh -c "echo $fault >$faults"
	[ "$fault" != leak ] || look_for_leaks
	echo "fault $fault"
	dmesg -c
done
exit 0
