# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Read by the scripts that need swap.

# With compressed memory for a device.
setup_swap()
{
	while read -r file; do
		insmod "$file" || return 1
	done </kernel/list
	echo 256M >/sys/block/zram0/disksize && mkswap /dev/zram0 >/dev/null && swapon /dev/zram0
}
