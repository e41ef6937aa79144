#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-kernel.sh NAME: builds a debugging kernel (such as 6.1-debug or 7.3-kcsan) from Debian's
# source and the configurations in config/, which takes minutes. Puts into the cache what is needed
# to boot it and to build modules for it. A kernel in the cache is built again only if its
# configuration or the compiler has changed. The next run continues an interrupted build.

. "$(dirname "$0")/common.sh"
. "$VM/apt.sh"
. "$VM/kernels.sh"
. "$VM/source.sh"

COMPILER=gcc-12
SECONDS_PER_LINE=30

run_make()
{
	make -C "$NEW/tree" ARCH=x86 "CC=$COMPILER" -j "$(nproc)" "$@"
}

configure()
{
	cat "$VM/config/base.config" "$VM/config/$(kernel_kind "$KERNEL").config" >"$NEW/config"
	run_make KCONFIG_ALLCONFIG="$NEW/config" allnoconfig
}

settings_of()
{
	grep -E '^(CONFIG_[A-Z0-9_]+=|# CONFIG_[A-Z0-9_]+ is not set)' "$1" | sort -u
}

# Not every version has every option. The message shows if a detector is missing for another
# reason.
say_what_is_lost()
{
	local lost

	lost=$(comm -23 <(settings_of "$NEW/config") <(settings_of "$NEW/tree/.config") | paste -sd ' ')
	[ -z "$lost" ] || say "$KERNEL does not have: $lost"
}

# A text that changes if the kernel has other sources or another configuration, or if this script
# changes.
beginning()
{
	kernel_key "$KERNEL" "$(cat "$NEW/source")"
	sha256sum <"$0"
}

# Puts the configured source into $NEW/tree and its version into $NEW/source. Writes $NEW/beginning
# when both are complete.
start()
{
	rm -rf "$NEW"
	# shellcheck disable=SC2046	# a list of suites
	use_suites $(kernel_suites "$KERNEL")
	choose_source "$KERNEL"
	download "$NEW/deb" "$PACKAGE"
	step "unpacking $PACKAGE" unpack_kernel "$NEW/deb" "$PACKAGE" "$NEW/tree"
	field_of "$PACKAGE" Version >"$NEW/source"
	forget_parsed_lists
	rm -rf "$NEW/deb"
	step "configuring $KERNEL" configure
	say_what_is_lost
	beginning >"$NEW/beginning"
}

started()
{
	[ -e "$NEW/beginning" ] && [ "$(cat "$NEW/beginning")" = "$(beginning)" ]
}

# About how many files are compiled, for the progress.
files_expected()
{
	case $(kernel_version "$KERNEL") in
	6.1) echo 1200 ;;
	*) echo 1450 ;;
	esac
}

files_done()
{
	grep -acE '^  (CC|AS) ' "$NEW/log" || true
}

# Runs until killed. On a terminal it updates one line; otherwise it prints a line from time to
# time.
show_progress()
{
	local start=$SECONDS interval=$SECONDS_PER_LINE text

	[ ! -t 2 ] || interval=2
	while sleep $interval; do
		kill -0 $$ 2>/dev/null || exit
		text="building $KERNEL: $(files_done) of about $(files_expected) files, $((SECONDS - start)) s"
		if [ -t 2 ]; then printf '\r\033[K%s' "$text" >&2; else say "$text"; fi
	done
}

build()
{
	local start=$EPOCHREALTIME status=0

	show_progress 9>&- &
	trap 'kill $! 2>/dev/null' EXIT
	run_make bzImage modules >>"$NEW/log" 2>&1 </dev/null || status=$?
	kill $! 2>/dev/null || true
	trap - EXIT
	[ -t 2 ] && printf '\r\033[K' >&2
	if [ $status != 0 ]; then
		grep -aE -B 2 -A 10 'error:|Error [0-9]' "$NEW/log" | head -n 40 >&2
		return $status
	fi
	say "building $KERNEL: $(seconds_since "$start") s, $(files_done) files"
}

# The files that building external modules takes.
list_headers()
{
	printf '%s\n' Makefile .config Module.symvers tools/objtool/objtool
	find arch/x86 -maxdepth 1 -name 'Makefile*'
	find arch/x86/include include scripts '(' -type f -o -type l ')' \
		! -name '*.o' ! -name '.*.cmd'
}

# collect RELEASE: copies what is needed from the tree, and writes kernel.env, which says where it
# will be.
collect()
{
	local root=$NEW/root release=$1 headers=$NEW/root/usr/src/linux-headers-$1

	rm -rf "$root"
	mkdir -p "$headers" "$root/boot"
	(cd "$NEW/tree" && list_headers | cpio --quiet -pdl "$headers")
	cp "$NEW/tree/arch/x86/boot/bzImage" "$root/boot/vmlinuz-$release"
	run_make -s INSTALL_MOD_PATH="$root" INSTALL_MOD_STRIP=1 modules_install
	rm -f "$root/lib/modules/$release"/{build,source}
	cat >"$NEW/env" <<-EOT
	KERNEL_RELEASE=$release
	KERNEL_ROOT=$DIR/root
	KERNEL_IMAGE=$DIR/root/boot/vmlinuz-$release
	KERNEL_HEADERS=$DIR/root/usr/src/linux-headers-$release
	KERNEL_COMPILER=$COMPILER
	KERNEL_SOURCE=$(cat "$NEW/source")
	KERNEL_KEY=$(head -n 1 "$NEW/beginning")
	EOT
	mv "$NEW/env" "$NEW/kernel.env"
}

KERNEL=${1:?build-kernel.sh: which kernel? one of $DEBUG_KERNELS}
need_known_kernel "$KERNEL"
kernel_is_built "$KERNEL" || die "$KERNEL: Debian has this kernel, so it isn't built; fetch it with $VM/get-kernel.sh"
load_kernel "$KERNEL" && exit
lock_cache
load_kernel "$KERNEL" && exit

unset MAKEFLAGS MFLAGS MAKELEVEL
DIR=$CACHE/kernels/$KERNEL NEW=$CACHE/kernels/$KERNEL.new
CONTINUED=
if started; then
	say "$KERNEL: continuing the interrupted build"
	CONTINUED=y
else
	start
fi
if [ ! -e "$NEW/kernel.env" ]; then
	if ! build; then
		[ "$CONTINUED" ] || die "$KERNEL: the kernel does not build, see $NEW/log"
		# An interruption can leave broken files that make(1) doesn't notice.
		say "$KERNEL: building again from the start"
		rm -rf "$NEW"
		exec "$0" "$KERNEL"
	fi
	RELEASE=$(cat "$NEW/tree/include/config/kernel.release")
	step "collecting $RELEASE" collect "$RELEASE"
fi
rm -rf "$NEW"/{tree,log,config,beginning} "$DIR"
sync -f "$NEW"
mv "$NEW" "$DIR"
