import { describe, expect, test } from '@jest/globals';
import { parseAddress } from '../../src/registries/reference.ts';
import {
  type Machine,
  type Reply,
  type ResolvedLogin,
  resolveLogin,
} from '../../src/resolve/client.ts';
import { CLIENTS as RULES } from '../../src/resolve/look-up.ts';
import { findFiles } from '../../src/resolve/paths.ts';
import { entry } from '../support/triples.ts';

const CONFIG = '/home/ada/.docker/config.json';
const AUTH_JSON = '/run/user/1/containers/auth.json';
const HELM = '/home/ada/.config/helm/registry/config.json';
const HOST = 'reg.example.com';
const IMAGE = `${HOST}/team/app`;

type Client = keyof typeof RULES;
const CLIENTS = Object.keys(RULES) as Client[];

type Files = Readonly<Record<string, unknown>>;

function machine(files: Files, more: Partial<Machine> = {}): Machine {
  const texts = Object.entries(files).map(
    ([path, file]) => [path, typeof file === 'string' ? file : JSON.stringify(file)] as const,
  );
  const env = { HOME: '/home/ada', XDG_RUNTIME_DIR: '/run/user/1', ...more.env };
  return { uid: 1, files: new Map(texts), programs: new Set(), ...more, env };
}

function logIn(
  client: Client,
  address: string,
  given: Machine,
  ask: () => Reply = () => 'unasked',
): ResolvedLogin {
  const parsed = parseAddress(address);
  if ('what' in parsed) throw new Error(parsed.what);
  return resolveLogin(RULES[client].find(parsed, given), given, ask);
}

/** The clients that find this key. */
function findersOf(key: string, address: string): Client[] {
  const given = machine({ [CONFIG]: { auths: { [key]: entry('ada', 'x') } } });
  return CLIENTS.filter((client) => logIn(client, address, given).source === 'auths');
}

const but = (...others: Client[]) => CLIENTS.filter((client) => !others.includes(client));
const ANY_BUT_DEVCONTAINER = but('devcontainer');

describe('which form of a key works where (docs/clients.md, Keys):', () => {
  test.each<[string, readonly Client[]]>([
    [HOST, CLIENTS],
    [`https://${HOST}`, ANY_BUT_DEVCONTAINER],
    [`http://${HOST}`, ANY_BUT_DEVCONTAINER],
    [`https://${HOST}/v1/`, ANY_BUT_DEVCONTAINER],
    [`https://${HOST}/v2/`, ANY_BUT_DEVCONTAINER],
    [`https://${HOST}/v2`, but('devcontainer', 'kubelet')],
    [`${HOST}/`, but('devcontainer', 'podman')],
    [`${HOST}/v2/`, but('devcontainer', 'podman')],
    [`${HOST}/team`, ANY_BUT_DEVCONTAINER],
    [`${HOST}/other`, ['docker', 'crane', 'oras', 'helm']],
    [`${HOST}/team/app`, ANY_BUT_DEVCONTAINER],
    ['REG.example.com', []],
    [`${HOST}:443`, []],
    ['*.example.com', ['kubelet']],
  ])('%s', (key, clients) => {
    expect(findersOf(key, IMAGE)).toEqual(clients);
  });

  test.each<[string, readonly Client[]]>([
    ['https://index.docker.io/v1/', ANY_BUT_DEVCONTAINER],
    ['docker.io', ['podman', 'kubelet', 'devcontainer']],
    ['index.docker.io', ['podman', 'kubelet']],
    ['registry-1.docker.io', ['podman']],
    ['https://index.docker.io/v1', ['podman']],
    ['https://index.docker.io', ['podman', 'kubelet']],
  ])('Docker Hub: %s', (key, clients) => {
    expect(findersOf(key, 'team/app')).toEqual(clients);
  });
});

describe('where each client takes its login from:', () => {
  const ours = { credHelpers: { [HOST]: 'ours' }, auths: { [HOST]: entry('ada', 'x') } };
  const store = { credsStore: 'store', auths: { [HOST]: entry('ada', 'x') } };
  const programs = new Set(['docker-credential-ours', 'docker-credential-store']);
  const sourcesOf = (given: Machine, ask?: () => Reply) =>
    Object.fromEntries(
      CLIENTS.map((client) => {
        const login = logIn(client, IMAGE, given, ask);
        return [client, 'program' in login ? login.program : login.source];
      }),
    );
  const all = (source: string) => Object.fromEntries(CLIENTS.map((client) => [client, source]));

  test('a helper for the host', () => {
    const given = machine({ [CONFIG]: ours }, { programs });
    expect(sourcesOf(given)).toEqual({ ...all('docker-credential-ours'), kubelet: 'auths' });
  });

  test('a helper that knows no such login, and one that fails', () => {
    const given = machine({ [CONFIG]: ours }, { programs });
    const passing = { kubelet: 'auths', devcontainer: 'auths' };
    expect(sourcesOf(given, () => 'not-found')).toEqual({ ...all('nothing'), ...passing });
    expect(sourcesOf(given, () => 'failed')).toEqual({ ...all('error'), ...passing });
  });

  test('a helper that is not on PATH', () => {
    const passing = { kubelet: 'auths', devcontainer: 'auths' };
    expect(sourcesOf(machine({ [CONFIG]: ours }))).toEqual({ ...all('error'), ...passing });
  });

  test('a credsStore, which podman and kubelet do not know', () => {
    const given = machine({ [CONFIG]: store }, { programs });
    const passing = { podman: 'auths', kubelet: 'auths' };
    expect(sourcesOf(given)).toEqual({ ...all('docker-credential-store'), ...passing });
  });

  test('a credsStore beside a helper for the host: crane asks it all the same', () => {
    const both = { ...ours, credsStore: 'store' };
    const given = machine({ [CONFIG]: both }, { programs });
    const expected = { ...all('docker-credential-ours'), kubelet: 'auths' };
    expect(sourcesOf(given)).toEqual({ ...expected, crane: 'docker-credential-store' });
  });

  test('a helper of no name', () => {
    const given = machine({ [CONFIG]: { ...store, credHelpers: { [HOST]: '' } } }, { programs });
    const stored = 'docker-credential-store';
    expect(sourcesOf(given)).toMatchObject({ docker: 'auths', oras: stored, podman: 'error' });
  });

  test("DOCKER_AUTH_CONFIG, for what is built on docker's library", () => {
    const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { [HOST]: entry('bob', 'x') } });
    const given = machine({ [CONFIG]: ours }, { programs, env: { DOCKER_AUTH_CONFIG } });
    expect(sourcesOf(given)).toMatchObject({ docker: 'variable', oras: 'docker-credential-ours' });
    const extra = DOCKER_AUTH_CONFIG.replace('{', '{"x":1,');
    const ignored = machine({ [CONFIG]: ours }, { env: { DOCKER_AUTH_CONFIG: extra } });
    expect(logIn('docker', IMAGE, ignored)).toMatchObject({ source: 'error' });
  });

  test("podman's auth.json and helm's own file come first for them", () => {
    const bob = { auths: { [HOST]: entry('bob', 'x') } };
    const given = machine({ [CONFIG]: { auths: ours.auths }, [AUTH_JSON]: bob, [HELM]: bob });
    const users = CLIENTS.map((client) => {
      const login = logIn(client, IMAGE, given);
      return [client, 'credential' in login ? login.credential?.user : undefined];
    });
    const expected = Object.fromEntries(CLIENTS.map((client) => [client, 'ada']));
    expect(Object.fromEntries(users)).toEqual({ ...expected, podman: 'bob', helm: 'bob' });
  });

  test('a relative file is no variable', () => {
    const env = { REGISTRY_AUTH_FILE: 'auth.json' };
    const given = machine({ 'auth.json': { auths: ours.auths } }, { env });
    expect(logIn('podman', IMAGE, given)).toMatchObject({ source: 'auths', where: 'auth.json' });
  });

  test("crane reads podman's file only where docker has none", () => {
    const bob = { auths: { [HOST]: entry('bob', 'x') } };
    expect(logIn('crane', IMAGE, machine({ [AUTH_JSON]: bob }))).toMatchObject({
      source: 'auths',
      where: AUTH_JSON,
    });
    const given = machine({ [AUTH_JSON]: bob, [CONFIG]: {} });
    expect(logIn('crane', IMAGE, given)).toEqual({ source: 'nothing' });
  });

  test('one entry that cannot be decoded costs some clients all others', () => {
    const auths = { [HOST]: entry('ada', 'x'), 'other.example': { auth: 'no base64' } };
    const found = sourcesOf(machine({ [CONFIG]: { auths } }));
    const poisoned = { docker: 'nothing', crane: 'error', kubelet: 'error' };
    expect(found).toEqual({ ...all('auths'), ...poisoned });
  });

  /** docker warns; helm has a file of its own. */
  const PASSING = { docker: 'nothing', helm: 'nothing', devcontainer: 'nothing' };

  test.each([
    [
      '',
      { docker: 'nothing', oras: 'nothing', helm: 'nothing', podman: 'error', kubelet: 'error' },
    ],
    ['{', { ...all('error'), ...PASSING }],
    ['[]', { ...all('error'), ...PASSING }],
  ])('a config.json that holds %j', (text, expected) => {
    const found = sourcesOf(machine({ [CONFIG]: text }));
    expect(found).toMatchObject(expected);
  });

  const ADA = `"auths":{"${HOST}":${JSON.stringify(entry('ada', 'x'))}}`;

  test.each([
    [
      'another case',
      `{${ADA.replace('auths', 'Auths')}}`,
      { oras: 'nothing', helm: 'nothing', devcontainer: 'nothing' },
    ],
    [
      'another case in the entry',
      `{${ADA.replace('"auth"', '"AUTH"')}}`,
      { devcontainer: 'nothing' },
    ],
    ['two spellings, which Go puts together', `{${ADA},"Auths":{"other.example":{}}}`, {}],
    ['text behind the end', `{${ADA}}}`, { podman: 'error', kubelet: 'error' }],
    [
      'a member twice, the last null',
      `{${ADA},"AUTHS":null}`,
      { ...all('nothing'), oras: 'auths', helm: 'auths', devcontainer: 'auths' },
    ],
    [
      'features of another type',
      `{${ADA},"features":{"a":true}}`,
      { docker: 'nothing', crane: 'error' },
    ],
    ['experimental of the type of old', `{${ADA},"experimental":true}`, { docker: 'nothing' }],
    [
      'headers of another type',
      `{${ADA},"HttpHeaders":{"a":1}}`,
      { docker: 'nothing', crane: 'error', kubelet: 'error' },
    ],
    [
      'a helper beside that',
      `{${ADA},"credhelpers":{"${HOST}":"ours"},"psFormat":1}`,
      { docker: 'docker-credential-ours', podman: 'docker-credential-ours', crane: 'error' },
    ],
    ['an auth in two lines', `{${ADA.replace('="', '=\\r\\n"')}}`, {}],
  ])('%s', (_, text, others) => {
    const found = sourcesOf(machine({ [CONFIG]: text }, { programs }));
    expect(found).toEqual({ ...all('auths'), ...others });
  });

  test('what docker warns of is said with its file', () => {
    const text = `{${ADA},"proxies":{"httpProxy":"http://ada:secret@p"}}`;
    const why = 'holds a member of proxies that is not an object';
    const expected = { source: 'nothing', where: CONFIG, why };
    expect(logIn('docker', IMAGE, machine({ [CONFIG]: text }))).toEqual(expected);
  });

  test('comments, which the dev container CLI alone reads', () => {
    const ada = JSON.stringify(entry('ada', '//'));
    const text = `{ "auths": /* ours */ { "${HOST}": ${ada}, } } // x`;
    expect(sourcesOf(machine({ [CONFIG]: text }))).toEqual({
      ...all('error'),
      ...PASSING,
      devcontainer: 'auths',
    });
  });

  test('the store that docker and helm take by default', () => {
    const found = new Set(['docker-credential-secretservice']);
    const given = machine({}, { programs: found });
    const store = 'docker-credential-secretservice';
    expect(sourcesOf(given)).toMatchObject({ docker: store, helm: store, oras: 'nothing' });
    expect(
      sourcesOf(machine({ [CONFIG]: { auths: ours.auths } }, { programs: found })),
    ).toMatchObject({
      docker: 'auths',
      helm: store,
    });
  });

  test('the variables of the dev container CLI', () => {
    const env = { DEVCONTAINERS_OCI_AUTH: `a.io|x|y,${HOST}|bob|z`, GITHUB_TOKEN: 'ghs_x' };
    const given = machine({ [CONFIG]: ours }, { env });
    expect(logIn('devcontainer', IMAGE, given)).toMatchObject({
      source: 'variable',
      credential: { user: 'bob', secret: 'z' },
    });
    expect(logIn('devcontainer', 'ghcr.io', given)).toMatchObject({ where: 'GITHUB_TOKEN' });
  });
});

test('what is to be read for all of them', () => {
  const env = { HOME: '/h', DOCKER_CONFIG: '/d/', REGISTRY_AUTH_FILE: '/a', XDG_CONFIG_HOME: '/c' };
  expect(findFiles({ env, uid: 7 })).toEqual([
    '/d/config.json',
    '/h/.docker/config.json',
    '/run/containers/7/auth.json',
    '/c/containers/auth.json',
    '/c/helm/registry/config.json',
    '/c/regctl/config.json',
    '/h/.regctl/config.json',
    '/a',
  ]);
});
