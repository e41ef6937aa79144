# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The test kernels: their names in Debian, and their place in the cache. Sourced after common.sh.

# A name is a version and a kind: 7.3 (stock), 7.3-debug, 6.1-kcsan, 6.1-rt.
kernel_version()
{
	echo "${1%%-*}"
}

kernel_kind()
{
	case $1 in
	*-*) echo "${1#*-}" ;;
	*) echo stock ;;
	esac
}

# Whether it is built here from Debian's source.
kernel_is_built()
{
	case $(kernel_kind "$1") in
	debug | kcsan) ;;
	*) return 1 ;;
	esac
}

# The factor by which all time limits are longer.
kernel_slowness()
{
	case $(kernel_kind "$1") in
	debug | kcsan) echo 5 ;;
	rt) echo 2 ;;
	*) echo 1 ;;
	esac
}

# The suites that may have the kernel. Few, because each has a package list to download.
kernel_suites()
{
	case $(kernel_version "$1") in
	6.1) echo bookworm bookworm-security ;;
	6.12) echo bookworm bookworm-security bookworm-backports ;;
	7.3) echo trixie trixie-backports ;;
	esac
}

# Patterns of release names, without the flavour at their end, the preferred one first.
kernel_patterns()
{
	case $(kernel_version "$1") in
	6.1) echo '6\.1\.0-[0-9]+' ;;
	6.12) echo '6\.12\.[0-9]+\+deb12[.0-9]*' ;;
	7.3) echo '7\.3\.[0-9]+\+deb13[.0-9]*' '([7-9]|[1-9][0-9])\.[0-9]+\.[0-9]+\+deb13[.0-9]*' ;;
	esac
}

# Patterns of the versions of linux-source packages, the preferred one first.
source_patterns()
{
	case $(kernel_version "$1") in
	6.1) echo '6\.1' ;;
	6.12) echo '6\.12' ;;
	7.3) echo '7\.3' '([7-9]|[1-9][0-9])\.[0-9]+' ;;
	esac
}

kernel_flavour()
{
	case $(kernel_kind "$1") in
	rt) echo rt-amd64 ;;
	*) echo cloud-amd64 ;;
	esac
}

# The oldest Debian whose compiler and C library can build modules for it.
kernel_debian()
{
	case $1 in
	7.3 | 7.3-rt) echo 13 ;;
	*) echo 12 ;;
	esac
}

host_debian()
{
	# shellcheck disable=SC1091	# it is the host's
	(. /etc/os-release && echo "${VERSION_ID:-99}")
}

# Whether its modules are built in the Debian 13 tree.
needs_tree()
{
	[ "$(host_debian | cut -d. -f1)" -lt "$(kernel_debian "$1")" ]
}

# kernel_key NAME SOURCE-VERSION: for a kernel that is built here, a text that changes if its
# source, its configuration or the compiler changes.
kernel_key()
{
	{
		echo "$2"
		gcc-12 --version | head -n 1
		# Without comments, so that editing one doesn't rebuild the kernel.
		grep -hE '^(CONFIG_[A-Z0-9_]+=|# CONFIG_[A-Z0-9_]+ is not set)' \
			"$VM/config/base.config" "$VM/config/$(kernel_kind "$1").config"
	} | sha256sum | cut -c1-16
}

# load_kernel NAME: sets KERNEL_RELEASE, KERNEL_IMAGE, KERNEL_ROOT, KERNEL_HEADERS and
# KERNEL_COMPILER from the cache. False if the kernel isn't there.
load_kernel()
{
	local dir=$CACHE/kernels/$1

	[ -r "$dir/kernel.env" ] || return 1
	# shellcheck disable=SC1091	# written by get-kernel.sh
	. "$dir/kernel.env"
	# The Makefile of the headers has this path, so a cache that was moved can't be used.
	[ "$KERNEL_ROOT" = "$dir/root" ] || return 1
	kernel_is_built "$1" || return 0
	[ "$KERNEL_KEY" = "$(kernel_key "$1" "$KERNEL_SOURCE")" ]
}
