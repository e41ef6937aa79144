# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A private apt state, for suites that the host doesn't use. Only the mirrors and proxies of the
# host's package management are read, and nothing of it is changed. apt checks all signatures.
# Sourced after common.sh.

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# mirror_of main|security: the mirror that the host uses for Debian.
mirror_of()
{
	local targets want

	case $1 in
	main) want='^(bookworm|trixie|stable|oldstable|testing)$' ;;
	security) want='^(bookworm|trixie|stable|oldstable|testing)-security$' ;;
	esac
	# The separator is |, because a URI has no | in it.
	# shellcheck disable=SC2016	# apt replaces these, not the shell
	targets=$(APT_CONFIG='' apt-get indextargets --format \
		'$(RELEASE)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages')
	awk -F '|' -v want="$want" '$2 == "main" && $1 ~ want { print $3; exit }' \
		<<<"$targets"
}

# The proxies and credentials of the host, without its hooks and extra indexes.
host_transport()
{
	APT_CONFIG='' apt-config dump |
		grep -E '^Acquire::(http|https|Retries|ForceIPv4|ForceIPv6)[: ]' || true
}

write_sources()
{
	local suite mirror

	for suite in "$@"; do
		case $suite in
		*-security) mirror=$(mirror_of security) ;;
		*) mirror=$(mirror_of main) ;;
		esac
		if [ -n "$mirror" ]; then
			echo "deb [arch=amd64 signed-by=$KEYRING] $mirror $suite main"
		elif [[ $suite = *-security ]]; then
			say "this machine's apt has no Debian security mirror: leaving out $suite"
		else
			die "this machine's apt knows no Debian mirror; add one to /etc/apt/sources.list"
		fi
	done
}

write_apt_conf()
{
	cat <<-EOF
	$(host_transport)
	Dir::State "$1/state";
	Dir::State::status "$1/status";
	Dir::Cache "$1/cache";
	Dir::Etc::main "$1/none";
	Dir::Etc::parts "$1/none";
	Dir::Etc::sourcelist "$1/sources.list";
	Dir::Etc::sourceparts "$1/none";
	Dir::Etc::preferences "$1/none";
	Dir::Etc::preferencesparts "$1/none";
	APT::Architecture "amd64";
	APT::Architectures { "amd64"; };
	APT::Sandbox::User "root";
	APT::Get::AllowUnauthenticated "false";
	APT::Update::Error-Mode "any";
	Acquire::AllowReleaseInfoChange "true";
	Acquire::GzipIndexes "true";
	Acquire::Languages { "none"; };
	EOF
}

# use_suites SUITE...: from now on, apt in this script knows only these suites.
use_suites()
{
	local all="$*" dir

	dir=$CACHE/apt/${all// /+}
	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" "$dir/none"
	: >"$dir/status"
	write_sources "$@" >"$dir/sources.list"
	write_apt_conf "$dir" >"$dir/apt.conf"
	export APT_CONFIG=$dir/apt.conf
	long_step "package lists of $*" apt-get update ||
		die "cannot read the package lists of $*, see above. Is the network down, or debian-archive-keyring too old?"
}

# newest REGEX: the newest real package whose full name matches.
newest()
{
	apt-cache search --names-only "^$1\$" | awk '{ print $1 }' | sort -V | tail -n 1
}

field_of()
{
	apt-cache show --no-all-versions "$1" |
		awk -v field="$2:" '$1 == field { sub(/^[^:]*: */, ""); print; exit }'
}

# download DIR PACKAGE...: newest versions, into DIR.
download()
{
	local dir=$1 bytes
	shift

	mkdir -p "$dir"
	bytes=$(cd "$dir" && apt-get download --print-uris "$@" | awk '{ sum += $3 } END { print sum + 0 }')
	(
		cd "$dir"
		long_step "download of $# packages, $(megabytes "$bytes")" apt-get download "$@"
	) || die "cannot download $*, see above. Try again, or delete $CACHE/apt first"
}

# source_archive DIR PACKAGE: prints the archive in the linux-source package in DIR.
source_archive()
{
	dpkg-deb --fsys-tarfile "$1"/*.deb | tar -xO "./usr/src/$2.tar.xz" | xz -dc
}

# unpack_source DIR PACKAGE TO PATH...: unpacks some paths of that archive.
unpack_source()
{
	local dir=$1 name=$2 to=$3
	shift 3

	mkdir -p "$to"
	source_archive "$dir" "$name" |
		tar -x -C "$to" --wildcards --strip-components=1 "${@/#/$name/}"
}

# The parsed lists are large, and apt can quickly make them again.
forget_parsed_lists()
{
	rm -f "${APT_CONFIG%/apt.conf}"/cache/*.bin
}
