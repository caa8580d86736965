#!/bin/sh
# Runs a bundle of registry-auth with a usable Node, whatever the caller's PATH and NODE_OPTIONS are.
unset NODE_OPTIONS

# Node's own HTTP ignores proxies unless it is told (from 22.21 and 24.5 on; older ones ignore this too).
[ -z "${HTTPS_PROXY:-}${https_proxy:-}${HTTP_PROXY:-}${http_proxy:-}" ] || export NODE_USE_ENV_PROXY=1

node=@NODE@
[ -x "$node" ] || node=$(command -v node) || node=missing

run() {
	"$node" /usr/local/share/registry-auth/lib/@PROGRAM@.cjs "$@"
}

if [ "$node" = missing ]; then
	# On stdout, where a client of a credential helper looks for words.
	echo 'registry-auth: Node is gone from this container; fix: rebuild the container'
	[ "${1:-}" = hook ] && [ @STRICT@ != true ] && exit 0
	exit 1
fi

# A hook must never stop a container from starting, not even when the bundle is broken.
if [ "${1:-}" = hook ] && [ @STRICT@ != true ]; then
	run "$@" </dev/null || echo 'registry-auth: the hook failed; the container starts all the same' >&2
	exit 0
fi
exec "$node" /usr/local/share/registry-auth/lib/@PROGRAM@.cjs "$@"
