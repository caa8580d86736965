import { existsSync, mkdtempSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { jest } from '@jest/globals';
import { type Need, testWith } from '../../support/needs.ts';
import type { Finished } from '../../support/run.ts';
import { TAG } from './artefacts.ts';
import type { Place } from './place.ts';
import { runClient, whyNoClient, withPrograms } from './run-client.ts';

/** A program that this project did not write. */
export type Program = Need & { readonly program: string };

/** A program under the name that its tests have. */
export type Named = Program & { readonly name: string };

/** The least that a program does with a credential. */
export type Client = Named & {
  /** Reads the image or the Feature of a namespace: `localhost:5000/team`. */
  readonly read: (place: Place, namespace: string) => Promise<Finished>;
};

// Programs of others, several at a time, on a machine that may be busy.
jest.setTimeout(30_000);

const NO_TLS = '--tls-verify=false';
const DEVCONTAINER_CLI = resolve('node_modules', '@devcontainers', 'cli', 'devcontainer.js');

// podman can be installed under docker's name.
const whyNoDocker = () => whyNoClient('docker', ['--version'], /^Docker version/);

export const DOCKER_PULL: Client = {
  name: 'docker pull',
  program: 'docker',
  get missing() {
    return whyNoDocker();
  },
  read: (place, namespace) => runClient(place, 'docker', ['pull', `${namespace}/image:${TAG}`]),
};

export const SKOPEO: Client = {
  name: 'skopeo inspect',
  program: 'skopeo',
  get missing() {
    return whyNoClient('skopeo');
  },
  read: (place, namespace) =>
    runClient(place, 'skopeo', ['inspect', NO_TLS, `docker://${namespace}/image:${TAG}`]),
};

export const PODMAN = withStorage('podman');
export const BUILDAH = withStorage('buildah');

export const CRANE = built('crane', ['version'], (image) => ['manifest', image]);
export const ORAS = built('oras', ['version'], (image) => [
  'manifest',
  'fetch',
  '--plain-http',
  image,
]);
/** Of a chart it would read more; an image's manifest is where it ends, with its login sent. */
export const HELM = built('helm', ['version'], (image) => [
  'show',
  'chart',
  '--plain-http',
  `oci://${image.slice(0, -TAG.length - 1)}`,
  '--version',
  TAG,
]);

export const DEVCONTAINER = devcontainer();

export const CLIENTS: readonly Client[] = [
  DOCKER_PULL,
  {
    name: 'docker manifest inspect',
    program: 'docker',
    get missing() {
      return whyNoDocker();
    },
    read: (place, namespace) =>
      runClient(place, 'docker', [
        'manifest',
        'inspect',
        '--insecure',
        `${namespace}/image:${TAG}`,
      ]),
  },
  SKOPEO,
  PODMAN,
  BUILDAH,
  DEVCONTAINER,
];

/** The clients that tell who they would log in as, without asking the registry. */
export const LOGINS: readonly Named[] = [SKOPEO, PODMAN, BUILDAH].map((client) => ({
  name: `${client.program} login --get-login`,
  program: client.program,
  get missing() {
    return client.missing;
  },
}));

/** A program that `.ci/clients` builds, because Debian has none. */
function built(
  name: string,
  version: readonly string[],
  read: (image: string) => readonly string[],
): Client {
  const program = resolve('build', 'clients', name);
  return {
    name,
    program,
    get missing() {
      const why = existsSync(program) ? whyNoClient(program, version) : 'is not built';
      return why && `${name} ${why}: .ci/clients builds it where Go is`;
    },
    read: (place, namespace) => runClient(place, program, read(`${namespace}/image:${TAG}`)),
  };
}

function withStorage(program: 'podman' | 'buildah'): Client {
  // As seen from the home, because podman takes 50 characters.
  const storage = (folder: string) => [
    '--root',
    join(folder, 'd'),
    '--runroot',
    join(folder, 'r'),
    '--storage-driver',
    'vfs',
  ];
  return {
    name: `${program} pull`,
    program,
    // Without root it needs a user namespace of its own, which is not allowed everywhere.
    get missing() {
      return whyNoClient(program) ?? whyNoClient(program, [...storage('.'), 'images']);
    },
    read: (place, namespace) => {
      // New each time, because an image that is there already is not pulled.
      const folder = basename(mkdtempSync(join(place.home, 's')));
      const image = `${namespace}/image:${TAG}`;
      return runClient(place, program, [...storage(folder), 'pull', '--quiet', NO_TLS, image]);
    },
  };
}

function devcontainer(): Client {
  return {
    name: 'devcontainer features info',
    program: process.execPath,
    missing: undefined,
    read: (place, namespace) =>
      runClient(place, process.execPath, [
        ...[DEVCONTAINER_CLI, 'features', 'info', 'manifest', `${namespace}/feature:${TAG}`],
        ...['--output-format', 'json'],
      ]),
  };
}

/** A test of the first client that uses the others too, and no more: `testWith`, `runClient`. */
export function testClient(
  clients: readonly [Named, ...Program[]],
  behaviour: string,
  check: () => Promise<void>,
): void {
  const programs = clients.map(({ program }) => program);
  testWith(clients, `${clients[0].name} ${behaviour}`, () => withPrograms(programs, check));
}
