#!/bin/sh
# Runs as root while the image is built: no secret is in sight here, and none is needed. What a hook
# needs later is copied out of this folder, which is gone after the build. A user without root runs
# `install.sh --prefix DIR`.
set -eu
# Some builds run with none, and what runs with everybody's secrets is root's alone to change.
umask 022
# As in wrapper.sh.
unset NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE NODE_COMPILE_CACHE NODE_COMPILE_CACHE_PORTABLE \
	NODE_DEBUG NODE_DEBUG_NATIVE NODE_DISABLE_COLORS NODE_DISABLE_COMPILE_CACHE NODE_ICU_DATA \
	NODE_INSPECT_RESUME_ON_START NODE_NO_WARNINGS NODE_OPTIONS NODE_PATH NODE_PENDING_DEPRECATION \
	NODE_PENDING_PIPE_INSTANCES NODE_PRESERVE_SYMLINKS NODE_PRESERVE_SYMLINKS_MAIN \
	NODE_REDIRECT_WARNINGS NODE_REPL_EXTERNAL_MODULE NODE_REPL_HISTORY NODE_REPL_HISTORY_SIZE \
	NODE_REPL_MODE NODE_RUN_PACKAGE_JSON_PATH NODE_RUN_SCRIPT_NAME NODE_SKIP_PLATFORM_CHECK \
	NODE_TEST_CONTEXT NODE_TEST_WORKER_ID NODE_TLS_REJECT_UNAUTHORIZED NODE_UNIQUE_ID \
	NODE_USE_ENV_PROXY NODE_USE_SYSTEM_CA NODE_V8_COVERAGE \
	OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES SSLKEYLOGFILE

prefix=/usr/local
programs='registry-auth docker-credential-registry-auth'
here=$(cd "$(dirname "$0")" && pwd)

# A code as in src/problem.ts, what is wrong, and what to do.
complain() {
	echo "registry-auth: $2 [$1]" >&2
	echo "registry-auth:   fix: $3" >&2
}

die() {
	said=true
	complain "$@"
	exit 1
}

if [ $# = 2 ] && [ "$1" = --prefix ] && [ -n "$2" ]; then
	prefix=$2
	case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
	prefix=${prefix%/}
elif [ $# != 0 ]; then
	die USAGE 'install.sh: takes nothing, or --prefix and a folder' 'run install.sh --prefix DIR'
elif [ "$(id -u)" != 0 ]; then
	die INSTALL_NOT_ROOT 'install.sh: not run as root' \
		'let the dev container build run it, use sudo, or name a folder of yours with --prefix'
fi
share=$prefix/share/registry-auth
bin=$prefix/bin

mirror=${NODEMIRROR:-https://nodejs.org/dist}
case $mirror in
*[!a-zA-Z0-9:/._~%-]*) mirror= ;;
http://?* | https://?*) ;;
*) mirror= ;;
esac
[ -n "$mirror" ] || die OPTION_INVALID 'option nodeMirror: no URL of a public mirror' \
	'give an address that starts with https:// or http://, without a user name'

# Says where the Node of a path really is; fails where it is none or too old. That path is kept: a
# hook's PATH may lack what this one has, and `nvm use` turns the links on it to another version.
find_real() {
	[ -f "$1" ] && [ -x "$1" ] && "$1" -- "$here/lib/start.cjs" 2>/dev/null
}

# Whether every user can run a program. Root's own Node, in /root/.nvm, is of no use to a hook; what
# another user installs is for that user alone.
is_open() {
	[ "$(id -u)" = 0 ] || return 0
	case $(ls -ld "$1") in -????????[xt]*) ;; *) return 1 ;; esac
	folder=$1
	while [ -n "$folder" ]; do
		folder=${folder%/*}
		case $(ls -ld "$folder/") in d????????[xt]*) ;; *) return 1 ;; esac
	done
}

# Whether nobody but root, and the user that hooks run as, can change a file or any folder above it.
# What everybody can write to will do where the sticky bit keeps what root has there.
is_safe() {
	user=$(id -u "${_REMOTE_USER:-root}" 2>/dev/null) || user=0
	path=$1
	is_kept "$path" || return
	while [ -n "$path" ]; do
		path=${path%/*}
		is_kept "$path/" || return
	done
}

is_kept() {
	# What find has for this is not in POSIX; the name is not read.
	# shellcheck disable=SC2012
	ls -ldn "$1" | {
		read -r mode _ owner _
		case $mode in
		d???????w[tT]*) ;;
		????????w*) exit 1 ;;
		esac
		# Not in POSIX, and in every shell that is an image's /bin/sh.
		# shellcheck disable=SC3067
		[ "$owner" = 0 ] || [ "$owner" = "$user" ] || [ -O "$1" ]
	}
}

# Sets `node` to one that is there already: on PATH, or where images keep one. What PATH has in
# relative folders is nobody's choice.
find_node() {
	places=$PATH:/usr/local/bin:/usr/bin:/usr/local/share/nvm/current/bin
	set -f
	IFS=:
	# shellcheck disable=SC2086
	set -- $places
	unset IFS
	set +f
	for place; do
		case $place in /*) ;; *) continue ;; esac
		node=$(find_real "$place/node") || continue
		[ "$(find_real "$node")" = "$node" ] || continue
		is_open "$node" || continue
		if is_safe "$node"; then return; fi
		complain NODE_EXPOSED "Node: $node can be changed by another user, so it is not taken" \
			'give it and the folders above it to root (chown), and let nobody else write (chmod go-w)'
	done
	false
}

# A link into a folder would be made inside it, and leave that folder where a program should be.
look_for_folders() {
	for program in $programs; do
		[ -L "$bin/$program" ] || [ ! -d "$bin/$program" ] ||
			die INSTALL_BLOCKED "$bin/$program: is a folder, and our program must be there" \
				'remove the folder from the image'
	done
}

# All is made in a folder beside its place and renamed at the end. What fails until then leaves an
# installation before this one as it was.
stage() {
	undo=false
	said=false
	trap tidy_up EXIT
	trap 'said=true; exit 1' HUP INT TERM
	mkdir -p "$bin" "${share%/*}"
	work=$(mktemp -d "$share.XXXXXX")
	new=$work/new
	mkdir "$new" "$new/bin" "$work/home"
}

tidy_up() {
	# All that can fail without a word of ours is what writes.
	[ $? = 0 ] || "$said" || complain INSTALL_FAILED \
		"install.sh: ${share%/*} cannot be written to" 'make room for the build'
	trap '' HUP INT TERM
	! "$undo" || put_back
	give_back
	[ -z "$work" ] || rm -rf "$work"
}

# What is where tells how far the renaming came.
put_back() {
	[ -e "$new" ] || rm -rf "$share"
	[ -e "$share" ] || [ ! -e "$work/before" ] || mv "$work/before" "$share"
	for program in $programs; do
		# A link that leads nowhere, after a first installation.
		[ -e "$bin/$program" ] || rm -f "$bin/$program"
	done
}

# Packages that were only borrowed; see private-node.sh.
give_back() { :; }

# Sets `node` to one of our own, which is not on PATH, and `kept` to where it will be.
add_node() {
	# shellcheck source=features/registry-auth/private-node.sh
	. "$here/private-node.sh"
	: >"$work/log"
	if ! find_archive; then
		add_packages nodejs || true
		find_node || die NODE_MISSING \
			"Node: no version 20.12 or newer in this image, nor as a package of it$(reason)" \
			'use a newer image, or one with Node 20.12 or newer'
		kept=$node
		return
	fi
	node=$new/node/bin/node
	kept=$share/node/bin/node
	if [ "$("$kept" --version 2>/dev/null)" = "$version" ]; then
		cp -R "$share/node" "$new/node"
	else
		get_private_node "$new/node"
	fi
}

work=
look_for_folders
if find_node; then
	kept=$node
else
	stage
	add_node
fi

# Options are in this environment and nowhere else later. A name or value that does not exist ends
# the build here: a typo in "credentials" must not become a secret on disk. The dev container CLI
# writes down every option that was given, and an image may have this Feature already.
given=$here/devcontainer-features.env
options=$(
	GIVEN_OPTIONS=$(! [ -f "$given" ] || sed -n 's/^\([A-Za-z][A-Za-z0-9_]*\)=.*/\1/p' "$given") \
		INSTALLED_OPTIONS=$(! [ -f "$share/options.json" ] || cat "$share/options.json") \
		"$node" -- "$here/lib/registry-auth.cjs" configure
) || {
	said=true
	exit 1
}

[ -n "$work" ] || stage
cp -R "$here/lib" "$new/lib"

# Two runs of each program for V8 to keep what it compiled, one that writes and one that has nothing
# to write; start.cjs then need not compile it again. In a home that goes away, before there are
# options, with a registry that does not exist and is not asked. It is a help at most, so nobody
# need hear of it.
warm_up() {
	echo registry.example.com | env -i PATH="$PATH" HOME="$work/home" \
		EXAMPLE_CONTAINER_REGISTRY_SERVER=registry.example.com \
		EXAMPLE_CONTAINER_REGISTRY_USER=example EXAMPLE_CONTAINER_REGISTRY_PASSWORD=example \
		"$node" -- "$new/lib/start.cjs" --compile "$@" >/dev/null 2>&1 || true
}
for _ in first second; do
	warm_up registry-auth hook postStart
	warm_up docker-credential-registry-auth get
done

printf '%s\n' "$options" >"$new/options.json"

# Quotes a text for the shell: a folder's name may have any character.
quote() {
	printf "'%s'\n" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

case $options in *'"strict":true'*) strict=true ;; *) strict=false ;; esac

# The wrappers: the same few lines for both programs, after what was chosen here.
for program in $programs; do
	{
		printf '#!/bin/sh\nprogram=%s\nstrict=%s\nnode=' "$program" "$strict"
		quote "$kept"
		printf 'share='
		quote "$share"
		cat "$here/wrapper.sh"
	} >"$new/bin/$program"
	chmod +x "$new/bin/$program"
done
chmod -R u=rwX,go=rX "$new"

undo=true
[ ! -e "$share" ] || mv "$share" "$work/before"
mv "$new" "$share"
for program in $programs; do ln -sfn "$share/bin/$program" "$bin/$program"; done
undo=false

echo "registry-auth: installed, runs with $kept ($("$kept" --version))"
case "$#:$PATH:" in 0:* | *":$bin:"*) ;; *) echo "registry-auth: put $bin on PATH" ;; esac
