# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034	# the scripts that source this use $status
#
# Parts of a run that are no test programs. Counts them in $number, and sets $status if one fails.
# Sourced.

number=0
status=0
kmemleak=/sys/kernel/debug/kmemleak
# Opened now, because it can't be opened any more if a test locks the kernel down.
[ ! -e $kmemleak ] || exec 4<>$kmemleak

# run_part NAME FUNCTION: runs the function as if it were a test program.
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

# leaks NUMBER NAME: a test that kmemleak finds no leak. kmemleak only reports memory that is older
# than five seconds and hasn't changed between two scans.
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

# Runs while the module is loaded, so that kmemleak can print the names of its functions.
leaks_before()
{
	echo "TAP version 13"
	echo "1..1"
	leaks 1 no_memory_is_leaked
}
