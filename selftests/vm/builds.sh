#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# builds.sh: builds the module for kernels with other configurations than Debian's. Each leaves out a
# part of the kernel that the module uses, and one leaves out most of these parts. For each version
# in KERNELS, the source is configured and prepared, but not built. The module must compile without a
# warning. Every symbol and function that it needs from mm/ must be built there. VARIANTS="no-swap
# none" builds only these.

. "$(dirname "$0")/common.sh"
. "$VM/apt.sh"
. "$VM/kernels.sh"
. "$VM/source.sh"

COMPILER=gcc-12
PASSED=0 FAILED=0 SKIPPED=0

# Messages of modpost when there is no list of the kernel's symbols.
EXPECTED='Module\.symvers|undefined!$|suppressed [0-9]+ unresolved symbol|^ +(Modules may not have|You may get|You can set|if you want)'

# variant NAME: options that differ from base.config.
variant()
{
	case $1 in
	base) ;;
	no-swap) off SWAP ZSWAP ;;
	no-block) off BLOCK SWAP ZSWAP ;;
	no-ksm) off KSM ;;
	no-hugetlb) off HUGETLBFS ;;
	no-memcg) off MEMCG ;;
	no-numa) off NUMA NUMA_BALANCING ;;
	no-thp) off TRANSPARENT_HUGEPAGE ;;
	no-migration)
		off MIGRATION NUMA NUMA_BALANCING COMPACTION CMA MEMORY_HOTREMOVE TRANSPARENT_HUGEPAGE \
			NUMA_MIGRATION BALLOON_COMPACTION
		;;
	no-uffd) off USERFAULTFD ;;
	no-poison) off MEMORY_FAILURE HWPOISON_INJECT ;;
	no-unload) off MODULE_UNLOAD MODULE_FORCE_UNLOAD ;;
	no-smp) off SMP NUMA NUMA_BALANCING ;;
	average) on NO_PAGE_MAPCOUNT ;;
	none)
		for part in no-swap no-ksm no-hugetlb no-memcg no-migration no-uffd no-poison; do
			variant "$part"
		done
		;;
	*) die "VARIANTS: no variant '$1'" ;;
	esac
}

off()
{
	printf '# CONFIG_%s is not set\n' "$@"
}

on()
{
	printf 'CONFIG_%s=y\n' "$@"
}

run_make()
{
	make -s -C "$TREE" "O=$OBJECTS" ARCH=x86 "CC=$COMPILER" -j "$(nproc)" "$@"
}

# is_configured VARIANT: whether the kernel has the options of the variant.
is_configured()
{
	local option wrong=0

	for option in $(variant "$1" | sed -n 's/^# \(CONFIG_[A-Z0-9_]*\) is not set$/\1/p'); do
		if grep -q "^$option=" "$OBJECTS/.config"; then
			echo "$option is still set"
			wrong=1
		fi
	done
	for option in $(variant "$1" | sed -n 's/^\(CONFIG_[A-Z0-9_]*\)=y$/\1/p'); do
		if ! grep -q "^$option=y" "$OBJECTS/.config"; then
			echo "$option is still not set"
			wrong=1
		fi
	done
	return $wrong
}

# base.config, with the options of the variant in place of its own.
configuration()
{
	awk -v said="$(variant "$1" | grep -oE 'CONFIG_[A-Z0-9_]+')" '
		BEGIN { n = split(said, option, "\n"); for (i = 1; i <= n; i++) other[option[i]] }
		match($0, /CONFIG_[A-Z0-9_]+/) && substr($0, RSTART, RLENGTH) in other { next }
		1' "$VM/config/base.config"
	variant "$1"
}

# All variants of a version share one folder of objects, so unchanged objects aren't built again.
configure()
{
	configuration "$1" >"$BUILD/builds/config"
	run_make KCONFIG_ALLCONFIG="$BUILD/builds/config" allnoconfig >/dev/null
	is_configured "$1"
	run_make modules_prepare
}

build_module()
{
	local farm=$BUILD/builds/$KERNEL/module

	rm -rf "$farm"
	mkdir -p "$farm/module/uapi"
	cp "$ROOT/Kbuild" "$farm"
	cp "$ROOT"/module/{Kbuild,*.[ch],*.mk} "$farm/module"
	cp "$ROOT"/module/uapi/*.h "$farm/module/uapi"
	rm -f "$farm"/module/*.mod.c
	# There is no list of the kernel's symbols, as the kernel isn't built.
	run_make "M=$farm" W=1 KBUILD_MODPOST_WARN=1 KCFLAGS=-Werror modules 2>&1 |
		grep -vE "$EXPECTED" || true
	[ -e "$farm/module/rmapscope.ko" ]
	MODULE=$farm/module/rmapscope.ko
}

# The sources in mm/ that this configuration builds.
sources_of_mm()
{
	make -s --no-print-directory -f - <<-EOT
	include $OBJECTS/include/config/auto.conf
	srctree := $TREE
	src := $TREE/mm
	obj := mm
	include $TREE/mm/Makefile
	.DEFAULT_GOAL := all
	.PHONY: all
	all: ; @printf '%s\n' \$(patsubst %.o,$TREE/mm/%.c,\$(filter %.o,\$(obj-y)))
	EOT
}

# exporters SYMBOL: the sources in mm/ that export it in some configuration.
exporters()
{
	grep -lE "^EXPORT_SYMBOL(_GPL)?\($1\)" "$TREE"/mm/*.c || true
}

# definers FUNCTION: the sources in mm/ that define it.
definers()
{
	grep -lE "^[a-z][a-z_ ]*[ *]$1\(" "$TREE"/mm/*.c || true
}

# provides REGEX SOURCE...: whether one of the sources is built, and still matches once it is
# preprocessed.
provides()
{
	local text=$1 source
	shift

	for source in "$@"; do
		grep -qxF "$source" "$BUILD/builds/mm" || continue
		source=mm/${source##*/}
		run_make "${source%.c}.i"
		! grep -qE "$text" "$OBJECTS/${source%.c}.i" || return 0
	done
	return 1
}

# Prints what the module needs from mm/ and this configuration doesn't have.
find_missing()
{
	local symbol status=0
	local -a sources

	sources_of_mm >"$BUILD/builds/mm"
	for symbol in $(nm -u "$MODULE" | awk '{ print $2 }'); do
		mapfile -t sources < <(exporters "$symbol")
		[ ${#sources[@]} -gt 0 ] || continue
		provides "(__ksymtab_|__export_symbol_)$symbol\>" "${sources[@]}" && continue
		echo "$symbol is not exported"
		status=1
	done
	for symbol in $(nm "$MODULE" | sed -n 's/.* __SCK__rms_//p'); do
		mapfile -t sources < <(definers "$symbol")
		[ ${#sources[@]} -gt 0 ] || continue
		provides "\<$symbol\(" "${sources[@]}" && continue
		echo "$symbol() is looked up by name, but isn't defined"
		status=1
	done
	return $status
}

try_variant()
{
	set -e
	configure "$1"
	build_module
	find_missing
}

# check VARIANT: any output of the build is a failure.
check()
{
	local start=$EPOCHREALTIME output status=0

	output=$(try_variant "$1" 2>&1 </dev/null) || status=$?
	if [ "$status" = 0 ] && [ -z "$output" ]; then
		PASSED=$((PASSED + 1))
		echo "ok - builds $KERNEL $1 ($(seconds_since "$start") s)"
	else
		FAILED=$((FAILED + 1))
		printf '%s\n' "$output" | tail -n 50
		echo "not ok - builds $KERNEL $1 (status $status)"
	fi
}

# get_tree VERSION: puts its source into the cache.
get_tree()
{
	local version=$1 new=$CACHE/builds/$1.new

	TREE=$CACHE/builds/$version/tree
	[ ! -e "$CACHE/builds/$version/source" ] || return 0
	lock_cache
	rm -rf "$new"
	# shellcheck disable=SC2046	# a list of suites
	use_suites $(kernel_suites "$version")
	choose_source "$version"
	download "$new/deb" "$PACKAGE"
	step "unpacking $PACKAGE" unpack_kernel "$new/deb" "$PACKAGE" "$new/tree"
	field_of "$PACKAGE" Version >"$new/source"
	forget_parsed_lists
	rm -rf "$new/deb"
	sync -f "$new"
	mv "$new" "$CACHE/builds/$version"
}

variants_of()
{
	echo "${VARIANTS:-base no-swap no-block no-ksm no-hugetlb no-memcg no-numa no-thp no-migration no-uffd no-poison no-unload no-smp none}"
	if [ ! "${VARIANTS:-}" ] && grep -q '^config NO_PAGE_MAPCOUNT' "$TREE/mm/Kconfig"; then
		echo average
	fi
}

NAMES=${KERNELS:-6.1 7.3}
for name in $NAMES; do
	need_known_kernel "$name"
done
"$VM/host-packages.sh" vm source debug
unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir -p "$BUILD/builds"
for name in $NAMES; do
	KERNEL=$(kernel_version "$name")
	get_tree "$KERNEL"
	OBJECTS=$BUILD/builds/$KERNEL/objects
	mkdir -p "$OBJECTS"
	for one in $(variants_of); do
		check "$one"
	done
done
echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
[ "$FAILED" = 0 ]
