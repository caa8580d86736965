import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import fc from 'fast-check';
import { readMachine } from '../../src/io/clients.ts';
import type { Address } from '../../src/registries/reference.ts';
import { type Reply, resolveLogin } from '../../src/resolve/client.ts';
import { CLIENTS } from '../../src/resolve/look-up.ts';
import { startTokenRegistry, type TokenRegistry } from '../support/token-registry.ts';
import { configWith } from '../support/triples.ts';
import { publishBoth } from './support/artefacts.ts';
import {
  BUILDAH,
  type Client,
  CRANE,
  DEVCONTAINER,
  DOCKER_PULL,
  HELM,
  ORAS,
  PODMAN,
  SKOPEO,
  testClient,
} from './support/clients.ts';
import { type FakeEngine, startFakeEngine } from './support/fake-engine.ts';
import { newPlace, type Place, withVariables } from './support/place.ts';
import { runClient } from './support/run-client.ts';
import {
  HELPER_USER,
  passwordOf,
  type Scene,
  scenesOf,
  USERS,
  writeFiles,
  writeHelpers,
} from './support/scenes.ts';

const passwords = Object.fromEntries(
  [...USERS, HELPER_USER].map((user) => [user, passwordOf(user)]),
);

type Rules = keyof typeof CLIENTS;

let registry: TokenRegistry;
let engine: FakeEngine;
beforeAll(async () => {
  registry = await startTokenRegistry({ users: passwords });
  engine = await startFakeEngine(passwords);
  publishBoth(registry, 'team');
});
afterAll(() => Promise.all([registry.close(), engine.close()]));

function makePlace({ files, env }: Scene): Place {
  const place = newPlace(files, engine);
  writeHelpers(join(place.home, 'bin'));
  writeFiles(place.home, files);
  const { DOCKER_CONFIG: named } = env;
  return withVariables(place, {
    ...env,
    ...(named === undefined ? {} : { DOCKER_CONFIG: join(place.home, named) }),
  });
}

/** Who comes, if anybody; and whether it is all over before the registry refuses nobody. */
type Outcome = { readonly user: string | undefined; readonly fails: boolean };

async function observe({ read }: Client, place: Place): Promise<Outcome> {
  registry.requests.length = engine.users.length = 0;
  const { stdout, stderr } = await read(place, `${registry.host}/team`);
  const users = [...registry.requests.map(({ user }) => user), ...engine.users].filter(Boolean);
  expect(new Set(users).size).toBeLessThanOrEqual(1);
  const isRefused = /unauthorized|authentication required|\b401\b/i.test(stdout + stderr);
  return { user: users[0], fails: users.length === 0 && !isRefused };
}

const ours = (): Address => ({ host: registry.host, repository: 'team/image' });

const REPLIES: Record<string, Reply> = {
  'docker-credential-scene-knows': { user: HELPER_USER, secret: passwordOf(HELPER_USER) },
  'docker-credential-scene-lost': 'not-found',
};

/** The same by the rules. */
function predict(rules: Rules, place: Place, address: Address = ours()): Outcome {
  const machine = readMachine(place.env, process.getuid?.() ?? 0);
  const login = resolveLogin(
    CLIENTS[rules].find(address, machine),
    machine,
    ({ program }) => REPLIES[program] ?? 'failed',
  );
  const credential = 'credential' in login ? login.credential : undefined;
  return { user: credential?.user, fails: login.source === 'error' };
}

type Row = {
  readonly rules: Rules;
  readonly client: Client;
  readonly runs: number;
  /** What this version of it does by other rules than the newest. */
  readonly isOld?: (scene: Scene, fails: boolean) => boolean;
};

// docker before 28.3 does not know the variable, and before 28.1 ignores a helper's error.
const isOldDocker = ({ env }: Scene, fails: boolean) => fails || 'DOCKER_AUTH_CONFIG' in env;
// Debian 12's read auth.json where DOCKER_CONFIG is set, too.
const isOldPodman = ({ env }: Scene) => 'DOCKER_CONFIG' in env;

const ROWS: readonly Row[] = [
  { rules: 'docker', client: DOCKER_PULL, runs: 40, isOld: isOldDocker },
  { rules: 'podman', client: SKOPEO, runs: 40, isOld: isOldPodman },
  { rules: 'podman', client: PODMAN, runs: 5, isOld: isOldPodman },
  { rules: 'podman', client: BUILDAH, runs: 5, isOld: isOldPodman },
  { rules: 'crane', client: CRANE, runs: 60 },
  { rules: 'oras', client: ORAS, runs: 60 },
  { rules: 'helm', client: HELM, runs: 25 },
  { rules: 'devcontainer', client: DEVCONTAINER, runs: 6 },
];

describe('who comes, whatever lies about:', () => {
  for (const { rules, client, runs, isOld = () => false } of ROWS) {
    testClient([client], 'comes as status says', async () => {
      const property = fc.asyncProperty(scenesOf(registry.host), async (scene) => {
        const place = makePlace(scene);
        const outcome = predict(rules, place);
        fc.pre(!isOld(scene, outcome.fails));
        expect(await observe(client, place)).toEqual(outcome);
      });
      await fc.assert(property, { numRuns: runs });
    });
  }
});

/** No test can reach Docker Hub; these two tell whom they would come to it as. */
describe('Docker Hub, under any of its names:', () => {
  const KEYS = ['https://index.docker.io/v1/', 'https://index.docker.io/v1', 'index.docker.io'];
  const NAMES = [
    ...KEYS,
    'docker.io',
    'registry-1.docker.io',
    'https://docker.io',
    'docker.io/team',
  ];
  const placeWith = (key: string) =>
    newPlace(
      { '.docker/config.json': configWith({ [key]: ['user-0', passwordOf('user-0')] }) },
      engine,
    );
  const hub = { host: 'docker.io', repository: 'team/image' };

  for (const key of NAMES) {
    testClient([DOCKER_PULL], `comes as status says with ${key}`, async () => {
      const place = placeWith(key);
      engine.users.length = 0;
      await runClient(place, 'docker', ['pull', 'team/image']);
      expect(engine.users.at(-1)).toBe(predict('docker', place, hub).user);
    });

    testClient([SKOPEO], `comes as status says with ${key}`, async () => {
      const place = placeWith(key);
      const asked = ['login', '--get-login', 'docker.io/team/image'];
      const { stdout } = await runClient(place, 'skopeo', asked);
      expect(stdout.trim()).toBe(predict('podman', place, hub).user ?? '');
    });
  }
});
