#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run-vm.sh NAME MODE: boots build/NAME/initramfs on a kernel of the cache and runs a mode in it.
# The guest's second serial port is this script's input and output. Exits with the status of the
# guest, or with 3 if the guest ended without giving one or if its kernel complained.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"
. "$VM/console.sh"
. "$VM/mode.sh"

# On some hosts /dev/kvm can be opened although the processor can't run guests. They hang then.
kvm_usable()
{
	[ "${VM_ACCEL:-kvm}" = kvm ] &&
		grep -Eq '^flags.* (vmx|svm)( |$)' /proc/cpuinfo &&
		{ : <>/dev/kvm; } 2>/dev/null
}

# cx16=off: with cmpxchg16b, QEMU 7.2 sometimes breaks Linux 6.12 during its boot.
accelerator()
{
	case $1 in
	kvm) echo -accel kvm -cpu host -smp "$MODE_PROCESSORS" ;;
	tcg) echo -accel tcg -cpu max,cx16=off -smp "$MODE_PROCESSORS" ;;
	count) echo -accel tcg -cpu max,cx16=off -icount shift=0,sleep=off -smp 1 ;;
	esac
}

# Ends a guest whose first process doesn't start within BOOT_LIMIT, which is much shorter than the
# time limit of the mode.
watch_boot()
{
	local word=

	read -r -t "$BOOT_LIMIT" word <&8 || true
	if [ "$word" = up ]; then
		: >"$DIR/up"
		return
	fi
	kill "$(cat "$DIR/qemu.pid")" 2>/dev/null || true
	return 1
}

# Passes commands from a pipe on, once the guest reads them. Then sends ^D, several times in case
# the last command reads its input to the end as well.
feed_commands()
{
	local line

	watch_boot || return
	while IFS= read -r line <&7 || [ -n "$line" ]; do
		printf '%s\n' "$line"
	done
	printf '\004\004\004'
}

# QEMU makes its input non-blocking, for all processes that share the open file. So a terminal is
# opened anew.
open_input()
{
	if [ "$MODE_TERMINAL" = input ] && [ ! -t 7 ]; then
		exec 6< <(feed_commands)
	else
		if [ "$MODE_TERMINAL" = input ]; then
			exec 6</dev/tty
		else
			exec 6</dev/null
		fi
		watch_boot &
	fi
	WATCHER=$!
}

# If there is a terminal at this end, the guest makes its port a terminal of the same size.
terminal_size()
{
	local terminal size

	case $MODE_TERMINAL in
	input) terminal=7 ;;
	output) terminal=9 ;;
	*) return ;;
	esac
	if [ -t $terminal ]; then
		size=$(stty size <&$terminal)
		echo "vm.rows=${size% *} vm.cols=${size#* }"
	fi
}

# Part of the memory of a debugging kernel goes to its detectors.
memory()
{
	case $KIND in
	debug) echo "${VM_MEM:-${MODE_MEMORY:-4G}}" ;;
	*) echo "${VM_MEM:-${MODE_MEMORY:-3G}}" ;;
	esac
}

# The nodes that MODE_NODES asks for.
memory_nodes()
{
	local total second=128

	[ "$MODE_NODES" -ge 2 ] || return 0
	total=$(($(numfmt --from=iec "$(memory)") >> 20))
	echo "-object memory-backend-ram,id=node0,size=$((total - second))M -numa node,cpus=0-$((MODE_PROCESSORS - 1)),memdev=node0"
	echo "-object memory-backend-ram,id=node1,size=${second}M -numa node,memdev=node1"
	[ "$MODE_NODES" -ge 3 ] || return 0
	echo "-m ${total}M,slots=1,maxmem=$((total + 1024))M -numa node,nodeid=2"
	echo "-object memory-backend-ram,id=spare,size=128M -device pc-dimm,memdev=spare,node=2"
}

qemu()
{
	# shellcheck disable=SC2046	# lists of arguments
	timeout --foreground --kill-after=5 "$LIMIT" \
		qemu-system-x86_64 $(accelerator "$1") -m "$(memory)" $(memory_nodes) \
		-nodefaults -display none -no-reboot -pidfile "$DIR/qemu.pid" \
		-kernel "$KERNEL_IMAGE" -initrd "$DIR/initramfs" \
		-append "console=ttyS0 loglevel=7 panic=-1 random.trust_cpu=on secretmem.enable=1 numa_balancing=disable vm.mode=$MODE_GUEST vm.slowness=$SLOWNESS $(terminal_size) $(mode_settings) $(mode_problem_settings)" \
		-chardev "file,id=console,path=$DIR/console.log" -serial chardev:console \
		-chardev stdio,id=talk,signal=off -serial chardev:talk \
		-chardev "file,id=verdict,path=$DIR/verdict" -serial chardev:verdict
}

# The pid of the watcher may belong to another process by now.
end_watcher()
{
	if grep -qsx "PPid:[[:space:]]*$$" "/proc/$WATCHER/status"; then
		kill "$WATCHER" 2>/dev/null || true
	fi
	wait "$WATCHER" 2>/dev/null || true
}

# boot ACCELERATOR: runs the guest to its end. Sets QEMU_STATUS, the exit status of QEMU, and
# VERDICT, the last line on the port for the verdict. Creates $DIR/up once the first process runs.
boot()
{
	rm -f "$DIR"/{verdict,up,qemu.pid,console.log}
	mkfifo "$DIR/verdict"
	# Opened for reading and writing, so that neither open(2) waits for the other end.
	exec 8<>"$DIR/verdict"
	open_input
	QEMU_STATUS=0
	# QEMU makes its output non-blocking too, so it gets a pipe of its own.
	qemu "$1" <&6 | cat || QEMU_STATUS=${PIPESTATUS[0]}
	end_watcher
	VERDICT=
	read -r -t 1 VERDICT <&8 || true
	exec 6<&- 8<&-
	rm -f "$DIR"/{verdict,qemu.pid}
}

# Prints what went wrong, or nothing.
diagnosis()
{
	if [ ! -e "$DIR/up" ]; then
		echo "the guest did not boot (status of QEMU: $QEMU_STATUS, limit: $BOOT_LIMIT s)"
	elif [ "$QEMU_STATUS" = 124 ] || [ "$QEMU_STATUS" = 137 ]; then
		echo "the guest was not done after $LIMIT s; VM_TIMEOUT=SECONDS sets another limit"
	elif [[ $VERDICT != "done "* ]]; then
		echo "the guest ended without a verdict; its kernel may have crashed"
	elif console_problems "$DIR/console.log" >/dev/null; then
		echo "the guest's kernel complained: $(console_problems "$DIR/console.log" | head -n 1)"
	elif [ "$MODE_MUST_EXIT_0" ] && [ "$VERDICT" != "done 0" ]; then
		echo "the guest's $MODE failed with status ${VERDICT#done }"
	fi
}

NAME=$1 DIR=$BUILD/$1 LIMIT=${VM_TIMEOUT:-}
load_kernel "$NAME" || die "$NAME: fetch the kernel first, with $VM/get-kernel.sh"
load_mode "$2"
KIND=$(kernel_kind "$NAME")
SLOWNESS=$(kernel_slowness "$NAME")
BOOT_LIMIT=$((120 * SLOWNESS))
LIMIT=${LIMIT:-$(mode_time_limit)}
exec 7<&0 9>&1
if [ "$MODE_TERMINAL" = input ] && [ -t 0 ]; then
	TERMINAL=$(stty -g)
	trap 'stty "$TERMINAL" <&7' EXIT
fi

if [ "$MODE_ICOUNT" ]; then
	boot count
elif kvm_usable; then
	boot kvm
	if [ ! -e "$DIR/up" ]; then
		say "$NAME: the guest does not boot with /dev/kvm; trying without"
		boot tcg
	fi
else
	boot tcg
fi

# QEMU's emulation sometimes fails on code that the kernel patches during its boot. Nothing of
# rmapscope has run then, so a second try hides no fault of it.
if [ ! -e "$DIR/up" ]; then
	say "$NAME: the guest did not boot; trying once more"
	show_console "$DIR/console.log" | tail -n 3
	if [ "$MODE_ICOUNT" ]; then boot count; else boot tcg; fi
fi

WRONG=$(diagnosis)
echo "$WRONG" >"$DIR/wrong"
if [ -n "$WRONG" ]; then
	say "$NAME ($KERNEL_RELEASE): $WRONG"
	show_console "$DIR/console.log"
	exit 3
fi
exit "${VERDICT#done }"
