# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# The kselftests on a kernel that detects data races (KCSAN).

# shellcheck source=selftests/vm/mode/check.sh
. "$VM/mode/check.sh"

MODE_KERNELS=7.3-kcsan
MODE_DETECT=y
