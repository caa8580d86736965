import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { othersOf } from '../support/record.ts';
import { entry, loginsOf, triples } from '../support/triples.ts';
import { parseConfig, readConfig } from './support/config-file.ts';
import { type DevContainer, devcontainerUp, type Outcome } from './support/container.ts';
import { injectCredsStore, NOT_FOUND, SILENT, setCredsStore } from './support/credentials-store.ts';
import { findPuller } from './support/pull.ts';
import { readyState } from './support/state.ts';
import { PODMAN_RUN_ARGS } from './support/workspace.ts';

const { host, user, password, image, byHand } = readyState().privateRegistry;

// To every client another registry, with another user, although the same one answers.
const otherHost = host.replace('localhost', '127.0.0.1');
const otherImage = image.replace(host, otherHost);
const SECRETS = triples({
  LOCAL: [host, user, password],
  OTHER: [otherHost, byHand.user, byHand.password],
});
const AUTHS = {
  [host]: `${user}:${password}`,
  [otherHost]: `${byHand.user}:${byHand.password}`,
};

const CLIENTS = {
  'docker pull': (each: string) => `docker pull ${each}`,
  'docker manifest inspect': (each: string) => `docker manifest inspect --insecure ${each}`,
  skopeo: (each: string) => `skopeo inspect --tls-verify=false docker://${each}`,
  podman: (each: string) => `podman pull --tls-verify=false ${each}`,
  buildah: (each: string) => `buildah pull --tls-verify=false ${each}`,
};
const clients = Object.entries(CLIENTS).map(([name, command]) => ({ name, command }));

let container: DevContainer;
let store: string;

beforeAll(async () => {
  container = await devcontainerUp({
    user: 'dev',
    secrets: SECRETS,
    runArgs: PODMAN_RUN_ARGS,
    hooks: { onCreateCommand: `docker pull ${image} && docker pull ${otherImage} && echo pulled` },
    args: ['--skip-post-create'],
  });
  store = await injectCredsStore(container);
});
afterAll(() => container.down());

describe('before the hooks have run', () => {
  test('docker pull is refused', async () => {
    expect(await findPuller(container)).toMatch(/^refused: .*no basic auth/s);
  });

  // With a helper that fails silently some versions of docker fall back to the entry, others don't.
  test('a right entry in the file does not help where a credsStore answers', async () => {
    const config = { auths: { [host]: entry(user, password) } };
    const answering = await injectCredsStore(container, NOT_FOUND);
    await setCredsStore(container, store);
    expect(await pullWith(config)).toBe(user);
    expect(await pullWith({ ...config, credsStore: answering })).toMatch(/^refused: .*no basic/s);
  });
});

describe('with a credsStore that is there before the hooks', () => {
  let hooks: Outcome;
  beforeAll(async () => {
    hooks = await container.runUserCommands();
  });

  test("the user's own onCreateCommand pulls from every registry", () => {
    expect(hooks).toMatchObject({ status: 0 });
    expect(hooks.output).toMatch(/^.*pulled\r?$/m);
  });

  expectTheFileToBeRight();
  expectEveryClientToWork();
});

describe.each([
  ['that is silent', SILENT],
  ['that answers', NOT_FOUND],
])('with a new credsStore %s before a restart', (_, behaviour) => {
  beforeAll(async () => {
    store = await injectCredsStore(container, behaviour);
    await container.restart();
  });

  expectTheFileToBeRight();
  expectEveryClientToWork();
});

describe('with no credsStore any more', () => {
  beforeAll(async () => {
    await setCredsStore(container);
    await container.restart();
  });

  test('our helper is gone with its reason, and the entries serve docker', async () => {
    const text = await readConfig(container);
    expect(loginsOf(text)).toEqual(AUTHS);
    expect(Object.keys(othersOf(text))).toEqual(['auths']);
    expect(await findPuller(container)).toBe(user);
  });
});

function expectTheFileToBeRight(): void {
  test('the credsStore is the one set last, and exactly our hosts have our helper', async () => {
    const text = await readConfig(container);
    expect(parseConfig(text).credsStore).toBe(store);
    expect(parseConfig(text).credHelpers).toEqual({
      [host]: 'registry-auth',
      [otherHost]: 'registry-auth',
    });
    expect(loginsOf(text)).toEqual(AUTHS);
  });
}

function expectEveryClientToWork(): void {
  // Without the secrets, as in a terminal that some other tool has opened.
  test.each(clients)('$name works at both registries', async ({ command }) => {
    const both = `${command(image)} && ${command(otherImage)}`;
    const { status, stderr } = await container.exec(both);
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  });
}

/** Pulls with a config.json of somebody else's making. */
async function pullWith(config: object): Promise<string> {
  const env = { DOCKER_CONFIG: '/tmp/by-hand', TEXT: JSON.stringify(config) };
  const write = 'mkdir -p $DOCKER_CONFIG && printf %s "$TEXT" >$DOCKER_CONFIG/config.json';
  await container.exec(write, { env });
  return findPuller(container, { env });
}
