#!/bin/sh
# Runs a program of registry-auth with a usable Node, whatever the caller's PATH and variables for
# Node are. install.sh puts lines before these: program, strict, node and share, the folder of lib.
# shellcheck disable=SC2154

# What loads code of others, prints what we send and get, tokens too, writes files, or weakens TLS: of
# Node's variables only NODE_EXTRA_CA_CERTS is left. install.sh has the same list.
unset NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE NODE_COMPILE_CACHE NODE_COMPILE_CACHE_PORTABLE \
	NODE_DEBUG NODE_DEBUG_NATIVE NODE_DISABLE_COLORS NODE_DISABLE_COMPILE_CACHE NODE_ICU_DATA \
	NODE_INSPECT_RESUME_ON_START NODE_NO_WARNINGS NODE_OPTIONS NODE_PATH NODE_PENDING_DEPRECATION \
	NODE_PENDING_PIPE_INSTANCES NODE_PRESERVE_SYMLINKS NODE_PRESERVE_SYMLINKS_MAIN \
	NODE_REDIRECT_WARNINGS NODE_REPL_EXTERNAL_MODULE NODE_REPL_HISTORY NODE_REPL_HISTORY_SIZE \
	NODE_REPL_MODE NODE_RUN_PACKAGE_JSON_PATH NODE_RUN_SCRIPT_NAME NODE_SKIP_PLATFORM_CHECK \
	NODE_TEST_CONTEXT NODE_TEST_WORKER_ID NODE_TLS_REJECT_UNAUTHORIZED NODE_UNIQUE_ID \
	NODE_USE_ENV_PROXY NODE_USE_SYSTEM_CA NODE_V8_COVERAGE \
	OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES SSLKEYLOGFILE

# A core file would hold every secret. Every shell that is an image's /bin/sh can do this.
# shellcheck disable=SC3045
ulimit -c 0

# Node trusts its own list of authorities alone unless it is told (from 22.19 and 24.6 on; older
# ones ignore this), and a company's proxy is on the system's.
export NODE_USE_SYSTEM_CA=1

# A hook must never stop a container from starting.
if [ "${1:-}" = hook ] && [ "$strict" != true ]; then
	forgiving=true
	# Where no process can be started, or the log is closed, a shell would end with a status of its own.
	trap 'exit 0' EXIT
	trap '' PIPE
	# `command`, so that an image without /dev/null does not end the shell.
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

# Runs the program and ends with its status; comes back where this Node cannot run it. Without the
# two dashes, Node takes words of ours, like --env-file, for its own.
try() {
	candidate=$1
	shift
	if [ ! -f "$candidate" ] || [ ! -x "$candidate" ]; then return; fi
	"$candidate" -- "$share/lib/start.cjs" "$program" "$@"
	status=$?
	case $status in
	# start.cjs says so before it does or reads anything.
	65) old=$candidate ;;
	# The shell's own: made for another machine or C library.
	126 | 127) ;;
	*) end "$status" ;;
	esac
}

old=
try "$node" "$@"
# What install.sh chose is gone, or another one is in its place. Next is our own copy; then PATH,
# but no relative or empty entry of it: a repository's ./node would run with every secret.
try "$share/node/bin/node" "$@"
set -f
IFS=:
for folder in ${PATH:-}; do
	case $folder in /*) try "$folder/node" "$@" ;; esac
done

# A client of a credential helper looks for words on stdout.
[ "$program" != registry-auth ] || exec >&2
what='Node is gone from this container'
[ -z "$old" ] || what="Node $("$old" --version) is too old"
fix='rebuild the container, or put Node 20.12 or newer on PATH'
echo "registry-auth: $what; fix: $fix"
"$forgiving"
exit
