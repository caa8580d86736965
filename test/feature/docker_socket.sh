#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "docker pulls" docker pull "{{REGISTRY_IMAGE}}"
reportResults
