import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { startTokenRegistry, type TokenRegistry } from '../support/token-registry.ts';
import { triple } from '../support/triples.ts';
import { publishBoth } from './support/artefacts.ts';
import { BUILDAH, CLIENTS, PODMAN, SKOPEO, testClient } from './support/clients.ts';
import { type FakeEngine, startFakeEngine } from './support/fake-engine.ts';
import { apply, CREDS_STORE, newPlace, type Place, withVariables } from './support/place.ts';

const passwords = { ada: 'password-of-ada', bob: 'password-of-bob' };

let registry: TokenRegistry;
let engine: FakeEngine;
let place: Place;
beforeAll(async () => {
  registry = await startTokenRegistry({ users: passwords });
  engine = await startFakeEngine(passwords);
  for (const name of ['team-a', 'team-b', 'team-b/deep', 'other']) publishBoth(registry, name);
  place = newPlace({}, engine);
  await apply(withVariables(place, pair()));
});
afterAll(() => Promise.all([registry.close(), engine.close()]));

const pair = () => ({
  ...triple('A', `${registry.host}/team-a`, 'ada', passwords.ada),
  ...triple('B', `https://${registry.host}/team-b/`, 'bob', passwords.bob),
});

describe('two triples that share a host but not a namespace', () => {
  const READS = [
    { namespace: 'team-a', user: 'ada' },
    { namespace: 'team-b', user: 'bob' },
    { namespace: 'team-b/deep', user: 'bob' },
    { namespace: 'other', user: 'ada' },
  ];
  for (const client of [SKOPEO, PODMAN, BUILDAH]) {
    for (const { namespace, user } of READS) {
      testClient([client], `reads ${namespace} as ${user}`, async () => {
        expect(await client.read(place, `${registry.host}/${namespace}`)).toMatchObject({
          status: 0,
        });
        expect(registry.requests.at(-1)).toMatchObject({ user, status: 200 });
      });
    }
  }

  // These know hosts only, and must not get one of the two by chance.
  for (const client of CLIENTS.filter(({ name }) => /^d/.test(name))) {
    testClient([client], 'reads either as the first of the two', async () => {
      registry.requests.length = engine.users.length = 0;
      for (const name of ['team-a', 'team-b'])
        expect(await client.read(place, `${registry.host}/${name}`)).toMatchObject({ status: 0 });
      const users = [...registry.requests.map(({ user }) => user), ...engine.users];
      expect(new Set(users.filter(Boolean))).toEqual(new Set(['ada']));
    });
  }

  // With a helper for the host, which docker needs then, these clients ask it alone, by host.
  testClient([SKOPEO], 'reads either as the first beside a credsStore', async () => {
    const config = `{"credsStore":"${CREDS_STORE}"}`;
    const stored = withVariables(newPlace({ '.docker/config.json': config }), pair());
    await apply(stored);
    expect(await SKOPEO.read(stored, `${registry.host}/team-b`)).toMatchObject({ status: 0 });
    expect(registry.requests.at(-1)?.user).toBe('ada');
  });
});
