#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh: puts one fault at a time into a copy of the tree, runs the programs that should notice it
# on one kernel, and shows which test did. A fault that no test notices counts as a failure. So does
# a fault whose old lines aren't in the code any more. The faults are in the lists beside this
# script. Documentation/testing.rst describes their format, and the variables MUTANTS, JOBS, TESTS
# and UNCHANGED. Two more are for special runs:
#   LISTS=DIR     takes the lists from another folder
#   UNDER="nice"  runs builds and boots under this command

. "$(dirname "$0")/../vm/common.sh"
# shellcheck source=selftests/vm/kernels.sh
. "$VM/kernels.sh"
. "$(dirname "$0")/list.sh"

LISTS=${LISTS:-$ROOT/selftests/mutants}
COPIES=$BUILD/mutants
KERNEL=${KERNELS:-6.1}
KERNEL=${KERNEL%% *}
UNDER=${UNDER:-}
# Some faults make a test hang.
export VM_TIMEOUT=${VM_TIMEOUT:-900}

# wanted NAME: whether MUTANTS names it or its list, or has a pattern that it matches.
wanted()
{
	local pattern

	[ "${MUTANTS:-}" ] || return 0
	for pattern in $MUTANTS; do
		# shellcheck disable=SC2053	# a pattern on purpose
		[[ $1 == $pattern || $1 == $pattern/* ]] && return
	done
	return 1
}

# sync_copy DIR: makes it a copy of the work tree, without the files that git ignores. An unchanged
# file keeps its date, so that it isn't built again.
sync_copy()
{
	local copy=$1 file

	mkdir -p "$copy"
	(cd "$ROOT" && git ls-files -z --cached --others --exclude-standard) |
		sort -zu >"$copy.files"
	if [ -e "$copy/files" ]; then
		comm -z -13 "$copy.files" "$copy/files" | (cd "$copy" && xargs -0r rm -f --)
	fi
	mv "$copy.files" "$copy/files"
	while IFS= read -r -d '' file; do
		[ -e "$ROOT/$file" ] || continue
		cmp -s "$ROOT/$file" "$copy/$file" && continue
		mkdir -p "$copy/$(dirname "$file")"
		cp "$ROOT/$file" "$copy/$file"
		chmod --reference="$ROOT/$file" "$copy/$file"
	done <"$copy/files"
}

# run_programs COPY PROGRAMS: runs them. Sets RESULT to caught, survived, skipped or broken, and
# DETAILS to the first failure.
run_programs()
{
	local copy=$1 ktap=$1/build/$KERNEL/ktap status=0

	rm -f "$ktap" "$copy/build/$KERNEL/wrong"
	(
		unset MAKEFLAGS MFLAGS MAKELEVEL
		# shellcheck disable=SC2086	# a command and its arguments
		KERNELS=$KERNEL TESTS=$2 $UNDER "$copy/selftests/vm/check.sh"
	) >"$copy.log" 2>&1 </dev/null || status=$?
	if [ ! -s "$ktap" ]; then
		RESULT=broken DETAILS='does not build'
	elif [ $status = 0 ] && any_passed "$ktap"; then
		RESULT=survived DETAILS=
	elif [ $status = 0 ]; then
		RESULT=skipped DETAILS='its programs skip all their tests on this kernel'
	else
		RESULT=caught DETAILS=$(first_failure "$ktap")
		DETAILS=${DETAILS:-$(grep . "$copy/build/$KERNEL/wrong" || echo 'see the log')}
	fi
}

# any_passed KTAP: whether a test of the programs has passed. The search for leftovers and leaks,
# which runs in any case, doesn't count.
any_passed()
{
	awk '/^# selftests: / { program = $NF }
	     /^# ok / && !/# SKIP/ && program !~ /^(leftovers|leaks|unload)$/ { found = 1 }
	     END { exit !found }' "$1"
}

# first_failure KTAP: the program and test that failed first, and how many more failed.
first_failure()
{
	awk '/^# selftests: / { program = $NF }
	     /^# not ok / { $1 = $2 = $3 = $4 = ""; sub(/^ +/, ""); sub(/ *#.*/, ""); found[++nr] = program ": " $0 }
	     /^not ok / && !nr { sub(/.*rmapscope: /, ""); found[++nr] = $0 }
	     END { if (nr) print found[1] (nr > 1 ? " (and " nr - 1 " more)" : "") }' "$1"
}

# say_result NAME COPY-NUMBER: prints a line of the table, and keeps the result for the total. Keeps
# the log if the fault wasn't caught.
say_result()
{
	printf '%-9s %-44s %s\n' "$RESULT" "$1" "$DETAILS"
	printf '%s %s\n' "$RESULT" "$1" >>"$COPIES/results"
	[ "$RESULT" = caught ] || [ ! -e "$COPIES/$2.log" ] || cp "$COPIES/$2.log" "$COPIES/${1//\//.}.log"
}

# try_mutant COPY-NUMBER NAME: tries the fault that read_mutant() has read.
try_mutant()
{
	local copy=$COPIES/$1 start=$EPOCHREALTIME

	rm -f "$copy.log"
	if ! edit_file "$copy/$MUTANT_FILE" "$MUTANT_OLD" "$MUTANT_NEW"; then
		RESULT=stale DETAILS="$EDIT_PROBLEM: $MUTANT_FILE"
	else
		run_programs "$copy" "${TESTS:-$MUTANT_TESTS}"
		cp "$ROOT/$MUTANT_FILE" "$copy/$MUTANT_FILE"
		DETAILS+=" [$(seconds_since "$start") s]"
	fi
	say_result "$2" "$1"
}

# work JOB: tries every JOBS-th fault, in a copy of its own.
work()
{
	local job=$1 i name

	sync_copy "$COPIES/$job"
	for ((i = job; i < ${#NAMES[@]}; i += JOBS)); do
		name=${NAMES[i]}
		read_mutant "$LISTS/${name%%/*}.list" "${name#*/}"
		try_mutant "$job" "$name"
	done
}

# Without a fault, the programs of all these faults must pass. Otherwise a failure with a fault
# means nothing.
check_without()
{
	local name programs=

	for name in "${NAMES[@]}"; do
		read_mutant "$LISTS/${name%%/*}.list" "${name#*/}"
		programs+=" ${TESTS:-$MUTANT_TESTS}"
	done
	programs=$(xargs -n 1 <<<"$programs" | sort -u | xargs)
	sync_copy "$COPIES/0"
	run_programs "$COPIES/0" "$programs"
	[ "$RESULT" = survived ] && return
	tail -n 40 "$COPIES/0.log" >&2
	die "without any fault: ${DETAILS:-$RESULT}, see $COPIES/0.log"
}

count()
{
	grep -cE "^($1) " "$COPIES/results" || true
}

JOBS=${JOBS:-1}
need_known_kernel "$KERNEL"
lock_build mutants
NAMES=()
for list in "$LISTS"/*.list; do
	while read -r name; do
		name=$(basename "$list" .list)/$name
		! wanted "$name" || NAMES+=("$name")
	done < <(mutant_names "$list")
done
[ ${#NAMES[@]} -gt 0 ] || die "MUTANTS: no fault matches '${MUTANTS:-}'; the lists are in $LISTS"
: >"$COPIES/results"
if [ "${UNCHANGED:-yes}" = yes ]; then
	step "without a fault" check_without
fi
for ((job = 0; job < JOBS; job++)); do
	work "$job" &
done
wait
flock -u 5
echo
grep -v '^caught ' "$COPIES/results" || true
echo "$(count caught) passed, $(count 'survived|stale|broken') failed, $(count skipped) skipped"
[ "$(count 'survived|stale|broken')" = 0 ]
