# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Sourced by the scripts that need swap.

# Loads the kernel's modules in the list, and swaps to compressed memory (zram).
setup_swap()
{
	# Tests that need a missing module skip and give that as the reason.
	while read -r file; do
		insmod "$file" || echo "# $file does not load"
	done </kernel/list
	echo 256M >/sys/block/zram0/disksize && mkswap /dev/zram0 >/dev/null && swapon /dev/zram0
}
