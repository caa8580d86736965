import { existsSync, mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { jest, test } from '@jest/globals';
import type { Finished } from '../../support/run.ts';
import { TAG } from './artefacts.ts';
import type { Place } from './place.ts';
import { runClient, whyMissing, whyNoNamespace } from './run-client.ts';

/** A program that this project did not write, and the least that it does with a credential. */
export type Client = {
  readonly name: string;
  /** Why it cannot be used here. */
  readonly missing: string | undefined;
  /** Reads the image or the Feature of a namespace: `localhost:5000/team`. */
  readonly read: (place: Place, namespace: string) => Promise<Finished>;
};

// Programs of others, several at a time, on a machine that may be busy.
jest.setTimeout(30_000);

const NO_TLS = '--tls-verify=false';
const DEVCONTAINER = resolve('node_modules', '@devcontainers', 'cli', 'devcontainer.js');

export const DOCKER_PULL: Client = {
  name: 'docker pull',
  missing: whyMissing('docker'),
  read: (place, namespace) => runClient(place, 'docker', ['pull', `${namespace}/image:${TAG}`]),
};

export const SKOPEO: Client = {
  name: 'skopeo inspect',
  missing: whyMissing('skopeo'),
  read: (place, namespace) =>
    runClient(place, 'skopeo', ['inspect', NO_TLS, `docker://${namespace}/image:${TAG}`]),
};

export const PODMAN = withStorage('podman');
export const BUILDAH = withStorage('buildah');

export const CLIENTS: readonly Client[] = [
  DOCKER_PULL,
  {
    name: 'docker manifest inspect',
    missing: DOCKER_PULL.missing,
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
  devcontainer(),
];

/** The clients that tell who they would log in as, without asking the registry. */
export const LOGINS = (['skopeo', 'podman', 'buildah'] as const).map((program) => ({
  name: `${program} login --get-login`,
  missing: program === 'skopeo' ? SKOPEO.missing : whyNoNamespace(program),
  program,
}));

function withStorage(program: 'podman' | 'buildah'): Client {
  return {
    name: `${program} pull`,
    missing: whyNoNamespace(program),
    read: (place, namespace) => {
      // New each time, because an image that is there already is not pulled; and short, because podman takes 50 characters.
      const storage = mkdtempSync(join(place.home, 's'));
      const image = `${namespace}/image:${TAG}`;
      return runClient(place, program, [
        ...['--root', join(storage, 'd'), '--runroot', join(storage, 'r')],
        ...['--storage-driver', 'vfs', 'pull', '--quiet', NO_TLS, image],
      ]);
    },
  };
}

function devcontainer(): Client {
  return {
    name: 'devcontainer features info',
    missing: existsSync(DEVCONTAINER) ? undefined : '@devcontainers/cli is not installed',
    read: (place, namespace) =>
      runClient(place, process.execPath, [
        ...[DEVCONTAINER, 'features', 'info', 'manifest', `${namespace}/feature:${TAG}`],
        ...['--output-format', 'json'],
      ]),
  };
}

const skipped = new Set<string>();

/** `test` for a client; where the client cannot be used, the reason is printed, once in each file. */
export function testClient(
  { name, missing }: Pick<Client, 'name' | 'missing'>,
  behaviour: string,
  check: () => Promise<void>,
): void {
  if (missing && !skipped.has(missing)) {
    process.stderr.write(`skipped, because ${missing}: the tests of ${name} and others like it\n`);
    skipped.add(missing);
  }
  (missing ? test.skip : test)(`${name} ${behaviour}`, check);
}
