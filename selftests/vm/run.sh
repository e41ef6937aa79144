#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh MODE: sets up, builds, and runs a mode that shows something (demo, shell, bench) on each
# kernel of KERNELS, or on the first one.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"
. "$VM/mode.sh"

run_on()
{
	local name=$1 start

	lock_build "$name"
	start=$EPOCHREALTIME
	mode_build "$name"
	say "building the module for $name: $(seconds_since "$start") s"
	"$VM/make-initramfs.sh" "$name" "$MODE"
	load_kernel "$name"
	say "booting $KERNEL_RELEASE"
	mode_run "$name"
}

load_mode "${1:?run.sh: which mode? demo, shell or bench}"
NAMES=${KERNELS:-$MODE_KERNELS}
[ -z "$MODE_ONE_KERNEL" ] || NAMES=${NAMES%% *}

# shellcheck disable=SC2086	# a list of names
"$VM/prepare.sh" "${MODE_PACKAGES[@]}" -- $NAMES
for name in $NAMES; do
	run_on "$name"
done
