#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs in the guest, where the clock counts instructions: rmapscope's walk with complete
# records against the kernel's bare walk over the same page, by number of sharers.
# A tenth of the children have written to the page: their VMAs are visited in vain.
#
#   guest-bench.sh            all sizes
#   guest-bench.sh PID VA     one comparison; called back by rmap-exercise

page=/sys/kernel/debug/rmapscope/page
bare=/sys/kernel/debug/bare_walk

# value KEY TEXT: what follows KEY= in TEXT
value() {
	echo "$2" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

look() {
	echo "pid=$1 va=$2" > $page && cat $page
}

# The smaller of two numbers, the first of which may be missing yet.
min() {
	if [ -z "$1" ] || [ "$2" -lt "$1" ]; then echo "$2"; else echo "$1"; fi
}

# Each several times, in turn, and the least of each: the guest has its own business, too.
compare() {
	ns='' yard_ns=''
	report=$(look "$1" "$2") || exit 1
	pfn=$(value pfn "$(echo "$report" | grep '^page ')")
	for _ in 1 2 3 4 5; do
		echo "$pfn" > $bare || exit 1
		yard=$(cat $bare)
		yard_ns=$(min "$yard_ns" "$(value ns "$yard")")
		walk=$(look "$1" "$2" | grep '^walk ')
		ns=$(min "$ns" "$(value ns "$walk")")
	done
	printf '%8s %8s %12s %12s %12s %7s\n' \
		"$(value visited "$walk")" "$(value mapped "$walk")" \
		"$(value empty_ns "$yard")" "$yard_ns" "$ns" \
		"$(awk "BEGIN { printf \"%.3f\", $ns / $yard_ns }")"
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
