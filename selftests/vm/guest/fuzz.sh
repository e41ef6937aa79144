# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Calls the files with valid and malformed input, as often as the kernel's command line says.

# shellcheck source=selftests/vm/guest/setting.sh
. /rmapscope/vm/setting.sh
# shellcheck source=selftests/vm/guest/swap.sh
. /rmapscope/vm/swap.sh
# shellcheck source=selftests/vm/guest/parts.sh
. /rmapscope/vm/parts.sh

cd /rmapscope/selftests || exit 1
RMAPSCOPE_FUZZ_INPUTS=$(setting vm.inputs)
RMAPSCOPE_SEED=$(setting vm.seed)
export RMAPSCOPE_FUZZ_INPUTS RMAPSCOPE_SEED
echo "TAP version 13"
echo "1..2"
setup_swap || echo "# zram swap cannot be set up on this kernel: nothing will be swapped out"
number=1
if ./fuzz 2>&1 4>&- | awk '{ print "# " $0; fflush() } /^not ok/ { bad = 1 } /^ok/ { good = 1 } END { exit bad || !good }'; then
	echo "ok 1 selftests: rmapscope: fuzz"
else
	echo "not ok 1 selftests: rmapscope: fuzz"
	status=1
fi
run_part leaks leaks_before
rmmod rmapscope || status=1
exit $status
