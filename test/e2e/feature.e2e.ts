import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectNoSecret } from '../support/secrets.ts';
import { loginsOf, passwordsOf, triple, triples } from '../support/triples.ts';
import { CONFIG } from './support/config-file.ts';
import { type DevContainer, devcontainerUp } from './support/container.ts';
import { readEngineLog } from './support/engine.ts';
import { findLeaksInImage } from './support/image-layers.ts';
import { readyState } from './support/state.ts';

const { privateRegistry, feature } = readyState();
const { host, user, password, image } = privateRegistry;

const PULL = `docker pull ${image} && skopeo inspect --tls-verify=false docker://${image}`;
const PHASES = ['onCreate', 'updateContent', 'postCreate', 'postStart'];

/** A Google key as people paste it: JSON over several lines. Nobody's. */
const SERVICE_ACCOUNT_KEY = JSON.stringify(
  {
    type: 'service_account',
    project_id: 'canary',
    private_key_id: 'canary-key-id',
    private_key:
      '-----BEGIN PRIVATE KEY-----\nY2FuYXJ5LWdvb2dsZS1rZXk=\n-----END PRIVATE KEY-----\n',
    client_email: 'canary@canary.iam.gserviceaccount.com',
  },
  null,
  2,
);

const LOCAL = triple('LOCAL', host, user, password);
const SIX = triples({
  HUB: ['docker.io', 'hub-user', 'canary-hub-password'],
  GITHUB: ['ghcr.io', 'github-user', 'canary-github-password'],
  AZURE: ['canary.azurecr.io', 'azure-user', 'canary-azure-password'],
  GOOGLE: ['gcr.io', '_json_key', SERVICE_ACCOUNT_KEY],
  LOCAL: [host, user, password],
  TEAM: ['quay.io/team', 'team+robot', 'canary-team-password'],
});

describe.each(['root', 'dev'] as const)('with a secret triple and remoteUser %s', (remoteUser) => {
  let container: DevContainer;
  beforeAll(async () => {
    const hooks = { onCreateCommand: `${PULL} && echo pulled by $(id -un)` };
    container = await devcontainerUp({ user: remoteUser, secrets: LOCAL, hooks });
  });
  afterAll(() => container.down());

  test("the user's own onCreateCommand pulls with docker and inspects with skopeo", () => {
    expect(container).toMatchObject({ status: 0 });
    expect(container.output).toMatch(new RegExp(`^.*pulled by ${remoteUser}\\r?$`, 'm'));
  });

  test('the file belongs to that user, 0600 in a 0700 directory', async () => {
    const { stdout } = await container.exec(`stat -c '%U %a %F' ~/.docker ${CONFIG}`);
    expect(stdout).toBe(`${remoteUser} 700 directory\n${remoteUser} 600 regular file\n`);
  });
});

describe('with six triples', () => {
  let container: DevContainer;
  beforeAll(async () => {
    container = await devcontainerUp({ user: 'dev', secrets: SIX });
  });
  afterAll(() => container.down());

  test('the keys are exactly those of the mapping table', async () => {
    const { stdout } = await container.exec(`cat ${CONFIG}`);
    expect(loginsOf(stdout)).toEqual({
      'https://index.docker.io/v1/': 'hub-user:canary-hub-password',
      'docker.io': 'hub-user:canary-hub-password',
      'ghcr.io': 'github-user:canary-github-password',
      'canary.azurecr.io': 'azure-user:canary-azure-password',
      'gcr.io': `_json_key:${SERVICE_ACCOUNT_KEY}`,
      [host]: `${user}:${password}`,
      'quay.io': 'team+robot:canary-team-password',
      'quay.io/team': 'team+robot:canary-team-password',
    });
  });

  test("no password is in the build's log, in the hooks' output or in the engine's log", () => {
    const log = container.output + readEngineLog(readyState());
    expect(log).toContain('onCreateCommand from Feature');
    expectNoSecret(log, passwordsOf(SIX));
  });

  // Apart from the test above: there the dev container CLI masks values, here nobody does.
  test.each(PHASES)('the %s hook by itself says no password', async (phase) => {
    const { stdout, stderr } = await container.exec(`registry-auth hook ${phase}`, { env: SIX });
    expectNoSecret(stdout + stderr, passwordsOf(SIX));
  });

  test('no password is in any layer of the image or its configuration', async () => {
    // A line that every base layer has shows that the search reaches into layers.
    const needles = { ...passwordsOf(SIX), control: 'root:x:0:0:root' };
    const leaks = await findLeaksInImage(await container.image(), needles);
    expect(new Set(leaks.map(({ what }) => what))).toEqual(new Set(['control (plain)']));
  });

  test('a second run of every hook writes nothing', async () => {
    const look = `stat -c '%i %y %z %s' ${CONFIG}; sha256sum ${CONFIG}; ls -A ~/.docker`;
    const before = await container.exec(look);
    const hooks = PHASES.map((phase) => `registry-auth hook ${phase}`).join(' && ');
    expect(await container.exec(hooks, { env: SIX })).toMatchObject({ status: 0 });
    expect(await container.exec(look)).toEqual(before);
  });

  test('a restart writes nothing and says nothing is wrong', async () => {
    const look = `stat -c '%i %y %s' ${CONFIG}; sha256sum ${CONFIG}`;
    const before = await container.exec(look);
    const { status, output } = await container.restart();
    expect({ status, fixes: output.match(/^.*fix:.*$/gm) }).toEqual({ status: 0, fixes: null });
    expect(await container.exec(look)).toEqual(before);
  });
});

describe('without secrets', () => {
  let container: DevContainer;
  beforeAll(async () => {
    const hooks = { onCreateCommand: `(${PULL}) || echo refused to $(id -un)` };
    container = await devcontainerUp({ user: 'dev', hooks });
  });
  afterAll(() => container.down());

  test('the same pull is refused, and the container comes up', () => {
    expect(container).toMatchObject({ status: 0 });
    expect(container.output).toMatch(/^.*refused to dev\r?$/m);
  });

  test('each hook prints one quiet line and writes no file', async () => {
    expect(container.output).toMatch(/no registry secrets/);
    for (const phase of PHASES) {
      const { status, stdout, stderr } = await container.exec(`registry-auth hook ${phase}`);
      expect({ status, lines: (stdout + stderr).trim().split('\n') }).toEqual({
        status: 0,
        lines: [expect.stringMatching(/^registry-auth: no registry secrets/)],
      });
    }
    expect(await container.exec('ls -A ~/.docker')).toMatchObject({ stdout: '' });
  });
});

test('a codespace without the secrets that it needs comes up, and is told what to type', async () => {
  const container = await devcontainerUp({
    user: 'dev',
    options: { expect: 'ACME' },
    containerEnv: { CODESPACES: 'true', GITHUB_REPOSITORY: 'octo-org/octo-repo' },
  });
  await container.down();
  expect(container).toMatchObject({ status: 0 });
  const lines = container.output.split(/\r?\n/);
  const command = (part: string) => {
    const name = `ACME_CONTAINER_REGISTRY_${part}`;
    return `    gh secret set ${name} --app codespaces --user --repos octo-org/octo-repo`;
  };
  const commands = ['SERVER', 'USER', 'PASSWORD'].map(command);
  const said = lines.filter((line) => line.includes('gh secret set'));
  // By postCreate, and once in a start: before it a codespace that says nothing may be a prebuild.
  expect(said).toEqual(commands);
});

test('installed twice with different options, it works as installed once', async () => {
  const container = await devcontainerUp({
    features: { [feature.reference]: { strict: false }, [feature.secondReference]: {} },
    secrets: LOCAL,
    hooks: { onCreateCommand: PULL },
  });
  const { stdout } = await container.exec(`cat ${CONFIG}`);
  await container.down();
  expect(container).toMatchObject({ status: 0 });
  expect(loginsOf(stdout)).toEqual({ [host]: `${user}:${password}` });
});

test('an image without Node, and without a way to one, gets no Feature but one error', async () => {
  const options = { nodeMirror: 'http://127.0.0.1:9/dist' };
  const container = await devcontainerUp({ image: 'plain', options });
  await container.down();
  expect(container).toMatchObject({ status: 1, containerId: '' });
  expect(container.output).toMatch(
    /^.*registry-auth: Node: no download of .*\[NODE_NOT_DOWNLOADED\]/m,
  );
  expect(container.output).toMatch(
    /^.*fix: .*nodeMirror.*ghcr\.io\/devcontainers\/features\/node:2/m,
  );
});
