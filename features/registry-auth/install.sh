#!/bin/sh
# Runs as root while the image is built, and needs no secret. Copies what the hooks need out of this
# folder, which does not exist after the build. A user without root runs `install.sh --prefix DIR`.
set -eu
# Some builds have no umask. Programs that run with secrets must be writable by root alone.
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
# With a CDPATH, cd could find another folder of that name, and prints it.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

# Prints a code as in src/problem.ts, what is wrong, and what to do.
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

# Prints the real path of a Node; fails if it is none or too old. We keep that path, because a hook may
# have another PATH, and `nvm use` changes the links on it.
find_real() {
	[ -f "$1" ] && [ -x "$1" ] && "$1" -- "$here/lib/start.cjs" 2>/dev/null
}

# Whether every user can run a program. A hook cannot run root's own Node in /root/.nvm. What another
# user installs with --prefix is for that user alone.
is_open() {
	[ "$(id -u)" = 0 ] || return 0
	case $(ls -ld "$1") in -????????[xt]*) ;; *) return 1 ;; esac
	folder=$1
	while [ -n "$folder" ]; do
		folder=${folder%/*}
		case $(ls -ld "$folder/") in d????????[xt]*) ;; *) return 1 ;; esac
	done
}

# Whether only root, and the user that hooks run as, can change a file or any folder above it. A folder
# that everyone can write to is fine with the sticky bit, which protects what root has there.
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
		# Not in POSIX, but in every shell that is an image's /bin/sh.
		# shellcheck disable=SC3067
		[ "$owner" = 0 ] || [ "$owner" = "$user" ] || [ -O "$1" ]
	}
}

# Sets `node` to one in the image: on PATH, or where images often have one. Skips relative folders of
# PATH, which depend on where the build runs.
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

# ln would put a link into a folder of that name, and leave the folder where a program should be.
look_for_folders() {
	for program in $programs; do
		[ -L "$bin/$program" ] || [ ! -d "$bin/$program" ] ||
			die INSTALL_BLOCKED "$bin/$program: is a folder, and our program must be there" \
				'remove the folder from the image'
	done
}

# Makes everything in a folder beside its place, to be renamed at the end. A failure before that leaves
# an older installation as it was.
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
	# Only a write can fail without a message of ours.
	[ $? = 0 ] || "$said" || complain INSTALL_FAILED \
		"install.sh: ${share%/*} cannot be written to" 'make room for the build'
	trap '' HUP INT TERM
	! "$undo" || put_back
	give_back
	[ -z "$work" ] || rm -rf "$work"
}

# Which of the folders exist shows how many were renamed.
put_back() {
	[ -e "$new" ] || rm -rf "$share"
	[ -e "$share" ] || [ ! -e "$work/before" ] || mv "$work/before" "$share"
	for program in $programs; do
		# After a failed first installation the link has no target.
		[ -e "$bin/$program" ] || rm -f "$bin/$program"
	done
}

# Removes packages that were needed for a moment; see private-node.sh.
give_back() { :; }

# Sets `node` to a private one, which is not on PATH, and `kept` to its final path.
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

# The options are in the environment of this script alone. An unknown name or value ends the build here:
# a typo in "credentials" must not put a secret on disk. The dev container CLI lists in a file every
# option that was given, and an image may already have this Feature.
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

# Runs each program twice, so that start.cjs can keep what V8 compiled: once with something to write and
# once without. The home is temporary, and no registry is contacted. Without this the programs start
# slower, so a failure is ignored.
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

# Quotes a text for the shell: the name of a folder can have any character.
quote() {
	printf "'%s'\n" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

case $options in *'"strict":true'*) strict=true ;; *) strict=false ;; esac

# Writes the wrapper of each program: what was chosen here, then the lines that both share.
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
