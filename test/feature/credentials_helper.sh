#!/bin/bash
set -e
# Of the dev container CLI: check and reportResults.
# shellcheck disable=SC1091
source dev-container-features-test-lib

check "no secret is written" bash -c \
	"! grep -r $(printf robot:not-a-secret | base64) ~/.docker"
check "docker is told to ask us" \
	grep "\"registry.example.com\": \"registry-auth\"" ~/.docker/config.json
check "the helper answers" bash -c \
	"echo registry.example.com | docker-credential-registry-auth get | grep not-a-secret"
reportResults
