#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "the command is there" registry-auth --version
check "the helper is there" docker-credential-registry-auth version
check "a hook without secrets is quiet" test "$(registry-auth hook postStart)" = \
	"registry-auth: no registry secrets found; nothing to do"
check "nothing is written" test ! -e ~/.docker/config.json
reportResults
