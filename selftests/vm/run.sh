#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh demo|shell|bench: set-up, builds, and one boot for each kernel of KERNELS
# (demo and shell: the first one) that runs the mode.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"

run_on()
{
	local name=$1 mode=$2 extra='' start

	lock_build "$name"
	start=$EPOCHREALTIME
	"$VM/build-module.sh" "$name" module module
	if [ "$mode" = bench ]; then
		extra=bench
		"$VM/build-module.sh" "$name" bench bench
		gcc -O2 -Wall -o "$BUILD/$name/fork_load" "$ROOT/selftests/bench/fork_load.c"
	fi
	say "building the module for $name: $(seconds_since "$start") s"
	"$VM/make-initramfs.sh" "$name" $extra
	load_kernel "$name"
	say "booting $KERNEL_RELEASE"
	"$VM/run-vm.sh" "$name" "$mode"
	if [ "$mode" = bench ]; then
		"$VM/run-vm.sh" "$name" load
	fi
}

MODE=$1
case $MODE in
bench) NAMES=${KERNELS:-$KNOWN_KERNELS} ;;
demo | shell)
	NAMES=${KERNELS:-6.1}
	NAMES=${NAMES%% *}
	;;
*) die "$MODE: run what? demo, shell or bench" ;;
esac

# shellcheck disable=SC2086	# a list of names
"$VM/prepare.sh" vm -- $NAMES
for name in $NAMES; do
	run_on "$name" "$MODE"
done
