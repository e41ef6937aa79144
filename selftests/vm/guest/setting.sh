# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Read by the scripts that ask the kernel's command line for something.

# setting NAME: what it is set to there, or nothing.
setting()
{
	tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"
}
