#!/bin/sh
# Builds onehead, installs it, and sets up a git repository. Run again, it changes nothing.
set -eu

usage() {
	cat <<'END'
usage: ./install.sh [--prefix DIR | --system] [REPOSITORY]
       ./install.sh --uninstall [--prefix DIR | --system] [REPOSITORY]
       ./install.sh --demo

Installs what is missing to build it (Debian, Ubuntu), builds, installs to ~/.local (--system:
/usr/local), and sets up REPOSITORY, or the one that it is run in.
--uninstall takes all of that back. --demo shows what onehead does, in a throw-away repository.
END
}

say() {
	printf 'install: %s\n' "$*"
}

die() {
	printf 'install: %s\n' "$*" >&2
	exit 2
}

source=$(cd "$(dirname "$0")" && pwd -P)
build=$source/build-install
stage=$build/stage
prefix=${HOME:-}/.local
action=install
repository=
changed=0

while [ $# -gt 0 ]; do
	case $1 in
	--prefix)
		[ $# -gt 1 ] || die "--prefix wants a directory"
		prefix=$2
		shift
		;;
	--prefix=*) prefix=${1#*=} ;;
	--system) prefix=/usr/local ;;
	--uninstall) action=uninstall ;;
	--demo) action=demo ;;
	-h | --help)
		usage
		exit 0
		;;
	-*)
		usage >&2
		exit 2
		;;
	*)
		[ -z "$repository" ] || die "one repository at a time"
		repository=$1
		;;
	esac
	shift
done
case $prefix in
/*) ;;
*) prefix=$PWD/$prefix ;;
esac
manifest=$prefix/lib/onehead/manifest

# Each Debian package with what shows that it is there.
needed='
gcc            command -v cc && echo "#include <stdio.h>" | cc -E -
make           command -v make
cmake          command -v cmake
pkg-config     command -v pkg-config
git            command -v git
libgit2-dev    pkg-config --exists libgit2
libsqlite3-dev pkg-config --exists sqlite3
libpq-dev      pkg-config --exists libpq
libmd-dev      pkg-config --exists libmd
'

missing() {
	printf '%s\n' "$1" | while read -r package check; do
		[ -z "$package" ] || sh -c "$check" >/dev/null 2>&1 </dev/null || echo "$package"
	done
}

# A compiler without its C library's headers is as good as none.
with_headers() {
	case " $1 " in
	*" gcc "*) echo "$1 libc6-dev" ;;
	*) echo "$1" ;;
	esac
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "only root may do this, and there is no sudo: $*"
	fi
}

install_packages() {
	[ -n "$1" ] || return 0
	command -v apt-get >/dev/null || die "please install these yourself: $1"
	[ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
		die "as root, please run: apt-get install $1"
	say "installing packages: $1"
	changed=1
	as_root apt-get update -qq </dev/null >&2 || die "apt-get update failed"
	# shellcheck disable=SC2086 # one word a package
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends $1 </dev/null >"$log" 2>&1 || {
		cat "$log" >&2
		die "apt-get could not install $1"
	}
}

build_it() {
	install_packages "$(with_headers "$(missing "$needed" | tr '\n' ' ' | sed 's/ $//')")"
	mkdir -p "$build"
	[ -x "$build/bin/onehead" ] || say "building (a minute at most)"
	{
		cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DONEHEAD_TESTS=OFF \
			-DCMAKE_INSTALL_PREFIX="$prefix" &&
			cmake --build "$build" -j "$(getconf _NPROCESSORS_ONLN)"
	} >"$log" 2>&1 || {
		cat "$log" >&2
		die "the build failed"
	}
}

# The directory of the prefix that is there already must be ours to write to; else root writes.
writer() {
	directory=$prefix
	while [ ! -e "$directory" ]; do
		directory=$(dirname "$directory")
	done
	if [ -w "$directory" ] && { [ ! -e "$prefix/bin" ] || [ -w "$prefix/bin" ]; }; then
		"$@"
	else
		as_root "$@"
	fi
}

same_file() {
	if [ -h "$1" ] || [ -h "$2" ]; then
		[ -h "$1" ] && [ -h "$2" ] && [ "$(readlink "$1")" = "$(readlink "$2")" ]
	else
		cmp -s "$1" "$2"
	fi
}

# Whole or not at all: a hook may be running the old one.
put_file() {
	! same_file "$stage$prefix/$1" "$prefix/$1" || return 0
	changed=1
	writer mkdir -p "$(dirname "$prefix/$1")"
	writer cp -P "$stage$prefix/$1" "$prefix/$1.new"
	writer mv -f "$prefix/$1.new" "$prefix/$1"
}

# Directories that are not there yet, outermost first: uninstalling takes these away.
new_directories() {
	for directory in / /bin /lib /lib/onehead; do
		[ -e "$prefix$directory" ] || echo "$directory"
	done
}

staged_files() {
	(cd "$stage$prefix" && find . ! -type d | sed 's,^\./,,' | sort)
}

put_files() {
	rm -rf "$stage"
	DESTDIR=$stage cmake --install "$build" --strip >"$log" 2>&1 || {
		cat "$log" >&2
		die "staging failed"
	}
	mkdir -p "$stage$prefix/lib/onehead"
	: >"$stage$prefix/lib/onehead/manifest"
	staged_files >"$stage.list"
	mv "$stage.list" "$stage$prefix/lib/onehead/manifest"
	made=$(new_directories)
	staged_files | while read -r file; do
		put_file "$file"
		echo "$changed"
	done >"$log"
	[ -z "$made" ] || echo "$made" | writer tee "$prefix/lib/onehead/directories" >/dev/null
	! grep -q 1 "$log" || {
		changed=1
		say "programs in $prefix/bin: onehead, git-onehead, onehead-hook, onehead-merge-driver"
	}
}

advise_path() {
	case :$PATH: in
	*":$prefix/bin:"*) ;;
	*) say "$prefix/bin is not on PATH; add to your shell's profile: PATH=\"$prefix/bin:\$PATH\"" ;;
	esac
}

# The repository that is meant: the one given, else the one that this is run in, if it is not
# onehead's own source.
find_repository() {
	if [ -n "$repository" ]; then
		git -C "$repository" rev-parse --git-dir >/dev/null 2>&1 ||
			die "$repository is no git repository"
		return 0
	fi
	repository=$(git rev-parse --show-toplevel 2>/dev/null) || repository=
	[ "$repository" != "$source" ] || repository=
}

# Says what onehead says, and whether it changed something.
in_repository() {
	status=0
	(cd "$repository" && "$1" "$2") >"$log" 2>&1 || status=$?
	cat "$log"
	grep -q 'nothing to change' "$log" || changed=1
	return $status
}

do_install() {
	build_it
	put_files
	find_repository
	status=0
	if [ -n "$repository" ]; then
		say "$repository:"
		in_repository "$prefix/bin/onehead" install || status=$?
	else
		say "to set up a repository: cd there && onehead install"
	fi
	advise_path
	[ "$changed" = 1 ] || say "nothing changed: all of it was there already"
	return $status
}

do_uninstall() {
	find_repository
	if [ -n "$repository" ] && [ -x "$prefix/bin/onehead" ]; then
		say "$repository:"
		in_repository "$prefix/bin/onehead" uninstall || die "onehead uninstall failed"
	fi
	[ -f "$manifest" ] || {
		say "nothing to remove in $prefix"
		return 0
	}
	made=$(sort -r "$prefix/lib/onehead/directories" 2>/dev/null) || made=
	{
		cat "$manifest"
		echo lib/onehead/directories
	} >"$log"
	while read -r file; do
		writer rm -f "$prefix/$file"
	done <"$log"
	for directory in $made; do
		writer rmdir "$prefix$directory" 2>/dev/null || true
	done
	say "removed from $prefix; repositories that still have its hooks go on without them"
}

log=$(mktemp)
work=
trap 'rm -rf "$log" ${work:+"$work"}' EXIT
trap 'exit 130' INT TERM

case $action in
install) do_install ;;
uninstall) do_uninstall ;;
demo)
	build_it
	install_packages "$(missing 'alembic command -v alembic && alembic --version')"
	work=$(mktemp -d)
	PATH=$build/bin:$PATH sh "$source/docs/demo.sh" "$work"
	;;
esac
