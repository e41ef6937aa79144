#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tool-cost.sh [N]: what the tool's output costs for a page with N mappings (default 1,001), beside
# cat of the same report. Prints the instructions of each mapping, and all those of a report with
# one mapping. valgrind counts them, without those of the kernel. Neither the module nor a virtual
# machine is needed.
#
#   TOOL=PATH  another tool than the one in tools/rmapscope, such as an older build

. "$(dirname "$0")/../vm/common.sh"

N=${1:-1001}
TOOL=${TOOL:-$ROOT/tools/rmapscope/rmapscope}
TARGET=pfn=0x1a2b3

[[ $N =~ ^[1-9][0-9]+$ ]] || die "give a number of at least 10 mappings"
[ -x "$TOOL" ] || die "$TOOL is missing: make tools"
command -v valgrind >/dev/null || die "valgrind is missing: apt-get install valgrind"

DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

# report MAPPINGS: the report on a page that as many processes map. One in 50 has made a copy.
report()
{
	# The tool writes its target over these blanks, and reads on from there.
	printf '%*s' ${#TARGET} ''
	awk -v n="$1" 'BEGIN {
		print "rmapscope abi=1 kernel=6.1.0-40-amd64 file=page"
		print "page pfn=0x1a2b3 paddr=0x1a2b3000 kind=anon folio_pfn=0x1a2b3 folio_order=0",
			"index_in_folio=0 pgoff=0x7f12a44b0 mapcount=" n, "refcount=" n,
			"flags=0x5c0080014(uptodate|lru|swapbacked|node=0|zone=1)",
			"memcg=/ node=0 zone=DMA32"
		print "anon_vma id=av0 root=av0 parent=av0 depth=0 num_children=" n,
			"num_active_vmas=1 refcount=" n
		for (i = 0; i < n; i++) {
			copy = i % 50 == 49
			print "map state=" (copy ? "cowed" : "mapped"), "pid=" 1000 + i,
				"tgids=" 1000 + i, "comm=rmap-exercise va=0x7f12a44b0000",
				"vma=0x7f12a44b0000-0x7f12a44d1000 perms=rw-p",
				"vm_pgoff=0x7f12a44b0 level=pte pte=0x80000001a2b3865",
				"bits=present|accessed|user|dirty|soft_dirty|nx" \
				(copy ? " now_pfn=0x99" : ""), "anon_vma=av" i, "name=-"
		}
		print "walk visited=" n, "mapped=" n, "absent=0 pte_maps=" n, "skipped=0",
			"complete=1 truncated=0 raced=0 ns=456700 lock_ns=420000"
	}'
}

# instructions MAPPINGS COMMAND...
instructions()
{
	RMAPSCOPE_DEBUGFS=$DIR/$1 LC_ALL=C.UTF-8 valgrind --tool=callgrind \
		--callgrind-out-file=/dev/null "${@:2}" 2>&1 >/dev/null |
		awk '/Collected/ { print $NF }'
}

# row WHAT ARGUMENT...: a line of the table, for these arguments of "rmapscope page".
row()
{
	local what=$1 one many
	shift

	one=$(instructions 1 "$TOOL" page --pfn "${TARGET#*=}" "$@")
	many=$(instructions "$N" "$TOOL" page --pfn "${TARGET#*=}" "$@")
	print_row "$what" "$one" "$many"
}

print_row()
{
	printf '%-20s %12d %12d\n' "$1" $((($3 - $2) / (N - 1))) "$2"
}

for n in 1 "$N"; do
	mkdir "$DIR/$n"
	report "$n" >"$DIR/$n/page"
done

printf '%-20s %12s %12s\n' OUTPUT "EACH MAPPING" "ONE MAPPING"
print_row cat "$(instructions 1 cat "$DIR/1/page")" "$(instructions "$N" cat "$DIR/$N/page")"
row table
row "table, -o PID,VA" -o PID,VA
row "raw table (-r)" -r
row "JSON (-J)" -J
row "JSON, -o PID,VA" -J -o PID,VA
