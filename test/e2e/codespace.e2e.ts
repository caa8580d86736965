import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { othersOf, recordsOf } from '../support/record.ts';
import { loginsOf, triple } from '../support/triples.ts';
import {
  type Codespace,
  createCodespace,
  DOCKER_FOLDER,
  NO_PREBUILD,
  replaceDockerFolder,
} from './support/codespace.ts';
import { HUB_KEY, readConfig, writeAuth } from './support/config-file.ts';
import type { DevContainer, Outcome } from './support/container.ts';
import { GITHUB_AUTHS, GITHUB_CONFIG, GITHUB_PARTS } from './support/github-config.ts';
import { findPuller } from './support/pull.ts';
import { readyState } from './support/state.ts';

const { host, user, password, image, byHand, rotated } = readyState().privateRegistry;

const GITHUB = { GITHUB_USER: 'octocat', GITHUB_TOKEN: 'canary-token-1' };
const LOCAL = { ...GITHUB, ...triple('LOCAL', host, user, password) };
const ROTATED = { ...GITHUB, ...triple('LOCAL', host, rotated.user, rotated.password) };
const TEAM = triple('TEAM', 'quay.io/team', 'team+robot', 'canary-team-password');
const HUB = triple('HUB', 'docker.io', 'hub-user', 'canary-hub-password');
const PUBLISH = triple('PUBLISH', 'ghcr.io', 'octocat', 'canary-publish-password');

const LOOK = `stat -c '%N %U' ~/.docker && stat -c '%n %U %a' ${DOCKER_FOLDER}/* && ls -A ~/.docker/`;
const LINK = `'/home/dev/.docker' -> '${DOCKER_FOLDER}' root\n`;
const FILES = `${DOCKER_FOLDER}/config.json dev 640\n`;
const NAMES = 'config.json\n';

let codespace: Codespace;
let container: DevContainer;
let rest: Outcome;

beforeAll(async () => {
  const say = (phase: string) => `docker pull ${image} && echo pulled in ${phase}`;
  const hooks = {
    onCreateCommand: say('onCreate'),
    updateContentCommand: say('updateContent'),
    postCreateCommand: say('postCreate'),
    postStartCommand: `${say('postStart')} || true`,
  };
  codespace = await createCodespace({ secrets: { ...LOCAL, ...TEAM }, hooks }, NO_PREBUILD);
  container = codespace.container;
  await replaceDockerFolder(container, GITHUB_CONFIG);
  rest = await container.runUserCommands(['--skip-post-attach']);
});
afterAll(() => container.down());

describe('the creation of a codespace', () => {
  test("the user's own commands pull in every phase, before and after ~/.docker is replaced", () => {
    const { blocking } = codespace;
    expect([blocking.status, rest.status]).toEqual([0, 0]);
    const pulls = (blocking.output + rest.output).matchAll(/pulled in (\w+)(?=\r?$)/gm);
    const phases = ['onCreate', 'updateContent', 'postCreate', 'postStart'];
    expect([...pulls].map(([, phase]) => phase)).toEqual(phases);
  });

  test("every triple has its entry, and everything of GitHub's is there to the byte", async () => {
    const text = await readConfig(container);
    expect(loginsOf(text)).toEqual({
      ...GITHUB_AUTHS,
      [host]: `${user}:${password}`,
      'quay.io': 'team+robot:canary-team-password',
      'quay.io/team': 'team+robot:canary-team-password',
    });
    for (const part of Object.values(GITHUB_PARTS)) expect(text).toContain(part);
  });

  test("the link is still root's link, and the files it leads to are the user's", async () => {
    expect(await container.exec(LOOK)).toMatchObject({ stdout: LINK + FILES + NAMES });
  });

  test('a shell without the secrets loses nothing by registry-auth apply', async () => {
    const before = await readConfig(container);
    expect(await container.exec('registry-auth apply')).toMatchObject({ status: 0 });
    expect(await readConfig(container)).toBe(before);
    expect(await findPuller(container)).toBe(user);
  });
});

describe('after a restart', () => {
  test("GitHub's copy, written once more, gets the entries again", async () => {
    await replaceDockerFolder(container, GITHUB_CONFIG);
    expect(await restartWith({ ...LOCAL, ...TEAM })).toMatchObject({
      ...GITHUB_AUTHS,
      [host]: `${user}:${password}`,
      'quay.io/team': 'team+robot:canary-team-password',
    });
  });

  test('a rotated secret is in the file, and a removed one is not', async () => {
    expect(await restartWith(ROTATED)).toEqual({
      ...GITHUB_AUTHS,
      [host]: `${rotated.user}:${rotated.password}`,
    });
    expect(await findPuller(container)).toBe(rotated.user);
  });

  test('a renamed ID changes nothing in the file but our record', async () => {
    const before = await readConfig(container);
    await restartWith({ ...GITHUB, ...triple('RENAMED', host, rotated.user, rotated.password) });
    const after = await readConfig(container);
    expect(othersOf(after)).toEqual(othersOf(before));
    expect([recordsOf(before)[host], recordsOf(after)[host]]).toEqual([
      expect.stringMatching(/^LOCAL /),
      expect.stringMatching(/^RENAMED /),
    ]);
    const { stdout } = await container.exec('registry-auth status');
    expect(stdout).toContain('RENAMED');
    expect(stdout).not.toContain('LOCAL');
  });

  test("the last secret's removal leaves GitHub's file to the byte, and nothing else", async () => {
    await restartWith(GITHUB);
    expect(withoutState(await readConfig(container))).toBe(GITHUB_CONFIG);
    expect(await container.exec('ls -A ~/.docker/')).toMatchObject({ stdout: 'config.json\n' });
    expect(await findPuller(container)).toMatch(/^refused: /);
  });

  test("a triple for Docker Hub replaces GitHub's login, which is back when the triple goes", async () => {
    expect(await restartWith({ ...GITHUB, ...HUB })).toEqual({
      ...GITHUB_AUTHS,
      [HUB_KEY]: 'hub-user:canary-hub-password',
      'docker.io': 'hub-user:canary-hub-password',
    });
    await restartWith(GITHUB);
    expect(withoutState(await readConfig(container))).toBe(GITHUB_CONFIG);
  });

  test("a triple for ghcr.io replaces GitHub's login, and GITHUB_TOKEN comes after it", async () => {
    const { 'ghcr.io': published } = await restartWith({ ...GITHUB, ...PUBLISH });
    expect(published).toBe('octocat:canary-publish-password');
    // What GitHub wrote is not kept: its token would be dead, or its secret gone.
    expect(await restartWith(GITHUB)).toMatchObject({
      'ghcr.io': `octocat:${GITHUB.GITHUB_TOKEN}`,
    });
  });

  test('GITHUB_TOKEN takes ghcr.io neither from a triple that a shell lacks nor from one that is broken', async () => {
    await replaceDockerFolder(container, GITHUB_CONFIG);
    await restartWith({ ...GITHUB, ...PUBLISH });
    const before = await readConfig(container);
    await container.exec('registry-auth apply', { env: GITHUB });
    const afterApply = await readConfig(container);
    await restartWith({ ...GITHUB, ...PUBLISH });
    await restartWith({ ...GITHUB, ...PUBLISH, PUBLISH_CONTAINER_REGISTRY_USER: '' });
    const afterHook = await readConfig(container);
    expect({ afterApply, afterHook }).toEqual({ afterApply: before, afterHook: before });
  });

  test('a login by docker itself stays, and so does the link', async () => {
    await restartWith(LOCAL);
    const login = `printf %s "$BY_HAND" | docker login -u ${byHand.user} --password-stdin ${host}`;
    const env = { ...LOCAL, BY_HAND: byHand.password };
    expect(await container.exec(login, { env })).toMatchObject({ status: 0 });
    expect(await restartWith(LOCAL)).toMatchObject({
      [HUB_KEY]: GITHUB_AUTHS[HUB_KEY],
      [host]: `${byHand.user}:${byHand.password}`,
    });
    expect(await container.exec(LOOK)).toMatchObject({ stdout: LINK + FILES + NAMES });
  });
});

describe('with GITHUB_TOKEN and no other entry for ghcr.io', () => {
  beforeAll(async () => {
    await replaceDockerFolder(container, GITHUB_CONFIG);
    await container.exec('docker logout ghcr.io');
  });

  test.each(['canary-token-1', 'canary-token-2'])(
    'ghcr.io has the %s of its start',
    async (token) => {
      expect(await restartWith({ ...GITHUB, GITHUB_TOKEN: token })).toEqual({
        [HUB_KEY]: GITHUB_AUTHS[HUB_KEY],
        'ghcr.io': `octocat:${token}`,
      });
    },
  );

  test("the user's own login stays over a new token", async () => {
    await writeAuth(container, 'ghcr.io', 'octocat:canary-own-token');
    expect(await restartWith({ ...GITHUB, GITHUB_TOKEN: 'canary-token-3' })).toEqual({
      [HUB_KEY]: GITHUB_AUTHS[HUB_KEY],
      'ghcr.io': 'octocat:canary-own-token',
    });
  });
});

/** The text without what stays of ours in a codespace: that postCreate has run. */
function withoutState(text: string): string {
  return text.replace(
    /,\s*"plugins"\s*:\s*\{\s*"registry-auth-state"\s*:\s*\{\s*"postCreate"\s*:\s*"done"\s*\}\s*\}/,
    '',
  );
}

async function restartWith(secrets: Readonly<Record<string, string>>) {
  container.setSecrets(secrets);
  expect(await container.restart()).toMatchObject({ status: 0 });
  return loginsOf(await readConfig(container));
}
