#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# detectors.sh NAME: commits a deliberate fault of each kind on a debugging kernel. Checks that the
# kernel reports each, and that console.sh takes the report for a problem. Prints KTAP.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"
. "$VM/console.sh"

# The order matters: lockdep turns itself off after its first report, and when a process dies.
TOGETHER=(rcu sleep shift index object list refcount interval_tree leak lock_order
	use_after_free out_of_bounds vmalloc_out_of_bounds stack_out_of_bounds page_table page_flag)

# expected FAULT: a pattern that the report must match.
expected()
{
	case $1 in
	warning) echo 'Kernel panic.*panic_on_warn' ;;
	lock_order) echo 'possible circular locking dependency' ;;
	held_lock) echo 'lock held when returning to user space' ;;
	sleep) echo 'sleeping function called from invalid context' ;;
	rcu) echo 'suspicious RCU usage' ;;
	race) echo 'KCSAN: data-race in .*race_along \[faults\]' ;;
	use_after_free) echo 'KASAN: .*use-after-free' ;;
	out_of_bounds) echo 'KASAN: slab-out-of-bounds' ;;
	vmalloc_out_of_bounds) echo 'KASAN: vmalloc-out-of-bounds' ;;
	stack_out_of_bounds) echo 'KASAN: stack-out-of-bounds' ;;
	shift) echo 'UBSAN: shift-out-of-bounds' ;;
	index) echo 'UBSAN: array-index-out-of-bounds' ;;
	leak) echo 'kmemleak: [0-9]+ new suspected memory leaks' ;;
	object) echo 'ODEBUG: init active' ;;
	list) echo 'list_add corruption' ;;
	refcount) echo 'refcount_t: addition on 0' ;;
	page_flag) echo 'page dumped because: VM_BUG_ON' ;;
	page_table) echo 'BUG at .*page_table_check' ;;
	interval_tree) echo 'WARNING: .*tree_verify' ;;
	esac
}

# commit SETTINGS FAULT...: boots, and leaves the kernel's report of each fault in $SAID/FAULT.
commit()
{
	local settings=$1 faults
	shift

	faults=$*
	FAULT_SETTINGS="$settings vm.faults=${faults// /,}" \
		"$VM/run-vm.sh" "$KERNEL" detectors >"$SAID/all" 2>"$SAID/why" || true
	awk -v to="$SAID" '/^fault / { file = to "/" $2; next } file { print > file }' "$SAID/all"
	# A fault that ends the machine is alone in its boot. Its report is only on the console.
	[ $# -gt 1 ] || cp "$BUILD/$KERNEL/console.log" "$SAID/$1"
}

judge()
{
	local fault number=0

	echo "# 1..$#"
	for fault in "$@"; do
		number=$((number + 1))
		if [ -e "$SAID/$fault" ] &&
			console_problems "$SAID/$fault" | grep -aqE "$(expected "$fault")"; then
			echo "# ok $number $fault"
			continue
		fi
		STATUS=1
		[ ! -e "$SAID/$fault" ] || head -n 5 "$SAID/$fault" | sed 's/^/# # /'
		echo "# # expected: $(expected "$fault")"
		echo "# not ok $number $fault"
	done
}

KERNEL=$1 STATUS=0
load_kernel "$KERNEL" || die "$KERNEL: fetch the kernel first, with $VM/get-kernel.sh"
SAID=$BUILD/$KERNEL/said
rm -rf "$SAID"
mkdir -p "$SAID"

echo "TAP version 13"
echo "1..1"
echo "# selftests: detectors: $KERNEL"
case $(kernel_kind "$KERNEL") in
debug)
	commit "panic_on_warn=0 kasan_multi_shot" "${TOGETHER[@]}"
	commit "panic_on_warn=0" held_lock
	commit "panic_on_warn=1" warning
	judge "${TOGETHER[@]}" held_lock warning
	;;
kcsan)
	commit "panic_on_warn=0" race
	judge race
	;;
*) die "$KERNEL is no debugging kernel; choose from: $DEBUG_KERNELS 7.3-kcsan" ;;
esac
[ $STATUS = 0 ] || tail -n 5 "$SAID/why" | sed 's/^/# /'
[ $STATUS = 0 ] && echo "ok 1 selftests: detectors: $KERNEL" || echo "not ok 1 selftests: detectors: $KERNEL"
exit $STATUS
