import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CANARY } from '../support/process.ts';
import { entry, triple } from '../support/triples.ts';
import { DOCKER_PULL, LOGINS, testClient } from './support/clients.ts';
import { type FakeEngine, startFakeEngine } from './support/fake-engine.ts';
import {
  apply,
  CREDS_STORE,
  newPlace,
  type Place,
  readOthers,
  wasCredsStoreAsked,
  withVariables,
} from './support/place.ts';
import { runClient } from './support/run-client.ts';

/** No test can reach Docker Hub; what each client would send there can be seen all the same. */
const AUTH = entry('ada', CANARY);
const HUB = { 'https://index.docker.io/v1/': AUTH, 'docker.io': AUTH };

const SPELLINGS = [
  { server: 'docker.io', auths: HUB },
  { server: 'https://docker.io', auths: HUB },
  { server: 'Docker.IO.', auths: HUB },
  { server: 'docker.io:443', auths: HUB },
  { server: 'index.docker.io', auths: HUB },
  { server: 'https://index.docker.io', auths: HUB },
  { server: 'https://index.docker.io/v1', auths: HUB },
  { server: 'https://index.docker.io/v1/', auths: HUB },
  { server: 'http://index.docker.io/v1/', auths: HUB },
  { server: 'https://index.docker.io/v2/', auths: HUB },
  { server: 'registry.docker.io', auths: HUB },
  { server: 'hub.docker.com', auths: HUB },
  { server: 'https://hub.docker.com/r/ada/app', auths: HUB },
  { server: 'registry-1.docker.io', auths: { ...HUB, 'registry-1.docker.io': AUTH } },
  { server: 'https://registry-1.docker.io/v2/', auths: { ...HUB, 'registry-1.docker.io': AUTH } },
  { server: 'registry.hub.docker.com', auths: { ...HUB, 'registry.hub.docker.com': AUTH } },
];

let engine: FakeEngine;
beforeAll(async () => {
  engine = await startFakeEngine({ ada: CANARY, bob: 'hand' });
});
afterAll(() => engine.close());

const hub = (server: string) => triple('HUB', server, 'ada', CANARY);

async function applied(server: string, config = '{}', ...args: string[]): Promise<Place> {
  const place = newPlace({ '.docker/config.json': config }, engine);
  await apply(withVariables(place, hub(server)), ...args);
  return place;
}

/** What each client says when it is asked who it would log in to Docker Hub as. */
const LOOK_UPS = [
  ...LOGINS.map((client) => ({
    ...client,
    // podman and buildah look up in the same library as skopeo, and take longer to start.
    isCheap: client.program === 'skopeo',
    findUser: async (place: Place) => {
      const { stdout } = await runClient(place, client.program, [
        'login',
        '--get-login',
        'docker.io',
      ]);
      return stdout.trim();
    },
  })),
  {
    ...DOCKER_PULL,
    isCheap: true,
    findUser: async (place: Place) => {
      await runClient(place, 'docker', ['pull', 'team/image']);
      return engine.users.at(-1);
    },
  },
  {
    ...DOCKER_PULL,
    name: 'docker login',
    isCheap: false,
    findUser: async (place: Place) => {
      const { stdout } = await runClient(place, 'docker', ['login']);
      expect(stdout).toContain('Login Succeeded');
      return engine.users.at(-1);
    },
  },
];

describe.each(SPELLINGS)('Docker Hub spelled $server', ({ server, auths }) => {
  let place: Place;
  beforeAll(async () => {
    place = await applied(server);
  });

  test('has exactly the keys that clients look for', () => {
    expect(readOthers(place)).toEqual({ auths });
  });

  for (const client of LOOK_UPS.filter(({ isCheap }) => isCheap)) {
    testClient([client], 'finds the login', async () => {
      expect(await client.findUser(place)).toBe('ada');
    });
  }
});

describe('Docker Hub', () => {
  let withHelper: Place;
  beforeAll(async () => {
    const place = await applied('docker.io', '{}', '--credentials', 'helper');
    withHelper = withVariables(place, hub('docker.io'));
  });

  // The first test of this file has the cheap ones find it in the file.
  for (const client of LOOK_UPS.filter(({ isCheap }) => !isCheap)) {
    testClient([client], 'finds the login in the file', async () => {
      expect(await client.findUser(await applied('docker.io'))).toBe('ada');
    });
  }

  for (const client of LOOK_UPS) {
    testClient([client], 'finds the login through our helper', async () => {
      expect(await client.findUser(withHelper)).toBe('ada');
    });

    testClient([client], 'finds the login beside a credsStore that fails', async () => {
      const place = await applied('docker.io', `{"credsStore":"${CREDS_STORE}"}`);
      expect(await client.findUser(place)).toBe('ada');
      expect(wasCredsStoreAsked(place)).toBe(false);
    });
  }

  testClient(
    [DOCKER_PULL],
    'a reference that spells registry-1.docker.io finds the login',
    async () => {
      const place = await applied('registry-1.docker.io');
      await runClient(place, 'docker', ['pull', 'registry-1.docker.io/team/image']);
      expect(engine.users.at(-1)).toBe('ada');
    },
  );

  // By these names skopeo, podman and oras ask a helper where a reference spells them.
  for (const name of ['index.docker.io', 'registry-1.docker.io']) {
    for (const client of LOGINS) {
      testClient([client], `finds the login of ${name} through our helper`, async () => {
        const { stdout } = await runClient(withHelper, client.program, [
          'login',
          '--get-login',
          name,
        ]);
        expect(stdout.trim()).toBe('ada');
      });
    }
  }

  const [skopeo] = LOGINS;
  testClient(
    [DOCKER_PULL, skopeo as (typeof LOGINS)[number]],
    'and skopeo are one user after a docker login',
    async () => {
      const place = withVariables(await applied('docker.io'), hub('docker.io'));
      await runClient(place, 'docker', ['login', '--username', 'bob', '--password-stdin'], 'hand');
      await apply(place);
      await runClient(place, 'docker', ['pull', 'team/image']);
      const asked = ['login', '--get-login', 'docker.io'];
      const { stdout } = await runClient(place, 'skopeo', asked);
      expect([engine.users.at(-1), stdout.trim()]).toEqual(['bob', 'bob']);
    },
  );
});
