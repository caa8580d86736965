#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "the container is up, and nothing is written" test ! -e ~/.docker/config.json
check "what is wrong is said" bash -c "registry-auth apply 2>&1 | grep CONFIG_NOT_WRITABLE"
check "a hook is no reason not to start" registry-auth hook postStart
reportResults
