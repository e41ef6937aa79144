# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What a reader costs others, in wall time on two processors.

exec /rmapscope/bench/fork_load
