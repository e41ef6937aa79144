# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Read by the scripts that need swap.

# With compressed memory for a device.
setup_swap()
{
	# Tests that need a module which does not load skip, and say so.
	while read -r file; do
		insmod "$file" || echo "# $file does not load"
	done </kernel/list
	echo 256M >/sys/block/zram0/disksize && mkswap /dev/zram0 >/dev/null && swapon /dev/zram0
}
