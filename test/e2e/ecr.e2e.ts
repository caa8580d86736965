import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TEAM } from '../support/ecr-stand-in-identities.ts';
import { othersOf } from '../support/record.ts';
import { entry, loginsOf, triple } from '../support/triples.ts';
import { importMinimalImage } from './support/base-image.ts';
import { CONFIG, parseConfig, readConfig } from './support/config-file.ts';
import type { DevContainer } from './support/container.ts';
import { exchangeByHand } from './support/ecr-by-hand.ts';
import { ECR, type EcrName, ecrTriple, imageAt } from './support/ecr-names.ts';
import { CA_FILE, ECR_LOGIN_MOUNT, type EcrScene, startEcrScene } from './support/ecr-scene.ts';
import { startNodeMirror } from './support/node-mirror.ts';
import { publish } from './support/published.ts';
import { readyState } from './support/state.ts';

const NAMES = Object.keys(ECR) as EcrName[];
const ALL: Record<string, string> = Object.assign({}, ...NAMES.map(ecrTriple));

let scene: EcrScene;
beforeAll(async () => {
  scene = await startEcrScene();
});
afterAll(() => scene?.stop());

/** Which token of the stand-in's a login is, in words that don't repeat it. */
function describeLogin(login: string): string {
  const token = scene.standIn.tokens.find((one) => login === `AWS:${one.token}`);
  return token ? `AWS with a token of ${token.service} ${token.account}` : 'no login for ECR';
}

describe('with keys of two accounts for five registries', () => {
  let container: DevContainer;
  beforeAll(async () => {
    const each = (command: string) =>
      NAMES.map((name) => `${command}${imageAt(name)}`).join(' && ');
    const onCreateCommand = `${each('docker pull ')} && ${each('skopeo inspect docker://')} && echo all are there`;
    const mounts = [ECR_LOGIN_MOUNT];
    container = await scene.up({ user: 'dev', secrets: ALL, hooks: { onCreateCommand }, mounts });
  });
  afterAll(() => container.down());

  test("the user's own onCreateCommand pulls from each with docker and inspects with skopeo", () => {
    expect(container).toMatchObject({ status: 0 });
    expect(container.output).toMatch(/^.*all are there\r?$/m);
  });

  test('each registry was opened by its own account, at once', () => {
    const outcomes = NAMES.map((name) => {
      const visits = scene.front.visits.filter(({ host }) => host === ECR[name]);
      return [name, ...new Set(visits.map(({ outcome }) => outcome))];
    });
    expect(outcomes).toEqual(NAMES.map((name) => [name, 'asked', 'in']));
  });

  test('each host has a key of its own, FIPS and dual-stack too', async () => {
    const text = await readConfig(container);
    const logins = Object.entries(loginsOf(text));
    expect(logins.map(([key, login]) => [key, describeLogin(login)]).sort()).toEqual([
      [ECR.dualStack, 'AWS with a token of ecr 123456789012'],
      [ECR.fips, 'AWS with a token of ecr 123456789012'],
      [ECR.app, 'AWS with a token of ecr 123456789012'],
      [ECR.other, 'AWS with a token of ecr 210987654321'],
      [ECR.public, 'AWS with a token of ecr-public 123456789012'],
    ]);
    const helped = Object.values(ECR).map((host) => [host, 'registry-auth']);
    expect(parseConfig(text).credHelpers).toEqual(Object.fromEntries(helped));
  });

  test('four hooks and ten uses have cost one exchange a registry', () => {
    expect(scene.standIn.exchanges).toBe(5);
  });

  test('a pull that gets no token says why', async () => {
    const wrong = { APP_CONTAINER_REGISTRY_PASSWORD: 'not the secret of this key' };
    const fresh = { DOCKER_CONFIG: '/tmp/refused', XDG_RUNTIME_DIR: '/dev/shm/refused' };
    const script = `mkdir -m 700 $DOCKER_CONFIG $XDG_RUNTIME_DIR; registry-auth apply >/dev/null 2>&1; docker pull ${imageAt('app')}`;
    const env = { ...ecrTriple('app'), ...wrong, ...fresh };
    const { status, stderr } = await container.exec(script, { env });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /^registry-auth: APP_CONTAINER_REGISTRY_PASSWORD: not the secret .*; fix: .*$/m,
      ),
    });
  });

  /** Both helpers, by AWS's names of the API: AWS_ENDPOINT_URL… is unknown to the older one. */
  describe("beside Debian's amazon-ecr-credential-helper", () => {
    const theirs = {
      AWS_ACCESS_KEY_ID: TEAM.accessKeyId,
      AWS_SECRET_ACCESS_KEY: TEAM.secretAccessKey,
      AWS_ECR_DISABLE_CACHE: 'true',
      SSL_CERT_FILE: CA_FILE,
    };
    const ours = (name: EcrName) => ({
      ...ecrTriple(name),
      // Not where the hooks' tokens are.
      XDG_RUNTIME_DIR: '/dev/shm/beside',
      NODE_EXTRA_CA_CERTS: CA_FILE,
    });
    const ask = async (program: string, host: string, env: Record<string, string>) => {
      scene.front.visits.length = 0;
      const prepare =
        'unset AWS_ENDPOINT_URL_ECR AWS_ENDPOINT_URL_ECR_PUBLIC; mkdir -p /dev/shm/beside';
      const get = `${prepare}; printf %s ${host} | docker-credential-${program} get`;
      const { stdout } = await container.exec(get, { env });
      const { Secret, ...answer } = JSON.parse(stdout);
      const login = describeLogin(`${answer.Username}:${Secret}`);
      return { ...answer, login, asked: scene.front.visits.map((visit) => visit.host) };
    };

    test.each([
      ['app', 'ecr', 'api.ecr.us-east-1.amazonaws.com'],
      ['public', 'ecr-public', 'api.ecr-public.us-east-1.amazonaws.com'],
    ] as const)('both give the same answer for %s', async (name, service, endpoint) => {
      const expected = {
        ServerURL: ECR[name],
        Username: 'AWS',
        login: `AWS with a token of ${service} 123456789012`,
        asked: [endpoint],
      };
      expect(await ask('ecr-login', ECR[name], theirs)).toEqual(expected);
      expect(await ask('registry-auth', ECR[name], ours(name))).toEqual(expected);
    });

    // The older one asks the plain endpoint for FIPS, and does not know dual-stack.
    test.each([
      ['fips', 'api.ecr-fips.us-east-1.amazonaws.com'],
      ['dualStack', 'ecr.us-east-1.api.aws'],
    ] as const)('ours asks an endpoint of the same kind for %s', async (name, endpoint) => {
      expect(await ask('registry-auth', ECR[name], ours(name))).toMatchObject({
        asked: [endpoint],
      });
    });

    test("ours does not ask where a profile of the user's leads to", async () => {
      const profile = '[default]\nendpoint_url = http://127.0.0.1:9\n';
      await container.exec('mkdir -p ~/.aws && printf "$TEXT" >~/.aws/config', {
        env: { TEXT: profile },
      });
      const env = { ...ours('other'), AWS_CONFIG_FILE: '/home/dev/.aws/config' };
      const asked = ['api.ecr.eu-west-1.amazonaws.com'];
      expect(await ask('registry-auth', ECR.other, env)).toMatchObject({ asked });
    });
  });
});

describe('with tokens that live for seconds', () => {
  const secrets = ecrTriple('app');
  const pull = `docker pull ${imageAt('app')} && skopeo inspect docker://${imageAt('app')} >/dev/null`;
  const look = `stat -c '%i %y %s' ${CONFIG}`;
  let container: DevContainer;
  beforeAll(async () => {
    scene.standIn.lifetimeSeconds = 3;
    container = await scene.up({ user: 'dev', secrets, hooks: { onCreateCommand: pull } });
  });
  afterAll(async () => {
    await container.down();
    scene.standIn.lifetimeSeconds = 12 * 3600;
  });

  test('pulls keep working across expiry, with no hook in between', async () => {
    expect(container).toMatchObject({ status: 0 });
    const before = await container.exec(look);
    scene.front.visits.length = 0;
    for (let round = 0; round < 2; round += 1) {
      await waitForExpiry();
      expect(await container.exec(pull, { env: secrets })).toMatchObject({ status: 0 });
    }
    expect(scene.front.visits.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
    expect(await container.exec(look)).toEqual(before);
  });

  test('a shell without the keys pulls as long as the token lives', async () => {
    scene.standIn.lifetimeSeconds = 60;
    await waitForExpiry();
    const get = `${pull} && unset $(env | sed -n 's/^\\(APP_[^=]*\\)=.*/\\1/p') && ${pull}`;
    expect(await container.exec(get, { env: secrets })).toMatchObject({ status: 0 });
    expect(await container.exec(pull)).toMatchObject({ status: 0 });
  });

  async function waitForExpiry(): Promise<void> {
    const { token = '', account } = scene.standIn.tokens.at(-1) ?? {};
    while (scene.standIn.accepts('AWS', token, account)) await sleep(50);
  }
});

test('a triple of AWS and a token is passed on as it is', async () => {
  const token = await exchangeByHand(scene.standIn, TEAM);
  const { exchanges } = scene.standIn;
  const container = await scene.up({
    secrets: triple('APP', ECR.app, 'AWS', token),
    hooks: { onCreateCommand: `docker pull ${imageAt('app')}` },
  });
  const text = await readConfig(container);
  await container.down();
  expect(container).toMatchObject({ status: 0 });
  expect(othersOf(text)).toEqual({
    auths: { [ECR.app]: entry('AWS', token) },
  });
  expect(scene.standIn.exchanges).toBe(exchanges);
});

test('behind TLS inspection, what the system trusts is trusted', async () => {
  const state = readyState();
  const mirror = await startNodeMirror(state);
  const feature = await publish(state, 'inspected', mirror.pin);
  const container = await scene.up({
    user: 'dev',
    dockerfile: `FROM ${await importMinimalImage(state, 'bookworm')}\n`,
    features: { [feature]: { nodeMirror: mirror.url } },
  });
  const prepare = 'unset AWS_ENDPOINT_URL_ECR AWS_ENDPOINT_URL_ECR_PUBLIC';
  const get = `${prepare}; printf %s ${ECR.app} | docker-credential-registry-auth get`;
  const env = { ...ecrTriple('app'), XDG_RUNTIME_DIR: '/dev/shm' };
  const before = await container.exec(get, { env });
  const trust = `mkdir -p /etc/ssl/certs && cp ${CA_FILE} /etc/ssl/certs/company.pem`;
  await container.exec(trust, { user: 'root' });
  const after = await container.exec(get, { env });
  await container.down();
  await mirror.close();
  expect(before).toMatchObject({ status: 1, stderr: expect.stringContaining('certificate') });
  expect(after).toMatchObject({ status: 0 });
  const { Username, Secret } = JSON.parse(after.stdout);
  expect(describeLogin(`${Username}:${Secret}`)).toBe('AWS with a token of ecr 123456789012');
});
