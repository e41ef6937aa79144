#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make-initramfs.sh NAME MODE: packs build/NAME/initramfs: busybox, the module, the tools, and what
# the mode adds. In the guest, the files are in /rmapscope as they are in the source tree.

. "$(dirname "$0")/common.sh"
. "$VM/kernels.sh"
. "$VM/mode.sh"

# copy_libraries ROOT PROGRAM...: copies the libraries and the loader of the programs, under the
# paths that they have on the host.
copy_libraries()
{
	local to=$1 library
	shift

	[ $# -gt 0 ] || return 0
	# ldd complains about scripts and about the module.
	{ ldd "$@" 2>/dev/null || true; } |
		awk '{ for (i = 1; i < NF; i++) if ($i ~ /^\// && $(i + 1) ~ /^\(0x/) print $i }' |
		sort -u |
		while read -r library; do
			install -D -m 755 "$library" "$to$library"
		done
}

# copy_kernel_modules ROOT MODULE...: copies what modprobe would load for the modules, uncompressed,
# and a list in the order of loading.
copy_kernel_modules()
{
	local to=$1 file words
	shift

	mkdir -p "$to/kernel"
	# The list stays empty if all of it is built into the kernel.
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

# available_modules NAME...: those that the kernel has.
available_modules()
{
	local name

	for name in "$@"; do
		! modprobe --dirname "$KERNEL_ROOT" --set-version "$KERNEL_RELEASE" --quiet \
			--show-depends "$name" >/dev/null || echo "$name"
	done
}

NAME=$1
load_kernel "$NAME" || die "$NAME: fetch the kernel first, with $VM/get-kernel.sh"
load_mode "$2"
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
if [ "$MODE_MODULE" ]; then
	cp "$DIR/module/module/rmapscope.ko" "$TO/rmapscope/"
	strip --strip-debug "$TO/rmapscope/rmapscope.ko"
fi
mapfile -t AVAILABLE < <(available_modules "${MODE_OPTIONAL_MODULES[@]}")
copy_kernel_modules "$TO" "${MODE_KERNEL_MODULES[@]}" "${AVAILABLE[@]}"
mode_fill "$TO"
mapfile -t PROGRAMS < <(find "$TO/rmapscope" -type f -perm -u+x)
copy_libraries "$TO" "${PROGRAMS[@]}"
(cd "$TO" && find . | cpio --quiet -o -H newc -R 0:0) >"$DIR/initramfs"
