# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# A prompt in the test machine, or commands from a pipe, on one kernel and without a time limit.

MODE_KERNELS=6.1
MODE_ONE_KERNEL=y
MODE_PACKAGES=(vm)
MODE_TERMINAL=input

mode_time_limit()
{
	echo 0
}
