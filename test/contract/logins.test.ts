import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { startTokenRegistry, type TokenRegistry } from '../support/token-registry.ts';
import { triple } from '../support/triples.ts';
import { publishBoth } from './support/artefacts.ts';
import { DOCKER_PULL, LOGINS, SKOPEO, testClient } from './support/clients.ts';
import { type FakeEngine, startFakeEngine } from './support/fake-engine.ts';
import {
  apply,
  CREDS_STORE,
  newPlace,
  type Place,
  readConfig,
  withVariables,
} from './support/place.ts';
import { runClient } from './support/run-client.ts';

const passwords = { ada: 'password-of-ada', bob: 'password-of-bob', eve: 'password-of-eve' };

let registry: TokenRegistry;
let engine: FakeEngine;
beforeAll(async () => {
  registry = await startTokenRegistry({ users: passwords });
  engine = await startFakeEngine(passwords);
  publishBoth(registry, 'team');
});
afterAll(() => Promise.all([registry.close(), engine.close()]));

const secretsOf = (user: keyof typeof passwords) =>
  triple('ACME', registry.host, user, passwords[user]);

const HELPER_MODE = ['--credentials', 'helper'];

/** A place with the secrets of ada in its environment, after `apply`. podman and its like log in to docker's file where DOCKER_CONFIG is set. */
async function applied(args: readonly string[] = [], config = '{}'): Promise<Place> {
  const { home, env } = newPlace({ '.docker/config.json': config }, engine);
  const place = withVariables(
    { home, env: { ...env, DOCKER_CONFIG: join(home, '.docker') } },
    secretsOf('ada'),
  );
  await apply(place, ...args);
  return place;
}

/** The programs that log in by hand; all say where to and as whom in the same words. */
const PROGRAMS = [
  { name: 'docker', missing: DOCKER_PULL.missing, program: 'docker', options: [] },
  // buildah logs in with the library that podman logs in with.
  ...LOGINS.filter(({ program }) => program !== 'buildah').map(({ missing, program }) => ({
    name: program,
    missing,
    program,
    options: ['--tls-verify=false'],
  })),
];
type Program = (typeof PROGRAMS)[number];

async function login({ program, options }: Program, place: Place, user: keyof typeof passwords) {
  const args = ['login', ...options, '--username', user, '--password-stdin', registry.host];
  const finished = await runClient(place, program, args, passwords[user]);
  expect(finished).toMatchObject({ status: 0 });
}

async function logout({ program }: Program, place: Place): Promise<void> {
  const finished = await runClient(place, program, ['logout', registry.host]);
  expect(finished).toMatchObject({ status: 0 });
}

/** Who docker and skopeo come as; undefined where they find nobody. */
async function usersIn(place: Place): Promise<(string | undefined)[]> {
  registry.requests.length = engine.users.length = 0;
  await DOCKER_PULL.read(place, `${registry.host}/team`);
  await SKOPEO.read(place, `${registry.host}/team`);
  return [engine.users.at(-1), registry.requests.at(-1)?.user];
}

describe('with our helper', () => {
  for (const program of PROGRAMS) {
    const both = { ...program, missing: program.missing ?? DOCKER_PULL.missing ?? SKOPEO.missing };

    testClient(both, 'login is what every client uses from then on', async () => {
      const place = await applied(HELPER_MODE);
      await login(program, place, 'bob');
      expect(await usersIn(place)).toEqual(['bob', 'bob']);
      await apply(place, ...HELPER_MODE);
      expect(await usersIn(place)).toEqual(['bob', 'bob']);
    });

    testClient(both, 'login gives way to a secret that changes later', async () => {
      const place = await applied(HELPER_MODE);
      await login(program, place, 'bob');
      expect(await usersIn(withVariables(place, secretsOf('eve')))).toEqual(['eve', 'eve']);
    });

    testClient(both, 'logout is honoured until the secret changes', async () => {
      const place = await applied(HELPER_MODE);
      await logout(program, place);
      expect(await usersIn(place)).toEqual([undefined, undefined]);
      expect(await usersIn(withVariables(place, secretsOf('eve')))).toEqual(['eve', 'eve']);
    });
  }
});

describe('with the entry in the file', () => {
  const docker = PROGRAMS[0] as Program;

  testClient(docker, 'login stays through apply, until the secret changes', async () => {
    const place = await applied();
    await login(docker, place, 'bob');
    await apply(place);
    expect(await usersIn(place)).toEqual(['bob', 'bob']);
    await apply(withVariables(place, secretsOf('eve')));
    expect(await usersIn(place)).toEqual(['eve', 'eve']);
  });

  testClient(docker, 'login gives way to apply --force', async () => {
    const place = await applied();
    await login(docker, place, 'bob');
    await apply(place, '--force');
    expect(await usersIn(place)).toEqual(['ada', 'ada']);
  });

  testClient(docker, 'logout leaves nothing, and the next apply writes again', async () => {
    const place = await applied();
    await logout(docker, place);
    expect(readConfig(place)).toEqual({ auths: {} });
    await apply(place);
    expect(await usersIn(place)).toEqual(['ada', 'ada']);
  });
});

describe('beside a credsStore that fails', () => {
  const docker = PROGRAMS[0] as Program;

  testClient(docker, 'login and logout go to our helper and are honoured', async () => {
    const place = await applied([], `{"credsStore":"${CREDS_STORE}"}`);
    await login(docker, place, 'bob');
    await apply(place);
    expect(await usersIn(place)).toEqual(['bob', 'bob']);
    await logout(docker, place);
    expect(await usersIn(place)).toEqual([undefined, undefined]);
    expect(readConfig(place).credsStore).toBe(CREDS_STORE);
  });
});
