#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "there is no Node on PATH" bash -c "! command -v node"
check "the entry is there" grep "\"$(printf robot:not-a-secret | base64)\"" \
	~/.docker/config.json
reportResults
