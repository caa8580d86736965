import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { othersOf } from '../support/record.ts';
import { loginsOf } from '../support/triples.ts';
import { type Codespace, createCodespace, NO_PREBUILD, sayAction } from './support/codespace.ts';
import { parseConfig, readConfig } from './support/config-file.ts';
import { type DevContainer, devcontainerUp } from './support/container.ts';
import { findLeaksInImage, takeSnapshot } from './support/image-layers.ts';
import {
  findPulls,
  PREBUILD,
  PREBUILD_HOOKS,
  PREBUILD_NEEDLES,
  PREBUILD_SECRETS,
  USER_SECRETS,
} from './support/prebuild.ts';
import { findPuller } from './support/pull.ts';
import { readyState } from './support/state.ts';

const { host, rotated } = readyState().privateRegistry;

/** Among the secrets, as containerEnv would stay in the snapshot. */
const SIGNAL = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://localhost/token' };
const OPTIONS = { githubNpm: true };

describe.each([
  ['ACTIONS_ID_TOKEN_REQUEST_URL', { ...PREBUILD_SECRETS, ...SIGNAL }, NO_PREBUILD],
  ['ACTION_NAME', PREBUILD_SECRETS, PREBUILD],
])('a prebuild that only %s gives away', (_, secrets, action) => {
  let codespace: Codespace;
  let container: DevContainer;
  let snapshot: string;
  beforeAll(async () => {
    const wish = { secrets, hooks: PREBUILD_HOOKS, options: OPTIONS };
    codespace = await createCodespace(wish, action, ['--prebuild']);
    container = codespace.container;
  });
  afterAll(() => container.down());

  test("the user's onCreate and updateContent commands pull, and no other runs", () => {
    const { status, output } = codespace.blocking;
    expect({ status, pulls: findPulls(output) }).toEqual({
      status: 0,
      pulls: ['onCreate', 'updateContent'],
    });
  });

  test("a refresh of the prebuild, with new secrets, runs the user's updateContent command, which pulls", async () => {
    container.setSecrets({ ...secrets, GITHUB_TOKEN: `${PREBUILD_SECRETS.GITHUB_TOKEN}-2` });
    const { status, output } = await container.upAgain(['--prebuild']);
    expect({ status, pulls: findPulls(output) }).toEqual({ status: 0, pulls: ['updateContent'] });
  });

  test('the file names our helper and holds no entry, and our record nothing made from a secret', async () => {
    expect(parseConfig(await readConfig(container))).toEqual({
      auths: {},
      credHelpers: { 'ghcr.io': 'registry-auth', [host]: 'registry-auth' },
      plugins: {
        'registry-auth': { 'ghcr.io': 'GITHUB_TOKEN fallback helper', [host]: 'LOCAL helper' },
      },
    });
    expect(await container.exec('ls -A ~/.docker')).toMatchObject({ stdout: 'config.json\n' });
  });

  test('the snapshot contains no password, no token and no base64 form of either', async () => {
    snapshot = await takeSnapshot(container.containerId);
    expect(await findLeaksInImage(snapshot, PREBUILD_NEEDLES)).toEqual([]);
  });

  test("a new container from the snapshot has the user's secrets from postCreate on", async () => {
    // The Feature and its hooks come with the image, and the user's own commands too.
    const next = await devcontainerUp({
      image: snapshot,
      features: {},
      user: 'dev',
      containerEnv: { CODESPACES: 'true' },
      secrets: USER_SECRETS,
    });
    expect({ status: next.status, pulls: findPulls(next.output) }).toEqual({
      status: 0,
      pulls: ['onCreate', 'updateContent', 'postCreate'],
    });
    await expectTheUsersEntries(next);
    await next.down();
  });

  test('the same container, for a user who has no secrets, keeps nothing of ours', async () => {
    expect(await container.exec('registry-auth hook postCreate')).toMatchObject({ status: 0 });
    expect(await container.exec('ls -A ~/.docker')).toMatchObject({ stdout: 'config.json\n' });
    expect(parseConfig(await readConfig(container))).toEqual({ auths: {} });
  });

  test("the same container has the user's secrets from postCreate on", async () => {
    await sayAction(container, 'createFromPrebuild');
    container.setSecrets(USER_SECRETS);
    const { status, output } = await container.restart();
    expect({ status, pulls: findPulls(output) }).toEqual({ status: 0, pulls: ['postCreate'] });
    await expectTheUsersEntries(container);
  });
});

async function expectTheUsersEntries(container: DevContainer): Promise<void> {
  const text = await readConfig(container);
  expect(Object.keys(othersOf(text))).toEqual(['auths']);
  expect(loginsOf(text)).toEqual({
    [host]: `${rotated.user}:${rotated.password}`,
    'ghcr.io': `octocat:${USER_SECRETS.GITHUB_TOKEN}`,
  });
  expect(await findPuller(container)).toBe(rotated.user);
}
