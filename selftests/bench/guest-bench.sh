#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs in the guest, whose clock counts instructions. Compares rmapscope's walk, with complete
# records, with the kernel's bare walk of the same page, for several numbers of sharers. A tenth of
# the children have written to the page, so their VMAs are visited for nothing.
#
#   guest-bench.sh            all numbers of sharers
#   guest-bench.sh PID VA     one comparison; rmap-exercise calls it

page=/sys/kernel/debug/rmapscope/page
bare=/sys/kernel/debug/bare_walk

# value KEY TEXT: prints the value of KEY= in TEXT.
value() {
	echo "$2" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

# report PID VA: prints the report on a page.
report() {
	echo "pid=$1 va=$2" > $page && cat $page
}

# min A B: prints the smaller number; A may be empty.
min() {
	if [ -z "$1" ] || [ "$2" -lt "$1" ]; then echo "$2"; else echo "$1"; fi
}

# Runs both walks several times, in turn, and takes the smallest result of each, because the guest
# does other work as well.
compare() {
	ns='' bare_ns=''
	text=$(report "$1" "$2") || exit 1
	pfn=$(value pfn "$(echo "$text" | grep '^page ')")
	for _ in 1 2 3 4 5; do
		echo "$pfn" > $bare || exit 1
		bare_text=$(cat $bare)
		bare_ns=$(min "$bare_ns" "$(value ns "$bare_text")")
		walk=$(report "$1" "$2" | grep '^walk ')
		ns=$(min "$ns" "$(value ns "$walk")")
	done
	printf '%8s %8s %12s %12s %12s %7s\n' \
		"$(value visited "$walk")" "$(value mapped "$walk")" \
		"$(value empty_ns "$bare_text")" "$bare_ns" "$ns" \
		"$(awk "BEGIN { printf \"%.3f\", $ns / $bare_ns }")"
}

if [ $# -eq 2 ]; then
	compare "$1" "$2"
	exit
fi

printf '%8s %8s %12s %12s %12s %7s\n' visited mapped empty_ns bare_ns rmapscope_ns ratio
for n in 1 10 100 1000 5000; do
	writers=$((n / 10))
	if [ $writers -eq 0 ]; then
		rmap-exercise fork --children $n -q -- "$0" '{pid}' '{va}'
	else
		rmap-exercise cow-child --children $n --writers $writers -q -- "$0" '{pid}' '{va}'
	fi || exit 1
done
