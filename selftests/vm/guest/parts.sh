# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034	# $status is for who sources this
#
# Parts of a run that are no test programs. Sourced; counts in $number, and failures in $status.

number=0
status=0
kmemleak=/sys/kernel/debug/kmemleak
# Opened now, because a test may lock the machine down.
[ ! -e $kmemleak ] || exec 4<>$kmemleak

# run_part NAME FUNCTION: what the function does and says counts as a test program's.
run_part()
{
	number=$((number + 1))
	echo "# selftests: rmapscope: $1"
	{
		"$2"
		echo $? >/tmp/status
	} | sed 's/^/# /'
	read -r code </tmp/status
	if [ "$code" = 0 ]; then
		echo "ok $number selftests: rmapscope: $1"
	else
		echo "not ok $number selftests: rmapscope: $1"
		status=1
	fi
}

# leaks NUMBER NAME: whether there is memory that nothing leads to any more, by two scans: what
# changes is not called a leak, nor is anything in its first five seconds.
leaks()
{
	if [ ! -e $kmemleak ]; then
		echo "ok $1 $2 # SKIP this kernel has no kmemleak"
		return 0
	fi
	sleep 6
	echo scan >&4
	echo scan >&4
	cat <&4 >/tmp/leaks
	if [ ! -s /tmp/leaks ]; then
		echo "ok $1 $2"
		return 0
	fi
	head -n 60 /tmp/leaks | sed 's/^/# /'
	echo "not ok $1 $2 $(grep -c '^unreferenced' /tmp/leaks) objects"
	return 1
}

# While the module is still there to be named by them.
leaks_before()
{
	echo "TAP version 13"
	echo "1..1"
	leaks 1 no_memory_is_leaked
}
