#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

# Here postCreate has run, after which nothing is a prebuild; in another home it has not.
HOME=$(mktemp -d)
export HOME
check "it says so" bash -c "registry-auth hook updateContent 2>&1 | grep PREBUILD_SKIPPED"
check "nothing is written" test ! -e ~/.docker/config.json
reportResults
