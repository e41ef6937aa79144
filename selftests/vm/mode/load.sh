# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# The second boot of mode bench, whose clock is real time.

# shellcheck source=selftests/vm/mode/bench.sh
. "$VM/mode/bench.sh"

MODE_GUEST=load
MODE_ICOUNT=
