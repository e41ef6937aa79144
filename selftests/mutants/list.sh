# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Reads lists of faults, and applies them. Sourced after common.sh.

# mutant_names LIST: prints the names of its faults.
mutant_names()
{
	sed -n 's/^mutant //p' "$1"
}

# read_mutant LIST NAME: sets MUTANT_FILE, MUTANT_TESTS, MUTANT_OLD and MUTANT_NEW.
read_mutant()
{
	local line in='' ours=''

	MUTANT_FILE='' MUTANT_TESTS='' MUTANT_OLD='' MUTANT_NEW=''
	while IFS= read -r line; do
		case $in:$line in
		:"mutant $2") ours=y ;;
		:"mutant "*) ours= ;;
		:"file "*) [ ! "$ours" ] || MUTANT_FILE=${line#file } ;;
		:"tests "*) [ ! "$ours" ] || MUTANT_TESTS=${line#tests } ;;
		:old) in=old ;;
		old:new) in=new ;;
		new:end) in= ;;
		old:*) [ ! "$ours" ] || MUTANT_OLD+=$line$'\n' ;;
		new:*) [ ! "$ours" ] || MUTANT_NEW+=$line$'\n' ;;
		:"" | :"#"*) ;;
		*) die "$1: unknown line '$line'" ;;
		esac
	done <"$1"
	if [ -z "$MUTANT_FILE" ] || [ -z "$MUTANT_TESTS" ] || [ -z "$MUTANT_OLD" ]; then
		die "$1: mutant $2 has no file, tests or old text"
	fi
}

# edit_file FILE OLD NEW: replaces whole lines, which must be in the file exactly once. If it fails,
# EDIT_PROBLEM is the reason.
# shellcheck disable=SC2034	# the scripts that source this file use it
edit_file()
{
	local text before

	EDIT_PROBLEM='no such file'
	[ -e "$1" ] || return 1
	text=$'\n'$(cat "$1")$'\n'
	before=${text%%$'\n'"$2"*}
	EDIT_PROBLEM='the old text is not there'
	[ "$before" != "$text" ] || return 1
	text=${text#*$'\n'"$2"}
	EDIT_PROBLEM='the old text is there more than once'
	[[ $'\n'$text != *$'\n'"$2"* ]] || return 1
	before=${before#$'\n'}
	printf '%s' "${before:+$before$'\n'}$3$text" >"$1"
}
