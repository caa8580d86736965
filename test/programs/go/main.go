// programs PROGRAM IMAGE...: asks the credential lookup of a program, as it does before a pull. One
// JSON array is printed: for each image a credential, or why there is none. What builds and pulls by
// an engine prints nothing: the engine has what was sent.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/distribution/reference"
	"github.com/docker/buildx/util/dockerutil/dockerconfig"
	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/testcontainers/testcontainers-go"
)

type login struct {
	User   string `json:"user,omitempty"`
	Secret string `json:"secret,omitempty"`
	Error  string `json:"error,omitempty"`
}

var lookUps = map[string]func(image string) (login, error){
	"docker-cli": func(image string) (login, error) {
		named, err := reference.ParseNormalizedNamed(image)
		if err != nil {
			return login{}, err
		}
		file := config.LoadDefaultConfigFile(os.Stderr)
		found, err := file.GetAuthConfig(reference.Domain(named))
		return loginOf(found), err
	},
	"buildx": func(image string) (login, error) {
		named, err := reference.ParseNormalizedNamed(image)
		if err != nil {
			return login{}, err
		}
		host := reference.Domain(named)
		// BuildKit asks for the host that it connects to.
		if host == "docker.io" {
			host = "registry-1.docker.io"
		}
		cli, err := command.NewDockerCli()
		if err != nil {
			return login{}, err
		}
		found, err := dockerconfig.LoadAuthConfig(cli)(context.Background(), host, nil, nil)
		return loginOf(found), err
	},
	"go-containerregistry": func(image string) (login, error) {
		parsed, err := name.ParseReference(image)
		if err != nil {
			return login{}, err
		}
		authenticator, err := authn.DefaultKeychain.Resolve(parsed.Context())
		if err != nil {
			return login{}, err
		}
		found, err := authenticator.Authorization()
		if err != nil {
			return login{}, err
		}
		return login{User: found.Username, Secret: found.Password}, nil
	},
}

func loginOf(found types.AuthConfig) login {
	return login{User: found.Username, Secret: found.Password}
}

var pulls = map[string]func(image string) error{
	"testcontainers": func(image string) error {
		return start(testcontainers.ContainerRequest{Image: image})
	},
	"testcontainers-build": func(image string) error {
		folder, err := os.MkdirTemp(os.Getenv("HOME"), "context-")
		if err != nil {
			return err
		}
		text := []byte("FROM " + image + "\n")
		if err := os.WriteFile(filepath.Join(folder, "Dockerfile"), text, 0o600); err != nil {
			return err
		}
		return start(testcontainers.ContainerRequest{
			FromDockerfile: testcontainers.FromDockerfile{Context: folder},
		})
	},
}

func start(request testcontainers.ContainerRequest) error {
	_, err := testcontainers.GenericContainer(context.Background(),
		testcontainers.GenericContainerRequest{ContainerRequest: request, Started: true})
	return err
}

func main() {
	program, images := os.Args[1], os.Args[2:]
	logins := []login{}
	for _, image := range images {
		if pull, ok := pulls[program]; ok {
			// The engine has no containers: what comes after the pull fails.
			fmt.Fprintln(os.Stderr, image, pull(image))
			continue
		}
		found, err := lookUps[program](image)
		if err != nil {
			found = login{Error: err.Error()}
		}
		logins = append(logins, found)
	}
	if _, ok := lookUps[program]; ok {
		json.NewEncoder(os.Stdout).Encode(logins)
	}
}
