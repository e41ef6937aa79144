#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-kernel.sh NAME: builds a kernel for debugging, NAME-debug or NAME-kcsan, from Debian's
# source and the configurations in config/, and puts into the cache what it takes to boot it
# and to build modules for it. Takes minutes. One that is there is left as it is, unless its
# configuration or the compiler is another now. When interrupted, the next run goes on there.

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

# Not every version has every option. Where a detector is lost for another reason, this shows it.
say_what_is_lost()
{
	local lost

	lost=$(comm -23 <(settings_of "$NEW/config") <(settings_of "$NEW/tree/.config") | paste -sd ' ')
	[ -z "$lost" ] || say "$KERNEL has not become: $lost"
}

# Changes with what the kernel is made of, and with how it is unpacked and configured here.
beginning()
{
	kernel_key "$KERNEL" "$(cat "$NEW/source")"
	sha256sum <"$0"
}

# Leaves tree, configured, source (its version) and, when all of it is there, beginning.
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

# How many files are compiled, more or less: for the progress.
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

# Until killed: on a terminal one line that changes, else a line now and then.
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

# What external modules are built with.
list_headers()
{
	printf '%s\n' Makefile .config Module.symvers tools/objtool/objtool
	find arch/x86 -maxdepth 1 -name 'Makefile*'
	find arch/x86/include include scripts '(' -type f -o -type l ')' \
		! -name '*.o' ! -name '.*.cmd'
}

# Takes what is needed out of the tree, and says where it will be.
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
kernel_is_built "$KERNEL" || die "$KERNEL: is not built here; fetch it with $VM/get-kernel.sh"
load_kernel "$KERNEL" && exit
lock_cache
load_kernel "$KERNEL" && exit

unset MAKEFLAGS MFLAGS MAKELEVEL
DIR=$CACHE/kernels/$KERNEL NEW=$CACHE/kernels/$KERNEL.new
GOES_ON=
if started; then
	say "$KERNEL: going on with the build that was interrupted"
	GOES_ON=y
else
	start
fi
if [ ! -e "$NEW/kernel.env" ]; then
	if ! build; then
		[ "$GOES_ON" ] || die "$KERNEL: the kernel does not build: $NEW/log"
		# What the interruption left may be broken in ways that make(1) does not see.
		say "$KERNEL: once more, from the start"
		rm -rf "$NEW"
		exec "$0" "$KERNEL"
	fi
	RELEASE=$(cat "$NEW/tree/include/config/kernel.release")
	step "collecting $RELEASE" collect "$RELEASE"
fi
rm -rf "$NEW"/{tree,log,config,beginning} "$DIR"
sync -f "$NEW"
mv "$NEW" "$DIR"
