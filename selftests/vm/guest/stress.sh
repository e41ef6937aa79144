# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs a load of all kinds beside readers of the files, as long as the kernel's command line says.

# shellcheck source=selftests/vm/guest/setting.sh
. /rmapscope/vm/setting.sh
# shellcheck source=selftests/vm/guest/swap.sh
. /rmapscope/vm/swap.sh
# shellcheck source=selftests/vm/guest/parts.sh
. /rmapscope/vm/parts.sh

cd /rmapscope/selftests || exit 1
minutes=$(setting vm.minutes)
seed=$(setting vm.seed)
echo "TAP version 13"
echo "1..2"
setup_swap || echo "# zram swap cannot be set up on this kernel: nothing will be swapped out"
# Each of the many OOM kills would print a long list of all tasks.
echo 0 >/proc/sys/vm/oom_dump_tasks
echo "# selftests: rmapscope: stress"
{
	./stress -m "${minutes:-5}" ${seed:+-s "$seed"} </dev/null 2>&1 4>&-
	echo $? >/tmp/status
} | awk '{ print "# " $0; fflush() }'
read -r code </tmp/status
case $code in
0) echo "ok 1 selftests: rmapscope: stress" ;;
4) echo "ok 1 selftests: rmapscope: stress # SKIP" ;;
*) echo "not ok 1 selftests: rmapscope: stress # exit=$code" ;;
esac
number=1 status=$code
run_part leaks leaks_before
exit "$status"
