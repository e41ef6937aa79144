# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What reports cost, in instructions, which the guest's clock counts. The kernel's command line says
# for how many processes that map the page.

# shellcheck source=selftests/vm/guest/setting.sh
. /rmapscope/vm/setting.sh
# shellcheck source=selftests/vm/guest/parts.sh
. /rmapscope/vm/parts.sh

# shellcheck disable=SC2317	# called by run_part
cost()
{
	# First, as later the free frames are scattered.
	# shellcheck disable=SC2046	# a list of numbers
	./share_cost >/tmp/costs &&
		./report_cost $(setting vm.mappers | tr , ' ') >>/tmp/costs &&
		./scan_cost >>/tmp/costs &&
		awk -v kernel="$(uname -r)" -f compare.awk costs.list /tmp/costs
}

cd /rmapscope/bench || exit 1
for module in *.ko; do
	insmod "./$module" || exit 1
done
echo "TAP version 13"
echo "1..1"
run_part cost cost
exit "$status"
