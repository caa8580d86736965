#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "without a problem a hook ends well" registry-auth hook postStart
check "with one it fails" bash -c \
	"! ACME_CONTAINER_REGISTRY_USER=robot registry-auth hook postStart 2>/dev/null"
reportResults
