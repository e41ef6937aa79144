# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs each of the kernel's own tests of its memory management alone, and then with onlookers. Its
# result must be the same, and the reports of the onlookers must agree with the pagemaps.

# shellcheck source=selftests/vm/guest/swap.sh
. /rmapscope/vm/swap.sh

self=/rmapscope/vm/mm.sh
group=/sys/fs/cgroup/mm
work=/tmp/mm
limit_alone=120
limit_watched=600
limit_uncompared=60
status=0

# mm.sh run LIMIT PROGRAM [ARGUMENT...]: runs it in the control group, which can be killed as a
# whole.
if [ "${1:-}" = run ]; then
	limit=$2 program=$3
	shift 3
	echo 0 >$group/cgroup.procs
	cd /rmapscope/mm || exit 1
	exec timeout -k 5 "$limit" "./$program" "$@" </dev/null
fi

# run NAME COMMAND...: leaves NAME.out, NAME.seconds and NAME.result. The result is the exit status
# and the outcome of each single test. Numbers in it are replaced, because some are measurements.
run()
{
	name=$work/$1
	shift
	start=$(date +%s)
	"$@" >"$name.out" 2>&1
	code=$?
	echo 1 >$group/cgroup.kill
	echo $(($(date +%s) - start)) >"$name.seconds"
	{
		echo "exit $code"
		grep -aE '^[# ]*(not )?ok |\.\.\. (done|failed|skipped)' "$name.out" | sed 's/[0-9][0-9.]*/N/g' | sort
	} >"$name.result"
}

timed_out()
{
	# Exit statuses that mean that timeout has ended the program.
	grep -qxE 'exit (124|137|143)' $work/alone.result
}

# shellcheck disable=SC2086	# a program and its arguments
run_both()
{
	# If the result isn't compared, the program doesn't have to run alone, nor to its end.
	if [ "$compared" = no ]; then
		run watched onlooker $work/seen sh $self run $limit_uncompared $1
		return
	fi
	run alone sh $self run $limit_alone $1
	cp $work/alone.result "$work/alone.result.$2"
	if timed_out; then
		run watched onlooker $work/seen sh $self run $limit_uncompared $1
	else
		run watched onlooker $work/seen sh $self run $limit_watched $1
	fi
}

# Whether the result is one that the test had alone, in this try or an earlier one.
same()
{
	for result in "$work"/alone.result.*; do
		cmp -s $work/watched.result "$result" && return
	done
	return 1
}

# Prints each line that only one of the results has, and how often.
differences()
{
	diff -U 0 $work/alone.result $work/watched.result | sed '1,3d' | sort | uniq -c |
		head -n 20 | sed 's/^/# /'
}

say_how()
{
	[ -e "$work/$1.result" ] || return
	echo "# $1: $(head -n 1 "$work/$1.result"), $(cat "$work/$1.seconds") s," \
		"$(grep -c '^[# ]*ok' "$work/$1.result") ok," \
		"$(grep -c '^[# ]*not ok' "$work/$1.result") not ok"
	grep -qx 'exit 0' "$work/$1.result" || tail -n 3 "$work/$1.out" | sed 's/^/# > /'
}

judge_result()
{
	if [ "$compared" = no ]; then
		echo "ok 1 result_is_as_alone # SKIP onlookers make it fail"
		return
	fi
	if timed_out; then
		echo "ok 1 result_is_as_alone # SKIP not done in $limit_alone seconds alone"
		return
	fi
	if grep -qx 'exit 4' $work/alone.result; then
		echo "ok 1 result_is_as_alone # SKIP the test skips itself"
		return
	fi
	if same; then
		echo "ok 1 result_is_as_alone"
		return
	fi
	tail -n 20 $work/watched.out | sed 's/^/# > /'
	echo "not ok 1 result_is_as_alone"
	return 1
}

judge_seen()
{
	sed 's/^/# /' $work/seen
	if [ "$(tail -n 1 $work/seen)" = ok ] && ! grep -qx 'not ok' $work/seen; then
		echo "ok 2 what_is_seen_agrees_with_pagemaps"
		return
	fi
	echo "not ok 2 what_is_seen_agrees_with_pagemaps"
	return 1
}

# Tries several times if the results differ, because some tests depend on time or chance.
run_test()
{
	echo "1..2"
	rm -rf $work
	mkdir -p $work
	for try in 1 2 3 4; do
		run_both "$1" $try
		if [ "$compared" = no ] || timed_out || same; then
			break
		fi
		echo "# the result differs, try $try:"
		differences
	done
	say_how alone
	say_how watched
	judge_result
	result=$?
	judge_seen && return $result
}

mkdir -p $group
echo "TAP version 13"
echo "1..$(wc -l </rmapscope/mm/list)"
setup_swap || echo "# zram swap cannot be set up on this kernel"
number=0
while read -r pages test; do
	number=$((number + 1))
	compared=yes
	case $test in
	\~*)
		compared=no
		test=${test#\~}
		;;
	esac
	echo "# selftests: mm: $test"
	echo "$pages" >/proc/sys/vm/nr_hugepages
	{
		run_test "$test"
		echo $? >/tmp/status
	} | awk '{ print "# " $0; fflush() }'
	read -r code </tmp/status
	if [ "$code" = 0 ]; then
		echo "ok $number selftests: mm: $test"
	else
		echo "not ok $number selftests: mm: $test"
		status=1
	fi
done </rmapscope/mm/list
exit $status
