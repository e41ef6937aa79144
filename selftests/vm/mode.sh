# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A mode is one way to use the test machine: run the tests, run the fuzzer, show the demo, and so
# on. Each has a file mode/NAME.sh, which sets what differs from mode/default.sh. Sourced after
# common.sh and kernels.sh.

# known_modes: the names of all modes.
known_modes()
{
	local file

	for file in "$VM"/mode/*.sh; do
		file=${file##*/}
		[ "$file" = default.sh ] || echo "${file%.sh}"
	done
}

# load_mode NAME: sets MODE, the MODE_* variables and the mode_* functions.
load_mode()
{
	local known

	known=$(known_modes | xargs)
	[[ " $known " = *" $1 "* ]] || die "no mode '$1'; choose from: $known"
	MODE=$1
	# shellcheck source=selftests/vm/mode/default.sh
	. "$VM/mode/default.sh"
	# shellcheck source=/dev/null
	. "$VM/mode/$1.sh"
}
