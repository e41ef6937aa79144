#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# get-kernel.sh NAME: puts a Debian kernel and its headers into the cache, ready to boot and to
# build modules for. Debugging kernels are built instead. If the kernel is in the cache, nothing is
# done, and the network isn't used.

. "$(dirname "$0")/common.sh"
. "$VM/apt.sh"
. "$VM/kernels.sh"

# choose_release NAME: sets IMAGE to the newest release for which Debian also has headers.
choose_release()
{
	local pattern wanted=y image

	for pattern in $(kernel_patterns "$1"); do
		image=$(newest "linux-image-$pattern-$(kernel_flavour "$1")")
		if [ -n "$image" ] && [ -n "$(newest "${image//[.+]/\\&}" | sed 's/image/headers/')" ]; then
			IMAGE=$image
			[ "$wanted" ] || say "$1: Debian has no $1 any more, taking ${image#linux-image-} instead"
			return
		fi
		wanted=
	done
	die "$1: found no linux-image-*-$(kernel_flavour "$1") in $(kernel_suites "$1")"
}

# kernel_depends PACKAGE: the kernel packages that it depends on, of alternatives the first.
kernel_depends()
{
	field_of "$1" Depends | tr ',' '\n' |
		grep -oE '^ *linux-(image|binary|modules|headers|kbuild|base)-[^ |]+' | tr -d ' ' || true
}

# closure PACKAGE...: the packages and all that they depend on, each once.
closure()
{
	local todo=("$@") package
	local -A seen=()

	while [ ${#todo[@]} -gt 0 ]; do
		package=${todo[0]}
		todo=("${todo[@]:1}")
		[ "${seen[$package]:-}" ] && continue
		seen[$package]=y
		# shellcheck disable=SC2207	# package names have no blanks
		todo+=($(kernel_depends "$package"))
	done
	printf '%s\n' "${!seen[@]}"
}

unpack()
{
	local package

	for package in "$1"/*.deb; do
		dpkg-deb --extract "$package" "$2"
	done
	# Drivers for hardware that the test machine doesn't have take most of the space.
	rm -rf "$2"/{,usr/}"lib/modules/$3/kernel"/{sound,net,drivers/{gpu,net,media,usb,scsi,staging,iio,infiniband,hid,input}}
	# Newer packages put everything below usr/lib, but depmod and modprobe look in lib.
	[ -e "$2/lib" ] || ln -s usr/lib "$2/lib"
	depmod -b "$2" "$3"
}

# adapt_headers ROOT RELEASE FINAL-ROOT: the headers name files in /usr/src, where they aren't. The
# newest headers also lack the script that checks the version of sparse, without which C=1 fails.
adapt_headers()
{
	local headers=$1/usr/src/linux-headers-$2
	local script=$headers/scripts/checker-valid.sh

	sed -i "s:/usr/src/:$3/usr/src/:g" "$headers/Makefile"
	if [ ! -e "$script" ]; then
		printf '#!/bin/sh\necho 1\n' >"$script"
		chmod +x "$script"
	fi
}

# boot_image ROOT RELEASE: where the image of the kernel is, below ROOT.
boot_image()
{
	local path

	for path in "boot/vmlinuz-$2" "usr/lib/modules/$2/vmlinuz" "lib/modules/$2/vmlinuz"; do
		[ -e "$1/$path" ] && echo "$path" && return
	done
	die "$2: no vmlinuz in its packages"
}

NAME=${1:?get-kernel.sh: which kernel? one of $KNOWN_KERNELS}
need_known_kernel "$NAME"
load_kernel "$NAME" && exit
kernel_is_built "$NAME" && exec "$VM/build-kernel.sh" "$NAME"
lock_cache
load_kernel "$NAME" && exit

# shellcheck disable=SC2046	# a list of suites
use_suites $(kernel_suites "$NAME")
choose_release "$NAME"
RELEASE=${IMAGE#linux-image-}
HEADERS=linux-headers-$RELEASE
say "kernel $NAME is $RELEASE ($(field_of "$IMAGE" Version))"

DIR=$CACHE/kernels/$NAME
rm -rf "$DIR" "$DIR.new"
mapfile -t PACKAGES < <(closure "$IMAGE" "$HEADERS")
download "$DIR.new/debs" "${PACKAGES[@]}"
step "unpacking $RELEASE" unpack "$DIR.new/debs" "$DIR.new/root" "$RELEASE"
rm -rf "$DIR.new/debs"
adapt_headers "$DIR.new/root" "$RELEASE" "$DIR/root"
cat >"$DIR.new/kernel.env" <<EOF
KERNEL_RELEASE=$RELEASE
KERNEL_ROOT=$DIR/root
KERNEL_IMAGE=$DIR/root/$(boot_image "$DIR.new/root" "$RELEASE")
KERNEL_HEADERS=$DIR/root/usr/src/$HEADERS
KERNEL_COMPILER=$(field_of "$HEADERS" Depends | grep -oE 'gcc-[0-9]+' | head -n 1)
EOF
forget_parsed_lists
sync -f "$DIR.new"
mv "$DIR.new" "$DIR"
