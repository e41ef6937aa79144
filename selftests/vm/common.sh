# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Shared by all scripts here: paths, the names of the kernels, and how progress and errors are
# printed. Sourced, never run.

set -euo pipefail

# shellcheck disable=SC2034	# used by the scripts that source this file
{
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VM=$ROOT/selftests/vm
BUILD=$ROOT/build
CACHE=${RMAPSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rmapscope}
KNOWN_KERNELS="6.1 6.12 7.3"
# Debugging kernels with many detectors, built here from Debian's source.
DEBUG_KERNELS="6.1-debug 7.3-debug"
# More debugging kernels, kernels that detect data races, and Debian's real-time kernels.
OTHER_KERNELS="6.12-debug 6.1-kcsan 6.12-kcsan 7.3-kcsan 6.1-rt 6.12-rt 7.3-rt"
}

# A relative path would change its meaning with each cd.
case $CACHE in
/*) ;;
*) CACHE=$ROOT/$CACHE ;;
esac

say()
{
	printf '%s\n' "$*" >&2
}

die()
{
	say "${0##*/}: $*"
	exit 1
}

need_known_kernel()
{
	local name

	for name in $KNOWN_KERNELS $DEBUG_KERNELS $OTHER_KERNELS; do
		[ "$name" = "$1" ] && return
	done
	die "KERNELS: no kernel '$1'; choose from: $KNOWN_KERNELS $DEBUG_KERNELS $OTHER_KERNELS"
}

# seconds_since START, with one decimal; START is $EPOCHREALTIME.
seconds_since()
{
	local now=${EPOCHREALTIME/[.,]/} then=${1/[.,]/} tenths

	tenths=$(((now - then + 50000) / 100000))
	printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

megabytes()
{
	awk -v bytes="$1" 'BEGIN { printf "%.1f MB", bytes / 1000000 }'
}

# step TEXT COMMAND...: prints one line, with the time that the command took. The output of the
# command is shown only if it fails. On a terminal the text is shown while the command runs.
step()
{
	local text=$1 start=$EPOCHREALTIME log
	shift

	log=$(mktemp)
	[ -t 2 ] && printf '%s ...' "$text" >&2
	if ! "$@" >"$log" 2>&1 </dev/null; then
		[ -t 2 ] && printf '\n' >&2
		tail -n 40 "$log" >&2
		rm -f "$log"
		say "failed after $(seconds_since "$start") s: $text"
		return 1
	fi
	rm -f "$log"
	[ -t 2 ] && printf '\r\033[K' >&2
	say "$text: $(seconds_since "$start") s"
}

# long_step TEXT COMMAND...: as step, but on a terminal the output of the command is shown.
long_step()
{
	local text=$1 start=$EPOCHREALTIME
	shift

	if [ ! -t 2 ]; then
		step "$text" "$@"
		return
	fi
	say "$text ..."
	if ! "$@" >&2 </dev/null; then
		say "failed after $(seconds_since "$start") s: $text"
		return 1
	fi
	say "$text: $(seconds_since "$start") s"
}

# Only one process at a time writes to the cache.
lock_cache()
{
	mkdir -p "$CACHE" || die "cannot create the cache $CACHE; set RMAPSCOPE_CACHE to a writable directory"
	[ "${RMAPSCOPE_CACHE_LOCKED:-}" = "$CACHE" ] && return
	exec 9>"$CACHE/lock"
	if ! flock -n 9; then
		say "waiting for another run that writes to $CACHE"
		flock 9
	fi
	export RMAPSCOPE_CACHE_LOCKED=$CACHE
}

# lock_build NAME: only one run at a time uses build/NAME. The shell of the caller holds the lock
# until it exits.
lock_build()
{
	mkdir -p "$BUILD/$1"
	exec 5>"$BUILD/$1/lock"
	if ! flock -n 5; then
		say "waiting for another run that uses $BUILD/$1"
		flock 5
	fi
}
