# shellcheck shell=bash disable=SC2034	# mode.sh's callers use the variables
# SPDX-License-Identifier: GPL-2.0
#
# The kselftests that run the tools, with tools that the compiler SANITIZE (gcc or clang) has built
# with its address and undefined-behaviour sanitizers. A finding ends the tool, which fails the
# test.

# shellcheck source=selftests/vm/mode/check.sh
. "$VM/mode/check.sh"

MODE_KERNELS=6.1
[ "${SANITIZE:-}" != clang ] || MODE_KERNELS=7.3
MODE_PACKAGES+=(sanitize)
export TESTS=${TESTS:-cli_page cli_json cli_top cli_tree cli_why cli_escape cli_target cli_report \
	cli_trees cli_scan cli_scan_errors cli_record cli_damage cli_scan_map cli_interrupt \
	cli_verify cli_messages cli_share_text cli_why_range}

sanitized_tools()
{
	unset MAKEFLAGS MFLAGS MAKELEVEL
	mkdir -p "$BUILD/tools-$SANITIZE"
	make -C "$ROOT/tools" -j "$(nproc)" CC="$SANITIZE" OUTPUT="$BUILD/tools-$SANITIZE" \
		CFLAGS="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
}

mode_prepare()
{
	order_tests
	step "building the tools with sanitizers and $SANITIZE" sanitized_tools
}
