#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "a start asks the registry, and ends well" registry-auth hook postStart
check "it says that there is none" bash -c \
	"registry-auth hook postStart 2>&1 | grep \"ACME.*cannot be reached\""
reportResults
