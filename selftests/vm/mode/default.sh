# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# All settings of a mode, with the values that most modes have. Sourced by load_mode() before the
# file of the mode itself.

# --- Before the boot, on the host ---

# The test kernels, if KERNELS doesn't name any.
MODE_KERNELS=$KNOWN_KERNELS
# y: only the first of them, also if KERNELS names several.
MODE_ONE_KERNEL=
# Purposes that host-packages.sh installs packages for.
MODE_PACKAGES=(vm source)
# y: every kernel must first notice deliberate faults (mode detectors).
MODE_DETECT=

# mode_prepare: runs once, after set-up and before the first kernel.
mode_prepare()
{
	:
}

# mode_build NAME: builds for one kernel. On failure it may set WHY, for the summary.
mode_build()
{
	"$VM/build-module.sh" "$1" module module
}

# --- What the initramfs holds ---

# y: rmapscope.ko, which the guest loads before anything else.
MODE_MODULE=y
# Modules of the kernel that the guest loads when it sets up swap. zram looks for its compressor
# by name, and doesn't load it.
MODE_KERNEL_MODULES=(lzo-rle zram)
# More of them, each left out if the kernel doesn't have it.
MODE_OPTIONAL_MODULES=()

# mode_fill ROOT: adds files of the mode's own. Runs in make-initramfs.sh, with its functions.
mode_fill()
{
	:
}

# --- The virtual machine ---

# The script in guest/ that runs in it, without .sh.
MODE_GUEST=$MODE
MODE_PROCESSORS=2
# Memory, if VM_MEM doesn't set it. Empty: as much as the kernel needs.
MODE_MEMORY=
# NUMA nodes: 1; 2, of which the second is small and has no CPU; or 3, of which the third is one
# block of memory that stays offline until a test takes it into use.
MODE_NODES=1
# y: the guest's clock counts instructions (QEMU's icount), on a single processor.
MODE_ICOUNT=
# Which stream of run-vm.sh may be a terminal that the guest then uses: input, output or none.
# With input, the guest reads what run-vm.sh reads.
MODE_TERMINAL=

# mode_time_limit: seconds until the guest is killed, 0 for no limit.
mode_time_limit()
{
	echo $((3000 * SLOWNESS))
}

# mode_settings: words for the guest's kernel command line.
mode_settings()
{
	:
}

# mode_problem_settings: words for the kernel command line that set what the kernel does after a
# warning.
# The watchdogs get more time because a guest also stands still when its host is busy. A debugging
# kernel panics at the first complaint, so that its consequences aren't reported too. A data race
# is no reason to panic, as most are the kernel's own. On an emulated machine KCSAN has to watch
# many accesses, each for long, until another processor gets there.
mode_problem_settings()
{
	case $KIND in
	debug) echo "oops=panic panic_on_warn=1 watchdog_thresh=60" ;;
	kcsan) echo "oops=panic watchdog_thresh=60 kcsan.skip_watch=1000 kcsan.udelay_task=200" ;;
	*) echo "oops=panic watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=60" ;;
	esac
}

# --- The run ---

# mode_run NAME: boots what make-initramfs.sh has packed.
mode_run()
{
	"$VM/run-vm.sh" "$1" "$MODE"
}

# y: run-vm.sh reports it if the guest exits with a status other than 0. Without y, the output of
# the guest says what failed, as KTAP does.
MODE_MUST_EXIT_0=
