import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Watch, watchArguments } from '../support/arguments.ts';
import { AWS_KEYS } from '../support/ecr-stand-in-identities.ts';
import { othersOf } from '../support/record.ts';
import { expectNoSecret } from '../support/secrets.ts';
import { loginsOf } from '../support/triples.ts';
import { createCodespace, NO_PREBUILD, sayAction } from './support/codespace.ts';
import { parseConfig, readConfig } from './support/config-file.ts';
import type { DevContainer, Outcome } from './support/container.ts';
import { ECR, ecrTriple, imageAt } from './support/ecr-names.ts';
import { type EcrScene, startEcrScene } from './support/ecr-scene.ts';
import { readEngineLog } from './support/engine.ts';
import { findLeaksInSnapshot } from './support/image-layers.ts';
import { readyState } from './support/state.ts';

const SECRETS = { ...ecrTriple('app'), ...ecrTriple('other') };
const PULL = `docker pull ${imageAt('app')} && docker pull ${imageAt('other')}`;
const HOOKS = ['onCreate', 'updateContent', 'postCreate', 'postStart'];
/** What Codespaces says it is doing while a prebuild is under way. */
const PREBUILD = 'createPrebuildTemplate';
/** A line that every base layer has shows that the search reaches into layers. */
const CONTROL = { control: 'root:x:0:0:root' };

let scene: EcrScene;
let watch: Watch;
beforeAll(async () => {
  scene = await startEcrScene();
  // Long enough for the watch to see everything that takes part in an exchange.
  scene.standIn.delayMs = 200;
  watch = watchArguments();
});
afterAll(async () => {
  watch?.stop();
  await scene?.stop();
});

function tokens(): Record<string, string> {
  const all = scene.standIn.tokens.map(({ token }, index) => [`token ${index + 1}`, token]);
  return Object.fromEntries(all);
}

async function findFormsInSnapshot(container: DevContainer, secrets: Record<string, string>) {
  const leaks = await findLeaksInSnapshot(container.containerId, { ...secrets, ...CONTROL });
  return new Set(leaks.map(({ what }) => what));
}

describe('with the token in the file', () => {
  let container: DevContainer;
  beforeAll(async () => {
    container = await scene.up({ user: 'dev', secrets: SECRETS, hooks: { onCreateCommand: PULL } });
  });
  afterAll(() => container.down());

  test('no AWS key is in any file of the container, and the token is', async () => {
    expect(container).toMatchObject({ status: 0 });
    const { 'token 1': token = '' } = tokens();
    const forms = await findFormsInSnapshot(container, { ...AWS_KEYS, token });
    expect(forms).toEqual(new Set(['control (plain)', 'token (base64)']));
  });

  test("no AWS key is in what the build, the hooks and the engine's log say", () => {
    const log = container.output + readEngineLog(readyState());
    expect(log).toMatch(/^.*2 registries ready: APP \(ecr\), OTHER \(ecr\)\r?$/m);
    expectNoSecret(log, { ...AWS_KEYS, ...tokens() });
  });

  // Apart from the test above: there the dev container CLI masks values, here nobody does.
  test('no hook by itself says a key or a token, in good times and in bad', async () => {
    for (const mode of ['ok', 'error-500', 'garbage'] as const) {
      scene.standIn.mode = mode;
      // Without the cache, so that the exchange takes place.
      const hooks = HOOKS.map((hook) => `registry-auth hook ${hook}`).join(' && ');
      const run = await container.exec(`rm -rf /dev/shm/registry-auth-*; ${hooks}`, {
        env: SECRETS,
      });
      expect(run).toMatchObject({ status: 0 });
      expectNoSecret(run.stdout + run.stderr, { ...AWS_KEYS, ...tokens() });
    }
    scene.standIn.mode = 'ok';
  });
});

test('credentials: helper leaves neither key nor token on disk, and pulls', async () => {
  const container = await scene.up({
    user: 'dev',
    secrets: SECRETS,
    options: { credentials: 'helper' },
    hooks: { onCreateCommand: PULL, postStartCommand: PULL },
  });
  const config = await readConfig(container);
  const forms = await findFormsInSnapshot(container, { ...AWS_KEYS, ...tokens() });
  await container.down();
  expect(container).toMatchObject({ status: 0 });
  expect(othersOf(config)).toEqual({
    auths: {},
    credHelpers: { [ECR.app]: 'registry-auth', [ECR.other]: 'registry-auth' },
  });
  expect(forms).toEqual(new Set(['control (plain)']));
});

describe('a prebuild', () => {
  let container: DevContainer;
  let blocking: Outcome;
  let snapshot: Set<string>;
  let prebuilt: string;
  beforeAll(async () => {
    const hooks = { onCreateCommand: PULL, updateContentCommand: PULL };
    const wish = scene.wish({ secrets: SECRETS, hooks });
    ({ container, blocking } = await createCodespace(wish, PREBUILD, ['--prebuild']));
    snapshot = await findFormsInSnapshot(container, { ...AWS_KEYS, ...tokens() });
    prebuilt = await readConfig(container);
    await sayAction(container, NO_PREBUILD);
  });
  afterAll(() => container.down());

  test('leaves neither key nor token on disk, and pulls', () => {
    expect(blocking).toMatchObject({ status: 0 });
    expect(parseConfig(prebuilt).auths).toEqual({});
    expect(snapshot).toEqual(new Set(['control (plain)']));
  });

  test('becomes a codespace whose postCreate hook writes tokens', async () => {
    const { status } = await container.runUserCommands();
    const logins = Object.entries(loginsOf(await readConfig(container)));
    const keys = logins.map(([key, login]) => [key, login.slice(0, 'AWS:'.length)]);
    expect({ status, keys: Object.fromEntries(keys) }).toEqual({
      status: 0,
      keys: { [ECR.app]: 'AWS:', [ECR.other]: 'AWS:' },
    });
  });
});

test('no program of ours ever has a key or a token among its arguments', () => {
  // The dev container CLI itself hands secrets to `docker exec` that way, on its own side.
  const ours = watch.stop().filter((line) => !line.startsWith('docker exec '));
  const programs = [/node .*registry-auth\S* hook onCreate/, /node .*registry-auth\S* get/];
  for (const program of programs) expect(ours).toContainEqual(expect.stringMatching(program));
  expectNoSecret(ours.join('\n'), { ...AWS_KEYS, ...tokens() });
});
