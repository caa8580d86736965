import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { CANARY, callBundle, expectNoSecret } from '../support/process.ts';
import type { Finished } from '../support/run.ts';
import { startTokenRegistry, type TokenRegistry } from '../support/token-registry.ts';
import { triple } from '../support/triples.ts';
import { publishBoth } from './support/artefacts.ts';
import { CLIENTS, CRANE, DEVCONTAINER, ORAS, testClient } from './support/clients.ts';
import { type FakeEngine, startFakeEngine } from './support/fake-engine.ts';
import {
  apply,
  CREDS_STORE,
  newPlace,
  type Place,
  readConfig,
  wasCredsStoreAsked,
  withVariables,
} from './support/place.ts';

const LOGIN = { user: 'ada', password: CANARY };
const STORE = `{"credsStore":"${CREDS_STORE}"}`;
const users = { [LOGIN.user]: LOGIN.password };

let registry: TokenRegistry;
let engine: FakeEngine;
let secrets: Record<string, string>;
beforeAll(async () => {
  registry = await startTokenRegistry({ users });
  engine = await startFakeEngine(users);
  publishBoth(registry, 'team');
  secrets = triple('ACME', registry.host, LOGIN.user, LOGIN.password);
});
afterAll(() => Promise.all([registry.close(), engine.close()]));

/**
 * A place in which `apply` ran with the secrets in its environment; what runs in it later has none.
 */
async function applied(config: string, ...args: string[]): Promise<Place> {
  const place = newPlace({ '.docker/config.json': config }, engine);
  await apply(withVariables(place, secrets), ...args);
  return place;
}

let inFile: Place;
let throughHelper: Place;
let named: Place;
let besideStore: Place;
beforeAll(async () => {
  inFile = await applied('{}');
  throughHelper = await applied('{}', '--credentials', 'helper');
  const bare = newPlace({}, engine);
  named = withVariables(bare, { DOCKER_CONFIG: join(bare.home, 'elsewhere') });
  await apply(withVariables(named, secrets));
  besideStore = await applied(STORE);
});

// Reading changes nothing in a place.
for (const client of [...CLIENTS, CRANE, ORAS]) {
  const read = (place: Place) => client.read(place, `${registry.host}/team`);

  testClient([client], 'is refused without us', async () => {
    expectRefused(await read(newPlace({}, engine)));
  });

  testClient([client], 'reads with the entry, in a shell without the secrets', async () => {
    expect(await read(inFile)).toMatchObject({ status: 0 });
  });

  testClient([client], 'reads through our helper, with no secret at rest', async () => {
    expect(await read(withVariables(throughHelper, secrets))).toMatchObject({ status: 0 });
    expectNoSecret({ folder: join(throughHelper.home, '.docker') }, [LOGIN]);
  });

  testClient([client], 'is refused through our helper in a shell without the secrets', async () => {
    const finished = await read(throughHelper);
    expectRefused(finished);
    // All but the dev container CLI show what a helper says on stderr.
    const says = client === DEVCONTAINER ? '' : 'registry-auth: ACME: ';
    expect(finished.stderr).toContain(says);
  });

  testClient([client], 'reads from the directory that DOCKER_CONFIG names', async () => {
    expect(await read(named)).toMatchObject({ status: 0 });
    expectRefused(await read(withVariables(named, { DOCKER_CONFIG: undefined })));
  });

  // go-containerregistry asks it first, whatever stands in credHelpers: the test below.
  if (client === CRANE) continue;

  testClient(
    [client],
    'reads beside a credsStore that fails, which stays and is not asked',
    async () => {
      expect(await read(besideStore)).toMatchObject({ status: 0 });
      expect(readConfig(besideStore).credsStore).toBe(CREDS_STORE);
      expect(wasCredsStoreAsked(besideStore)).toBe(false);
    },
  );
}

testClient([CRANE], 'fails beside a credsStore that fails, and status says so', async () => {
  const place = await applied(STORE);
  expect(await CRANE.read(place, `${registry.host}/team`)).toMatchObject({ status: 1 });
  expect(wasCredsStoreAsked(place)).toBe(true);
  const { status, stderr } = await callBundle('registry-auth', ['status'], place);
  expect([status, stderr]).toEqual([1, expect.stringContaining('[CREDS_STORE_FAILS]')]);
  for (const words of ['crane', '"dev.containers.dockerCredentialHelper": false'])
    expect(stderr).toContain(words);
});

function expectRefused({ status, stdout, stderr }: Finished): void {
  expect(status).not.toBe(0);
  expect(stdout + stderr).toMatch(/unauthorized|authentication required/i);
}
