# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# The kselftests on kernels with KASAN, lockdep and other detectors.

# shellcheck source=selftests/vm/mode/check.sh
. "$VM/mode/check.sh"

MODE_KERNELS=$DEBUG_KERNELS
MODE_DETECT=y
