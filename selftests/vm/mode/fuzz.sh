# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# INPUTS calls of the debugfs files, with valid and with malformed input.

mode_fill()
{
	install -D -t "$1/rmapscope/selftests" "$BUILD/selftests/fuzz"
}

mode_time_limit()
{
	echo $((600 + ${INPUTS:-1000000} * SLOWNESS / 1000))
}

mode_settings()
{
	echo "vm.inputs=${INPUTS:-1000000} ${SEED:+vm.seed=$SEED}"
}
