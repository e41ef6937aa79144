# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Reads settings from the kernel's command line. Sourced.

# setting NAME: prints its value, or nothing.
setting()
{
	tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"
}
