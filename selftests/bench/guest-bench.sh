#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
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

compare() {
	report=$(look "$1" "$2") || exit 1
	pfn=$(value pfn "$(echo "$report" | grep '^page ')")
	# Once to warm up, once to count.
	for _ in 1 2; do
		echo "$pfn" > $bare || exit 1
		yard=$(cat $bare)
		walk=$(look "$1" "$2" | grep '^walk ')
	done
	ns=$(value ns "$walk")
	yard_ns=$(value ns "$yard")
	printf '%8s %8s %12s %12s %12s %12s %7s\n' \
		"$(value visited "$walk")" "$(value mapped "$walk")" \
		"$(value empty_ns "$yard")" "$yard_ns" "$ns" "$(value lock_ns "$walk")" \
		"$(awk "BEGIN { printf \"%.3f\", $ns / $yard_ns }")"
}

if [ $# -eq 2 ]; then
	compare "$1" "$2"
	exit
fi

printf '%8s %8s %12s %12s %12s %12s %7s\n' \
	visited mapped empty_ns bare_ns rmapscope_ns lock_ns ratio
for n in 1 10 100 1000 5000; do
	writers=$((n / 10))
	if [ $writers -eq 0 ]; then
		rmap-exercise fork --children $n -q -- "$0" '{pid}' '{va}'
	else
		rmap-exercise cow-child --children $n --writers $writers -q -- "$0" '{pid}' '{va}'
	fi || exit 1
done
