#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "the entry is there" grep "\"$(printf robot:not-a-secret | base64)\"" \
	~/.docker/config.json
check "nobody else reads it" test \
	"$(stat -c %a ~/.docker ~/.docker/config.json | xargs)" = "700 600"
check "all is well" registry-auth status
reportResults
