#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "the command is there once" test "$(type -a registry-auth | wc -l)" = 1
# The command line tool installs it with options by chance first, then with the defaults: the
# stricter of the two stays.
kept=${CREDENTIALS:-file}
check "the stricter option stays" grep "\"credentials\":\"$kept\"" \
	/usr/local/share/registry-auth/options.json
check "a hook works" registry-auth hook postStart
reportResults
