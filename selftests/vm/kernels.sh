# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The test kernels: what each is called in Debian, and where it is. Sourced
# after common.sh.

# The suites that can hold it, as few as possible: each costs a package list.
kernel_suites()
{
	case $1 in
	6.1) echo bookworm bookworm-security ;;
	6.12) echo bookworm bookworm-security bookworm-backports ;;
	7.3) echo trixie trixie-backports ;;
	esac
}

# Release names, most wanted first, without the -cloud-amd64 at the end.
kernel_patterns()
{
	case $1 in
	6.1) echo '6\.1\.0-[0-9]+' ;;
	6.12) echo '6\.12\.[0-9]+\+deb12[.0-9]*' ;;
	7.3) echo '7\.3\.[0-9]+\+deb13[.0-9]*' '([7-9]|[1-9][0-9])\.[0-9]+\.[0-9]+\+deb13[.0-9]*' ;;
	esac
}

# The Debian whose compiler and C library can build modules for it.
kernel_debian()
{
	case $1 in
	7.3) echo 13 ;;
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

# load_kernel NAME: sets KERNEL_RELEASE, KERNEL_IMAGE, KERNEL_ROOT,
# KERNEL_HEADERS, KERNEL_COMPILER from the cache; false if it is not there.
load_kernel()
{
	local dir=$CACHE/kernels/$1

	[ -r "$dir/kernel.env" ] || return 1
	# shellcheck disable=SC1091	# written by get-kernel.sh
	. "$dir/kernel.env"
	# The headers' Makefile holds this path: a moved cache must be made anew.
	[ "$KERNEL_ROOT" = "$dir/root" ]
}
