#!/bin/sh
# Runs a program of registry-auth with a Node that works, whatever PATH and variables for Node the caller
# has. install.sh writes lines before these: program, strict, node and share, the folder of lib.
# shellcheck disable=SC2154

# Variables that load other code, print what we send and receive (tokens too), write files or weaken TLS.
# Of Node's variables only NODE_EXTRA_CA_CERTS stays. install.sh has the same list.
unset NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE NODE_COMPILE_CACHE NODE_COMPILE_CACHE_PORTABLE \
	NODE_DEBUG NODE_DEBUG_NATIVE NODE_DISABLE_COLORS NODE_DISABLE_COMPILE_CACHE NODE_ICU_DATA \
	NODE_INSPECT_RESUME_ON_START NODE_NO_WARNINGS NODE_OPTIONS NODE_PATH NODE_PENDING_DEPRECATION \
	NODE_PENDING_PIPE_INSTANCES NODE_PRESERVE_SYMLINKS NODE_PRESERVE_SYMLINKS_MAIN \
	NODE_REDIRECT_WARNINGS NODE_REPL_EXTERNAL_MODULE NODE_REPL_HISTORY NODE_REPL_HISTORY_SIZE \
	NODE_REPL_MODE NODE_RUN_PACKAGE_JSON_PATH NODE_RUN_SCRIPT_NAME NODE_SKIP_PLATFORM_CHECK \
	NODE_TEST_CONTEXT NODE_TEST_WORKER_ID NODE_TLS_REJECT_UNAUTHORIZED NODE_UNIQUE_ID \
	NODE_USE_ENV_PROXY NODE_USE_SYSTEM_CA NODE_V8_COVERAGE \
	OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES SSLKEYLOGFILE

# Node 20 reads this one at its start, and would wait for ever for a pipe that nobody writes to.
[ -f "${NODE_EXTRA_CA_CERTS:-}" ] || unset NODE_EXTRA_CA_CERTS

# A core file would hold every secret. Each shell that images have as /bin/sh supports this.
# shellcheck disable=SC3045
ulimit -c 0

# By default Node trusts its own list of CAs alone, and the CA of a company's proxy is in the system's.
# Node before 22.19 and 24.6 ignores this.
export NODE_USE_SYSTEM_CA=1

# A hook must never stop a container from starting.
if [ "${1:-}" = hook ] && [ "$strict" != true ]; then
	forgiving=true
	# If no process can start, or the log is closed, the shell would exit with another status.
	trap 'exit 0' EXIT
	trap '' PIPE
	# Without `command`, an image without /dev/null would end the shell.
	{ command exec </dev/null; } 2>/dev/null || true
else
	forgiving=false
fi

end() {
	if [ "$1" != 0 ] && "$forgiving"; then
		echo 'registry-auth: the hook failed; the container starts all the same' >&2
		exit 0
	fi
	exit "$1"
}

# Runs the program and exits with its status; returns if this Node cannot run it. Without the two dashes,
# Node would read our options, such as --env-file, as its own.
try() {
	candidate=$1
	shift
	if [ ! -f "$candidate" ] || [ ! -x "$candidate" ]; then return; fi
	status=0
	# Also where the caller's options for the shell end it at a failure.
	"$candidate" -- "$share/lib/start.cjs" "$program" "$@" || status=$?
	case $status in
	# From start.cjs, before it reads anything: Node is too old.
	65) old=$candidate ;;
	# From the shell: this Node is for another machine or C library.
	126 | 127) ;;
	*) end "$status" ;;
	esac
}

old=
try "$node" "$@"
# The Node that install.sh chose is gone or was replaced. Next is our private copy; then PATH, without its
# relative and empty entries: a repository's ./node would run with every secret.
try "$share/node/bin/node" "$@"
set -f
IFS=:
for folder in ${PATH:-}; do
	case $folder in /*) try "$folder/node" "$@" ;; esac
done

# Clients of a credential helper read its error on stdout.
[ "$program" != registry-auth ] || exec >&2
what='Node is gone from this container'
[ -z "$old" ] || what="Node $("$old" --version) is too old"
fix='rebuild the container, or put Node 20.12 or newer on PATH'
echo "registry-auth: $what; fix: $fix"
"$forgiving"
exit
