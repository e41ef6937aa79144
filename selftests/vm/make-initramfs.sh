#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make-initramfs.sh NAME [tests|mm|stress|fuzz|bench]: packs build/NAME/initramfs: busybox, the
# module and the tools, with the tests, the kernel's own or the benchmarks if asked for. In the guest
# things lie in /rmapscope as they do in the checkout.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"

# The libraries and the loader that programs need, at the host's own places.
copy_libraries()
{
	local to=$1 library
	shift

	[ $# -gt 0 ] || return 0
	# ldd grumbles about scripts and the module.
	{ ldd "$@" 2>/dev/null || true; } |
		awk '{ for (i = 1; i < NF; i++) if ($i ~ /^\// && $(i + 1) ~ /^\(0x/) print $i }' |
		sort -u |
		while read -r library; do
			install -D -m 755 "$library" "$to$library"
		done
}

# What modprobe would load for modules, in order, unpacked, with a list of it.
copy_kernel_modules()
{
	local to=$1 file words
	shift

	mkdir -p "$to/kernel"
	# Empty where all of it is in the kernel.
	: >"$to/kernel/list"
	modprobe --dirname "$KERNEL_ROOT" --set-version "$KERNEL_RELEASE" --all --show-depends "$@" |
		while read -r -a words; do
			[ "${words[0]}" = insmod ] || continue
			file=$(basename "${words[1]}")
			! grep -qx "/kernel/${file%.xz}" "$to/kernel/list" || continue
			case $file in
			*.xz) xz -dc "${words[1]}" >"$to/kernel/${file%.xz}" ;;
			*) cp "${words[1]}" "$to/kernel/" ;;
			esac
			echo "/kernel/${file%.xz}" >>"$to/kernel/list"
		done
}

copy_tests()
{
	local to=$1/rmapscope/selftests name

	mkdir -p "$to"
	# With TESTS=, only some of them.
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
}

# What some tests make file systems with; those skip where the kernel has no ext4.
copy_mkfs()
{
	local mkfs

	mkfs=$(PATH=$PATH:/usr/sbin:/sbin command -v mkfs.ext4) || die "no mkfs.ext4 here (e2fsprogs)"
	cp -L "$mkfs" "$1/bin/mkfs.ext4"
	copy_libraries "$1" "$1/bin/mkfs.ext4"
}

# The kernel's modules of these that it has.
available_modules()
{
	local name

	for name in "$@"; do
		! modprobe --dirname "$KERNEL_ROOT" --set-version "$KERNEL_RELEASE" --quiet \
			--show-depends "$name" >/dev/null || echo "$name"
	done
}

copy_mm()
{
	local to=$1/rmapscope/mm program

	mkdir -p "$to"
	cp "$DIR/mm/list" "$to/"
	while read -r _ program _; do
		cp "$DIR/mm/${program#\~}" "$to/"
	done <"$to/list"
	cp "$BUILD/selftests/onlooker" "$1/rmapscope/tools/"
	# No program names it, but the C library loads it to cancel a thread.
	install -D "$(gcc -print-file-name=libgcc_s.so.1)" "$1/lib/x86_64-linux-gnu/libgcc_s.so.1"
}

copy_stress()
{
	local to=$1/rmapscope/selftests

	mkdir -p "$to"
	cp "$BUILD/selftests/stress" "$to/"
}

copy_fuzz()
{
	local to=$1/rmapscope/selftests

	mkdir -p "$to"
	cp "$BUILD/selftests/fuzz" "$to/"
}

copy_bench()
{
	local to=$1/rmapscope/bench

	mkdir -p "$to"
	install -m 755 "$ROOT/selftests/bench/guest-bench.sh" "$to/"
	cp "$DIR"/bench/selftests/bench/*.ko "$to/"
	strip --strip-debug "$to"/*.ko
	cp "$DIR/fork_load" "$to/"
}

NAME=$1
load_kernel "$NAME" || die "$NAME: fetch the kernel first, with $VM/get-kernel.sh"
DIR=$BUILD/$NAME
TO=$DIR/root

rm -rf "$TO"
mkdir -p "$TO"/{bin,dev,etc,proc,root,run,sys,tmp,var/tmp,rmapscope/tools}
cp -L "$(command -v busybox)" "$TO/bin/busybox"
cp "$VM/guest/init" "$TO/init"
cp -r "$VM/guest" "$TO/rmapscope/vm"
echo 'root:x:0:0:root:/root:/bin/sh' >"$TO/etc/passwd"
echo 'root:x:0:' >"$TO/etc/group"
TOOLS=$ROOT/tools
[ -z "${SANITIZE:-}" ] || TOOLS=$BUILD/tools-$SANITIZE
cp "$TOOLS/rmapscope/rmapscope" "$TOOLS/rmap-exercise/rmap-exercise" "$TO/rmapscope/tools/"
if [ "${2:-}" != detectors ]; then
	cp "$DIR/module/module/rmapscope.ko" "$TO/rmapscope/"
	strip --strip-debug "$TO/rmapscope/rmapscope.ko"
fi
# zram asks for its compressor by name, which needs one loaded before. The others are for tests: file
# systems, one of user space among them, disks in files, and a device that shares the memory of
# processes.
MODULES=(lzo-rle zram)
[ "${2:-}" != tests ] || mapfile -t -O ${#MODULES[@]} MODULES < <(available_modules ext4 fuse loop overlay test_hmm)
copy_kernel_modules "$TO" "${MODULES[@]}"
case ${2:-} in
tests)
	copy_tests "$TO"
	copy_mkfs "$TO"
	;;
mm) copy_mm "$TO" ;;
stress) copy_stress "$TO" ;;
fuzz) copy_fuzz "$TO" ;;
bench) copy_bench "$TO" ;;
detectors) cp "$DIR/faults/selftests/faults/faults.ko" "$TO/rmapscope/" ;;
esac
mapfile -t PROGRAMS < <(find "$TO/rmapscope" -type f -perm -u+x)
copy_libraries "$TO" "${PROGRAMS[@]}"
(cd "$TO" && find . | cpio --quiet -o -H newc -R 0:0) >"$DIR/initramfs"
