# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# Deliberate faults on debugging kernels, each of which the kernel must report.

MODE_KERNELS=$DEBUG_KERNELS
MODE_MODULE=
MODE_MUST_EXIT_0=y

mode_build()
{
	"$VM/build-module.sh" "$1" faults faults
}

mode_fill()
{
	cp "$DIR/faults/selftests/faults/faults.ko" "$1/rmapscope/"
}

mode_time_limit()
{
	echo $((120 * SLOWNESS))
}

# What the kernel does about a fault depends on the fault: detectors.sh sets it for each boot.
mode_problem_settings()
{
	echo "watchdog_thresh=60 ${FAULT_SETTINGS:-}"
}

mode_run()
{
	"$VM/detectors.sh" "$1"
}
