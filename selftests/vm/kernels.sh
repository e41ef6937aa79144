# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The test kernels: what each is called in Debian, and where it is. Sourced
# after common.sh.

# A name is a version, and what else the kernel is: 7.3, 7.3-debug, 6.1-kcsan, 6.1-rt.
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

# Whether it is built here, from Debian's source.
kernel_is_built()
{
	case $(kernel_kind "$1") in
	debug | kcsan) ;;
	*) return 1 ;;
	esac
}

# How many times more time it is given for everything.
kernel_slowness()
{
	case $(kernel_kind "$1") in
	debug | kcsan) echo 5 ;;
	rt) echo 2 ;;
	*) echo 1 ;;
	esac
}

# The suites that can hold it, as few as possible: each costs a package list.
kernel_suites()
{
	case $(kernel_version "$1") in
	6.1) echo bookworm bookworm-security ;;
	6.12) echo bookworm bookworm-security bookworm-backports ;;
	7.3) echo trixie trixie-backports ;;
	esac
}

# Release names, most wanted first, without the flavour at the end.
kernel_patterns()
{
	case $(kernel_version "$1") in
	6.1) echo '6\.1\.0-[0-9]+' ;;
	6.12) echo '6\.12\.[0-9]+\+deb12[.0-9]*' ;;
	7.3) echo '7\.3\.[0-9]+\+deb13[.0-9]*' '([7-9]|[1-9][0-9])\.[0-9]+\.[0-9]+\+deb13[.0-9]*' ;;
	esac
}

# The versions of linux-source packages, most wanted first.
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

# The Debian whose compiler and C library can build modules for it.
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

# Whether this kernel's modules are built in a tree of the newer Debian.
needs_tree()
{
	[ "$(host_debian | cut -d. -f1)" -lt "$(kernel_debian "$1")" ]
}

# kernel_key NAME SOURCE-VERSION: changes with whatever a kernel that is built here is made of.
kernel_key()
{
	{
		echo "$2"
		gcc-12 --version | head -n 1
		cat "$VM/config/base.config" "$VM/config/$(kernel_kind "$1").config"
	} | sha256sum | cut -c1-16
}

# load_kernel NAME: sets KERNEL_RELEASE, KERNEL_IMAGE, KERNEL_ROOT,
# KERNEL_HEADERS, KERNEL_COMPILER from the cache; false if it is not there.
load_kernel()
{
	local dir=$CACHE/kernels/$1

	[ -r "$dir/kernel.env" ] || return 1
	# shellcheck disable=SC1091	# written by get-kernel.sh
	. "$dir/kernel.env"
	# The headers' Makefile holds this path: a moved cache must be made anew.
	[ "$KERNEL_ROOT" = "$dir/root" ] || return 1
	kernel_is_built "$1" || return 0
	[ "$KERNEL_KEY" = "$(kernel_key "$1" "$KERNEL_SOURCE")" ]
}
