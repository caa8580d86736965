"""python pull.py PROGRAM IMAGE...: pulls, or builds upon, each image; what is sent is for the engine."""

import io
import sys

import docker
from testcontainers.core.container import DockerContainer


def pull(image):
    docker.from_env().images.pull(image, tag="latest")


def build(image):
    docker.from_env().images.build(fileobj=io.BytesIO(f"FROM {image}\n".encode()))


def testcontainers(image):
    DockerContainer(image).start()


program = {"docker-py": pull, "docker-py-build": build, "testcontainers": testcontainers}[sys.argv[1]]
for image in sys.argv[2:]:
    try:
        program(image)
    # The engine has no images and no containers: what comes after the pull fails.
    except Exception as error:
        print(image, repr(error), file=sys.stderr)
