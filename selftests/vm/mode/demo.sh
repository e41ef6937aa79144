# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# The demonstration, on one kernel.

MODE_KERNELS=6.1
MODE_ONE_KERNEL=y
MODE_PACKAGES=(vm)
MODE_TERMINAL=output
MODE_MUST_EXIT_0=y

mode_time_limit()
{
	echo $((120 * SLOWNESS))
}
