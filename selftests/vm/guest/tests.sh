# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs every test program as the kernel's run_kselftest does, and then unloads the module.

# shellcheck source=selftests/vm/guest/swap.sh
. /rmapscope/vm/swap.sh
# shellcheck source=selftests/vm/guest/parts.sh
. /rmapscope/vm/parts.sh

cd /rmapscope/selftests || exit 1
# The machine is used for nothing else, so a test may lock its kernel down until the next boot.
export RMAPSCOPE_MAY_LOCK_DOWN=1
group=/sys/fs/cgroup/kselftest
limit=$(sed -n 's/^timeout=//p' settings)
limit=$((${limit:-45} * RMAPSCOPE_SLOWNESS))

# Runs it in a control group, which is then killed with all processes that the program has left.
run_program()
{
	(
		echo 0 >$group/cgroup.procs
		exec timeout -k 5 "$limit" "./$1" </dev/null 4>&-
	) 2>&1
	echo $? >/tmp/status
	echo 1 >$group/cgroup.kill
}

run_one()
{
	run_program "$1" 2>&1 | awk '{ print "# " $0; fflush() }'
	read -r code </tmp/status
	title="$number selftests: rmapscope: $1"
	case $code in
	0) echo "ok $title" ;;
	4) echo "ok $title # SKIP" ;;
	# Exit statuses that mean that timeout has ended the program.
	124 | 143 | 137)
		echo "not ok $title # TIMEOUT $limit seconds"
		status=1
		;;
	*)
		echo "not ok $title # exit=$code"
		status=1
		;;
	esac
}

unload()
{
	echo "TAP version 13"
	echo "1..2"
	if message=$(rmmod rmapscope 2>&1) && [ ! -e /sys/kernel/debug/rmapscope ]; then
		echo "ok 1 module_unloads_and_leaves_nothing"
		leaks 2 unloading_leaks_no_memory
		return
	fi
	ls /sys/kernel/debug/rmapscope 2>/dev/null
	echo "not ok 1 module_unloads_and_leaves_nothing ${message:-its debugfs files are still there}"
	echo "ok 2 unloading_leaks_no_memory # SKIP the module is still loaded"
	return 1
}

mkdir -p $group
echo "TAP version 13"
echo "1..$(($(wc -l <list) + 2))"
setup_swap || echo "# zram swap cannot be set up on this kernel: tests that need swap will skip"
while read -r name; do
	number=$((number + 1))
	echo "# selftests: rmapscope: $name"
	run_one "$name"
done <list
run_part leaks leaks_before
run_part unload unload
[ $status = 0 ]
