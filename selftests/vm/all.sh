#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# all.sh: runs every check in full, one after the other, which takes hours. Leaves out check-kcsan,
# which finds little on a machine without KVM. Each part has its own KERNELS and TESTS. MINUTES,
# INPUTS and SEED are passed on.

set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. selftests/vm/sum.sh
exec </dev/null
unset KERNELS TESTS MAKEFLAGS MFLAGS MAKELEVEL
export MINUTES=${MINUTES:-5}

part lint make lint
part demo demo
part shell shell
part check make check
part sanitized make check-sanitized
part cost make check-cost
part builds make check-builds
part fuzz make fuzz
part stress make stress
part mm make check-mm
part rt make check-rt
part debug make check-debug
part mutants make check-mutants
part bench make bench
sum_up
