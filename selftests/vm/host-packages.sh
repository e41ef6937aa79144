#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# host-packages.sh PURPOSE...: installs the Debian packages for some purposes that the host lacks.
# Purposes: vm (build and boot), native-7.3 (build for 7.3 on Debian 13), tree (create the Debian 13
# tree), source (the test harness), lint, mm (the kernel's own tests), debug (build kernels),
# sanitize (build the tools with sanitizers).

. "$(dirname "$0")/common.sh"

packages_for()
{
	case $1 in
	vm)
		# The kernel's build programs are linked to libelf and libssl.
		echo gcc gcc-12 libc6-dev make pkg-config libsmartcols-dev libjson-c-dev \
			'libelf1|libelf1t64' 'libssl3|libssl3t64' \
			qemu-system-x86 busybox-static cpio kmod e2fsprogs debian-archive-keyring
		;;
	native-7.3) echo gcc-14 ;;
	tree) echo mmdebstrap debian-archive-keyring ;;
	source) echo xz-utils rsync ;;
	mm) echo libnuma-dev liburing-dev libcap-dev ;;
	debug) echo flex bison bc libelf-dev libssl-dev perl python3 ;;
	sanitize) echo clang 'libclang-rt-14-dev|libclang-rt-19-dev' ;;
	lint) echo clang sparse shellcheck cppcheck perl ;;
	*) die "no purpose '$1'; choose from: vm native-7.3 tree source mm debug sanitize lint" ;;
	esac
}

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# available A|B: the first alternative that this Debian has.
available()
{
	local name

	for name in ${1//|/ }; do
		if apt-cache show "$name" >/dev/null 2>&1; then
			echo "$name"
			return
		fi
	done
	echo "${1%%|*}"
}

# missing PACKAGE...: those of which no alternative is installed.
missing()
{
	local alternatives name

	for alternatives in "$@"; do
		for name in ${alternatives//|/ }; do
			installed "$name" && continue 2
		done
		echo "$alternatives"
	done
}

for tool in apt-get dpkg-query; do
	command -v "$tool" >/dev/null || die "there is no $tool here; this needs Debian 12 or 13"
done
[ "$(dpkg --print-architecture)" = amd64 ] || die "needs an x86-64 (amd64) Debian, this is $(dpkg --print-architecture)"

WANTED=()
for purpose in "$@"; do
	# shellcheck disable=SC2207	# package names have no blanks
	WANTED+=($(packages_for "$purpose"))
done
mapfile -t LACKING < <(missing "${WANTED[@]}" | sort -u)
[ ${#LACKING[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
	die "packages are missing; install them as root: apt-get install --no-install-recommends ${LACKING[*]%%|*}"
fi
export DEBIAN_FRONTEND=noninteractive
long_step "package lists of this machine" apt-get -o DPkg::Lock::Timeout=120 update
INSTALL=()
for alternatives in "${LACKING[@]}"; do
	INSTALL+=("$(available "$alternatives")")
done
long_step "installing ${INSTALL[*]}" \
	apt-get -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "${INSTALL[@]}" ||
	die "cannot install ${INSTALL[*]}, see above"
