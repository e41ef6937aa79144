# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Loads the modules of the benchmarks and runs their script.

cd /rmapscope/bench || exit 1
for module in *.ko; do
	insmod "./$module" || exit 1
done
exec ./guest-bench.sh
