# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# The kselftests on Debian's real-time kernels.

# shellcheck source=selftests/vm/mode/check.sh
. "$VM/mode/check.sh"

MODE_KERNELS="6.1-rt 7.3-rt"
