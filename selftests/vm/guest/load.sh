# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What a reader costs other processes, in real time on two processors.

exec /rmapscope/bench/fork_load
