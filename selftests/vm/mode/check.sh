# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# All kselftests of rmapscope, or those in TESTS, on Debian's kernels.

MODE_GUEST=tests
# Tests need these: three file systems, one of them in user space; disks in files; and a device that
# shares the memory of processes.
MODE_OPTIONAL_MODULES=(ext4 fuse loop overlay test_hmm)
MODE_NODES=3
# With less, mostly no gigantic page can be allocated: see why_contiguous.
MODE_MEMORY=4G

# Checks the names in TESTS and puts them into the order of the Makefile, because no other program
# can run after the last ones there. Adds the program that looks for leftovers of the others.
order_tests()
{
	local known name

	known=$("$VM/selftests.sh" list)
	for name in ${TESTS:-}; do
		grep -qx -- "$name" <<<"$known" ||
			die "TESTS: no test program '$name'; choose from: ${known//$'\n'/ }"
	done
	[ -z "${TESTS:-}" ] || TESTS=$(grep -xFf <(xargs -n 1 <<<"$TESTS leftovers") <<<"$known" | xargs)
}

mode_prepare()
{
	order_tests
}

copy_tests()
{
	local to=$1/rmapscope/selftests name

	mkdir -p "$to"
	for name in ${TESTS:-$("$VM/selftests.sh" list)}; do
		if [ -x "$BUILD/selftests/$name" ]; then
			cp "$BUILD/selftests/$name" "$to/"
		elif [ -x "$ROOT/selftests/$name" ]; then
			cp "$ROOT/selftests/$name" "$to/"
		else
			die "TESTS: no test program '$name'; there are: $("$VM/selftests.sh" list | tr '\n' ' ')"
		fi
		echo "$name" >>"$to/list"
	done
	cp "$ROOT/selftests/settings" "$to/"
	# The test "vocabulary" looks for the words of the reports in it.
	install -D -m 644 -t "$1/rmapscope/Documentation" "$ROOT/Documentation/interface.rst"
}

# Some tests make file systems. They skip where the kernel has no ext4.
copy_mkfs()
{
	local mkfs

	mkfs=$(PATH=$PATH:/usr/sbin:/sbin command -v mkfs.ext4) || die "no mkfs.ext4 here (e2fsprogs)"
	cp -L "$mkfs" "$1/bin/mkfs.ext4"
	copy_libraries "$1" "$1/bin/mkfs.ext4"
}

mode_fill()
{
	copy_tests "$1"
	copy_mkfs "$1"
}

# The memory block of the third node must stay offline.
mode_settings()
{
	echo "memhp_default_state=offline"
}
