#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "nobody is root here" test "$(id -u)" != 0
check "the entry is there" grep "\"$(printf robot:not-a-secret | base64)\"" \
	~/.docker/config.json
check "it is ours alone" test "$(stat -c "%U %a" ~/.docker/config.json)" = "$(id -un) 600"
reportResults
