# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# Load of all kinds for MINUTES, with readers of every file and a process that unloads and loads
# the module.

# Little memory, because every frame is compared.
MODE_MEMORY=1G
MODE_NODES=2

mode_fill()
{
	install -D -t "$1/rmapscope/selftests" "$BUILD/selftests/stress"
}

# Booting and the last comparison come on top of the load.
mode_time_limit()
{
	echo $((${MINUTES:-5} * 60 + 900 * SLOWNESS))
}

# movablecore: some blocks of memory must be removable.
mode_settings()
{
	echo "movablecore=25% vm.minutes=${MINUTES:-5} ${SEED:+vm.seed=$SEED}"
}
