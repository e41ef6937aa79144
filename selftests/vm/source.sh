# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Kernel sources, as far as building a kernel for the test machine takes. Sourced after apt.sh and
# kernels.sh.

# choose_source NAME: sets PACKAGE to the newest linux-source package of that kernel.
choose_source()
{
	local pattern

	for pattern in $(source_patterns "$1"); do
		PACKAGE=$(newest "linux-source-$pattern")
		[ -z "$PACKAGE" ] || return 0
	done
	die "$1: found no linux-source package of $(kernel_version "$1") in $(kernel_suites "$1")"
}

# unpack_kernel DIR PACKAGE TO: unpacks the source without most of the code for other machines. The
# Kconfig files and Makefiles of that code are kept, because configuring reads them.
unpack_kernel()
{
	local package=$2 without=() part

	for part in Documentation/[!K]* tools/{perf,testing,power,usb}; do
		without+=("--exclude=$package/$part")
	done
	for part in 'arch/[!Kx]*' arch/xtensa sound \
		drivers/{clk,crypto,gpu,iio,infiniband,media,misc,net/{ethernet,wireless},pinctrl,scsi,staging,usb,video}; do
		without+=("--exclude=$package/$part/*."{[chS],dts*})
	done
	mkdir -p "$3"
	source_archive "$1" "$package" |
		tar -x -C "$3" --wildcards --wildcards-match-slash --strip-components=1 "${without[@]}"
}
