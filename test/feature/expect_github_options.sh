#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

# The hooks of this start have told it, and tell it once.
check "what to type is said" bash -c \
	"registry-auth status 2>&1 | grep \"gh secret set ACME_CONTAINER_REGISTRY_SERVER\""
check "GITHUB_TOKEN is not used" bash -c "! grep -s ghcr.io ~/.docker/config.json"
check "npm reads the variable" grep -F "//npm.pkg.github.com/:_authToken=\${GITHUB_TOKEN}" ~/.npmrc
reportResults
