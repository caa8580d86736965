#!/bin/sh
# Runs a program of registry-auth with a usable Node, whatever the caller's PATH and NODE_OPTIONS
# are. install.sh fills in what is between @.
unset NODE_OPTIONS
strict=@STRICT@
node='@NODE@'

# Node's own HTTP ignores proxies unless it is told (from 22.21 and 24.5 on; older ones ignore this
# too). A value without a scheme, which curl accepts, would end Node at its start.
NODE_USE_ENV_PROXY=1
for proxy in "${HTTPS_PROXY:-}" "${https_proxy:-}" "${HTTP_PROXY:-}" "${http_proxy:-}"; do
	case $proxy in '' | http://* | https://*) ;; *) NODE_USE_ENV_PROXY=0 ;; esac
done
export NODE_USE_ENV_PROXY

# A hook must never stop a container from starting.
if [ "${1:-}" = hook ] && [ "$strict" != true ]; then
	forgiving=true
	exec </dev/null
else
	forgiving=false
fi

[ -x "$node" ] || node=$(command -v node) || {
	# On stdout, where a client of a credential helper looks for words.
	echo 'registry-auth: Node is gone from this container; fix: rebuild the container'
	[ "$forgiving" = true ]
	exit
}

# Without the two dashes, Node takes words of ours, like --env-file, for its own.
"$forgiving" || exec "$node" -- /usr/local/share/registry-auth/lib/start.cjs @PROGRAM@ "$@"
"$node" -- /usr/local/share/registry-auth/lib/start.cjs @PROGRAM@ "$@" ||
	echo 'registry-auth: the hook failed; the container starts all the same' >&2
exit 0
