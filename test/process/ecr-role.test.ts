import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { GUEST, ROLE, TEAM, tripleOf } from '../support/ecr-stand-in-identities.ts';
import { testInMemory } from '../support/memory.ts';
import { expectNoSecret } from '../support/process.ts';
import { entry, triple } from '../support/triples.ts';
import { othersIn, recordsIn } from './support/cli.ts';
import {
  ASSUMED,
  HOST,
  KEYS,
  makeSceneInside as makeScene,
  type Scene,
} from './support/ecr-scene.ts';

const CONFIG = '.docker/config.json';
const SERVICES = (scene: Scene) => scene.standIn.requests.map(({ service }) => service);

function readConfig({ home }: Scene) {
  return JSON.parse(readFileSync(join(home, CONFIG), 'utf8'));
}

/** No key of the triple, none of the role's, and no external id, in any file or word. */
function expectNothingTold({ home, runtime, standIn }: Scene, said: string): void {
  const made = standIn.identities.flatMap(({ secretAccessKey, sessionToken = '', role }) =>
    role ? [secretAccessKey, sessionToken] : [],
  );
  expect(made.length).toBeGreaterThan(0);
  const secrets = [...KEYS, ...made];
  expectNoSecret(said, secrets);
  expectNoSecret({ folder: home }, secrets);
  expectNoSecret({ folder: runtime }, secrets);
}

describe('keys that assume a role', () => {
  test("are exchanged for a token of the role's account by apply", async () => {
    const scene = await makeScene();
    const { status, stdout, stderr } = await scene.cli(['apply'], ASSUMED);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [{ token, account } = { token: '', account: '' }] = scene.standIn.tokens;
    expect(account).toBe(TEAM.account);
    expect(othersIn(scene.home)).toEqual({
      auths: { [HOST]: entry('AWS', token) },
      credHelpers: { [HOST]: 'registry-auth' },
    });
    expect(scene.standIn.requests).toMatchObject([
      { service: 'sts', account: GUEST.account, roleArn: ROLE.arn, sessionName: 'registry-auth' },
      { service: 'ecr', account: TEAM.account, role: 'team-images' },
    ]);
    expectNothingTold(scene, stdout);
  });

  test('are exchanged by a hook, which names neither role nor account', async () => {
    const scene = await makeScene();
    const { status, stdout, stderr } = await scene.cli(['hook', 'postStart'], ASSUMED);
    const line = 'registry-auth: 1 registry ready: ROLE (ecr)\n';
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: line, stderr: '' });
    expectNothingTold(scene, stdout);
  });

  test('are exchanged by the helper, and nothing but the token is said', async () => {
    const scene = await makeScene();
    await scene.cli(['apply', '--credentials', 'helper'], ASSUMED);
    expect(scene.standIn.requests).toEqual([]);
    const { status, stdout, stderr } = await scene.ask('get', HOST, ASSUMED);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [{ token } = { token: '' }] = scene.standIn.tokens;
    expect(JSON.parse(stdout)).toEqual({ ServerURL: HOST, Username: 'AWS', Secret: token });
    expectNothingTold(scene, stdout);
    expectNoSecret({ folder: scene.home }, [token]);
  });

  testInMemory('are exchanged once for many pulls', async () => {
    const scene = await makeScene();
    await scene.cli(['apply'], ASSUMED);
    for (let pull = 0; pull < 2; pull += 1) await scene.ask('get', HOST, ASSUMED);
    expect(SERVICES(scene)).toEqual(['sts', 'ecr']);
  });

  test('are shown by status with the end of their token, and without their role', async () => {
    const scene = await makeScene();
    await scene.cli(['apply'], ASSUMED);
    const { status, stdout, stderr } = await scene.cli(['status'], ASSUMED);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/ROLE {2}ecr .* ready \(from our helper\), token until \d{4}-/);
    expectNothingTold(scene, stdout);
    expect(stdout).not.toContain('team-images');
    expect(SERVICES(scene)).toEqual(['sts', 'ecr']);
  });
});

describe('another role', () => {
  const OTHER = { ...ROLE, arn: `arn:aws:iam::${TEAM.account}:role/other` };
  const other = tripleOf('ROLE', HOST, GUEST, OTHER);

  testInMemory('is another token, and that of the one before goes', async () => {
    const scene = await makeScene();
    scene.standIn.roles.push(OTHER);
    await scene.cli(['apply'], ASSUMED);
    const [before] = readdirSync(scene.cache);
    expect(await scene.cli(['hook', 'postStart'], { ...other, CODESPACES: 'true' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(scene.standIn.requests.map(({ role }) => role)).toEqual([
      undefined,
      'team-images',
      undefined,
      'other',
    ]);
    const [, { token } = { token: '' }] = scene.standIn.tokens;
    expect(readConfig(scene).auths).toEqual({ [HOST]: entry('AWS', token) });
    const after = readdirSync(scene.cache);
    expect([after.length, after.includes(before ?? '')]).toEqual([1, false]);
    expectNothingTold(scene, JSON.stringify(recordsIn(scene.home)));
  });

  test('makes the triple a newer statement than a login by hand', async () => {
    const scene = await makeScene();
    scene.standIn.roles.push(OTHER);
    const store = (text: string, env: Record<string, string>) => scene.ask('store', text, env);
    await scene.cli(['apply'], ASSUMED);
    const login = { ServerURL: HOST, Username: 'ada', Secret: 'by hand' };
    await store(JSON.stringify(login), ASSUMED);
    const answer = async (env: Record<string, string>) =>
      JSON.parse((await scene.ask('get', HOST, env)).stdout).Username;
    expect(await answer(ASSUMED)).toBe('ada');
    expect(await answer(other)).toBe('AWS');
  });
});

describe('a role that cannot be', () => {
  const told = async (env: Record<string, string>) => {
    const scene = await makeScene();
    const { status, stdout, stderr } = await scene.cli(['apply'], env);
    expectNoSecret(stdout + stderr, KEYS);
    expectNoSecret({ folder: scene.home }, KEYS);
    return { scene, status, stderr };
  };

  test('is a problem, and nothing is written or asked', async () => {
    const env = tripleOf('ROLE', HOST, GUEST, { ...ROLE, arn: ROLE.arn.replace('aws', 'aws-cn') });
    const { scene, status, stderr } = await told(env);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: [
        "ROLE_CONTAINER_REGISTRY_ROLE_ARN: is a role in the partition aws-cn, and SERVER's is aws [ECR_ROLE_INVALID]",
        "  fix: use arn:aws:iam::ACCOUNT:role/NAME, with the account's 12 digits\n",
      ].join('\n'),
    });
    expect(scene.standIn.requests).toEqual([]);
    expect(readdirSync(scene.home)).toEqual([]);
  });

  test('stays out of the way of a token and of another registry, and is told of', async () => {
    const env = {
      ...triple('TOKEN', HOST, 'AWS', 'a-token'),
      TOKEN_CONTAINER_REGISTRY_ROLE_ARN: ROLE.arn,
      TOKEN_CONTAINER_REGISTRY_EXTERNAL_ID: ROLE.externalId,
      ...triple('HUB', 'docker.io', 'ada', 'a-password'),
      HUB_CONTAINER_REGISTRY_ROLE_ARN: 'whatever',
    };
    const { scene, status, stderr } = await told(env);
    expect(status).toBe(0);
    expect(
      stderr.match(/^\w+: is not used, because (?:SERVER|USER) is .* \[ECR_ROLE_UNUSED\]$/gm),
    ).toEqual([
      expect.stringMatching(/^HUB_CONTAINER_REGISTRY_ROLE_ARN/),
      expect.stringMatching(/^TOKEN_CONTAINER_REGISTRY_ROLE_ARN/),
    ]);
    expect(readConfig(scene).auths[HOST]).toEqual(entry('AWS', 'a-token'));
    expect(scene.standIn.requests).toEqual([]);
  });
});
