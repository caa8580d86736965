#!/bin/sh
# Runs as root while the image is built: no secret is in sight here, and none is needed. What a hook
# needs later is copied out of this folder, which is gone after the build.
set -eu
# Some builds run with none, and what runs with everybody's secrets is root's alone to change.
umask 022
# As in wrapper.sh.
unset NODE_OPTIONS NODE_PATH NODE_DEBUG NODE_DEBUG_NATIVE NODE_V8_COVERAGE

share=/usr/local/share/registry-auth
bin=/usr/local/bin
programs='registry-auth docker-credential-registry-auth'
here=$(cd "$(dirname "$0")" && pwd)

die() {
	echo "registry-auth: $1" >&2
	echo "  fix: $2" >&2
	exit 1
}

[ "$(id -u)" = 0 ] || die 'install.sh: not run as root' \
	'let the dev container build run it, or use sudo'

# Says where the Node of a path really is; fails where it is none or too old. That path is kept: a
# hook's PATH may lack what this one has, and `nvm use` turns the links on it to another version.
find_real() {
	[ -f "$1" ] && [ -x "$1" ] && "$1" -- "$here/lib/start.cjs" 2>/dev/null
}

node=
for candidate in "$(command -v node || true)" /usr/local/bin/node /usr/bin/node \
	/usr/local/share/nvm/current/bin/node; do
	# What PATH has in relative folders is nobody's choice.
	case $candidate in /*) ;; *) continue ;; esac
	node=$(find_real "$candidate") && [ "$(find_real "$node")" = "$node" ] && break
	node=
done
node_feature='"ghcr.io/devcontainers/features/node:1": {}'
[ -n "$node" ] || die 'Node: no version 20.12 or newer in this image' \
	"add $node_feature to the features in devcontainer.json, or use an image with Node"

# Options are in this environment and nowhere else later. One that is not allowed is said, and ends
# the build here: a typo in "credentials" must not become a secret on disk.
options=$("$node" -- "$here/lib/registry-auth.cjs" configure)

# All is made in a folder beside its place and renamed at the end. What fails until then leaves an
# installation before this one as it was.
mkdir -p "$bin" "${share%/*}"
work=$(mktemp -d "$share.XXXXXX")
new=$work/new
undo=false
tidy_up() {
	if "$undo"; then
		rm -rf "$share"
		[ ! -e "$work/before" ] || mv "$work/before" "$share"
	fi
	rm -rf "$work"
}
trap tidy_up EXIT
trap 'exit 1' HUP INT TERM

mkdir "$new" "$new/bin" "$work/home"
cp -R "$here/lib" "$new/lib"

# One run of each program for V8 to keep what it compiled, which start.cjs then need not compile
# again: in a home that goes away, before there are options, with a registry that does not exist and
# is not asked. It is a help at most, so nobody need hear of it.
warm_up() {
	echo registry.example.com | env -i PATH="$PATH" HOME="$work/home" \
		EXAMPLE_CONTAINER_REGISTRY_SERVER=registry.example.com \
		EXAMPLE_CONTAINER_REGISTRY_USER=example EXAMPLE_CONTAINER_REGISTRY_PASSWORD=example \
		"$node" -- "$new/lib/start.cjs" --compile "$@" >/dev/null 2>&1 || true
}
warm_up registry-auth hook postStart
warm_up docker-credential-registry-auth get

printf '%s\n' "$options" >"$new/options.json"

# Quotes a text for the shell: a folder's name may have any character.
quote() {
	printf "'%s'\n" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

# The wrappers: the same few lines for both programs, after what was chosen here.
for program in $programs; do
	{
		printf '#!/bin/sh\nprogram=%s\nstrict=%s\nnode=' "$program" "${STRICT:-false}"
		quote "$node"
		cat "$here/wrapper.sh"
	} >"$new/bin/$program"
	chmod +x "$new/bin/$program"
done
chmod -R u=rwX,go=rX "$new"

[ ! -e "$share" ] || mv "$share" "$work/before"
undo=true
mv "$new" "$share"
for program in $programs; do ln -sf "$share/bin/$program" "$bin/$program"; done
undo=false

echo "registry-auth: installed, runs with $node ($("$node" --version))"
