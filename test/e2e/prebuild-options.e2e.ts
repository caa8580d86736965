import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loginsOf } from '../support/triples.ts';
import { asRoot, type Codespace, createCodespace } from './support/codespace.ts';
import { parseConfig, readConfig } from './support/config-file.ts';
import type { DevContainer } from './support/container.ts';
import { findLeaksInSnapshot } from './support/image-layers.ts';
import {
  findPulls,
  PREBUILD,
  PREBUILD_HOOKS,
  PREBUILD_NEEDLES,
  PREBUILD_SECRETS,
  USER_SECRETS,
} from './support/prebuild.ts';
import { readyState } from './support/state.ts';

const { host, user, password, image, rotated } = readyState().privateRegistry;

const ENTRIES = {
  [host]: `${user}:${password}`,
  'ghcr.io': `octocat:${PREBUILD_SECRETS.GITHUB_TOKEN}`,
};

describe('with prebuild: file', () => {
  let codespace: Codespace;
  let container: DevContainer;
  beforeAll(async () => {
    const options = { prebuild: 'file' };
    const wish = { secrets: PREBUILD_SECRETS, hooks: PREBUILD_HOOKS, options };
    codespace = await createCodespace(wish, PREBUILD, ['--prebuild']);
    container = codespace.container;
  });
  afterAll(() => container.down());

  test('the entries are in the file during the prebuild', async () => {
    expect(findPulls(codespace.blocking.output)).toEqual(['onCreate', 'updateContent']);
    const text = await readConfig(container);
    expect(loginsOf(text)).toEqual(ENTRIES);
    expect(parseConfig(text).credHelpers).toBeUndefined();
  });

  test('and in the snapshot, which shows that the search for them finds what is there', async () => {
    const leaks = await findLeaksInSnapshot(container.containerId, PREBUILD_NEEDLES);
    expect(new Set(leaks.map(({ what }) => what))).toEqual(
      new Set(['LOCAL_CONTAINER_REGISTRY_PASSWORD (base64)', 'GITHUB_TOKEN (base64)']),
    );
  });
});

describe('with prebuild: skip', () => {
  let codespace: Codespace;
  let container: DevContainer;
  beforeAll(async () => {
    const hooks = {
      onCreateCommand: `docker pull ${image} || echo refused in onCreate`,
      postCreateCommand: PREBUILD_HOOKS.postCreateCommand,
    };
    const wish = { secrets: PREBUILD_SECRETS, hooks, options: { prebuild: 'skip' } };
    codespace = await createCodespace(wish, PREBUILD, ['--prebuild']);
    container = codespace.container;
  });
  afterAll(() => container.down());

  test('nothing is written during the prebuild, and that is told once', async () => {
    const { status, output } = codespace.blocking;
    expect({ status }).toEqual({ status: 0 });
    expect(output).toMatch(/^.*refused in onCreate\r?$/m);
    expect(
      output.match(/registry-auth: prebuild: nothing is written during a prebuild/g),
    ).toHaveLength(1);
    expect(await container.exec('ls -A ~/.docker')).toMatchObject({ stdout: '' });
  });

  test('the user has everything from postCreate on all the same', async () => {
    container.setSecrets(USER_SECRETS);
    const { status, output } = await container.restart();
    expect({ status, pulls: findPulls(output) }).toEqual({ status: 0, pulls: ['postCreate'] });
    expect(loginsOf(await readConfig(container))).toMatchObject({
      [host]: `${rotated.user}:${rotated.password}`,
    });
  });
});

describe('what counts as a prebuild', () => {
  const FILE = '/workspaces/.codespaces/shared/environment-variables.json';
  const URL = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://localhost/token' };
  const OUTSIDE = { CODESPACES: '' };
  const says = (action: string) => `printf '{"ACTION_NAME":"${action}"}' >${FILE}`;
  const none = `rm -f ${FILE}`;

  let container: DevContainer;
  beforeAll(async () => {
    ({ container } = await createCodespace({}, PREBUILD, ['--prebuild']));
  });
  afterAll(() => container.down());

  test.each([
    ['in a codespace, a file that is not there', none, {}, 'helper'],
    ['in a codespace, a file that is damaged', `printf '{' >${FILE}`, {}, 'helper'],
    ['in a codespace, a file that names no action', `printf '{}' >${FILE}`, {}, 'helper'],
    ['in a codespace, a file closed to the user', `${says('x')} && chmod 0 ${FILE}`, {}, 'helper'],
    ['in a codespace, a file with another action', says('createFromPrebuild'), {}, 'file'],
    ["another action, with an Action's own variable", says('createCodespace'), URL, 'helper'],
    ['outside a codespace, no file', none, OUTSIDE, 'file'],
    [
      "outside a codespace, no file, an Action's own variable",
      none,
      { ...OUTSIDE, ...URL },
      'file',
    ],
    ['outside a codespace, a file that says prebuild', says(PREBUILD), OUTSIDE, 'helper'],
  ])('%s', async (_, prepare, env, written) => {
    await asRoot(container, `rm -f ${FILE} && ${prepare}`);
    const hook = (phase: string) =>
      `DOCKER_CONFIG=$(mktemp -d); export DOCKER_CONFIG; registry-auth hook ${phase} >/dev/null; cat $DOCKER_CONFIG/config.json`;
    const settings = { env: { ...PREBUILD_SECRETS, ...env } };
    const onCreate = parseConfig((await container.exec(hook('onCreate'), settings)).stdout);
    expect(onCreate.credHelpers ? 'helper' : 'file').toBe(written);
    expect(Object.keys(onCreate.auths ?? {}).length > 0 ? 'file' : 'helper').toBe(written);
    // The later phases never are in a prebuild, whatever the signals say.
    const postCreate = await container.exec(hook('postCreate'), settings);
    expect(parseConfig(postCreate.stdout).auths).toHaveProperty([host]);
  });
});
