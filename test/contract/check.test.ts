import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest } from '@jest/globals';
import { testWith } from '../support/needs.ts';
import { CANARY, callBundle, expectNoSecret, scratchHome } from '../support/process.ts';
import { REAL, SERVERS, type Suite, startSuite } from '../support/registry-suite.ts';
import { configWith, triple } from '../support/triples.ts';
import { SKOPEO, testClient } from './support/clients.ts';
import { apply, newPlace, type Place } from './support/place.ts';
import { runClient } from './support/run-client.ts';

jest.setTimeout(60_000);

const isReal = REAL.every(({ missing }) => missing === undefined);

const IDENTITY = 'identity-token-of-ada';
let suite: Suite;
let hosts: Suite['hosts'] = {};

beforeAll(async () => {
  const folder = isReal ? { folder: scratchHome() } : {};
  suite = await startSuite('ada', CANARY, { ...folder, identity: IDENTITY });
  hosts = suite.hosts;
});
afterAll(() => suite.close());

type Login = readonly [user: string, password: string];
const GOOD: Login = ['ada', CANARY];
const WRONG: Login = ['ada', `${CANARY} and more`];

/** What `check` says of a server, or of an image of it, after `apply`. */
async function outcomeAt(
  place: Place,
  server: string,
  [user, password]: Login,
  { image = '', env = {} as Record<string, string> } = {},
): Promise<string> {
  const host = hosts[server] ?? '';
  const all = { ...place.env, ...triple('ACME', host, user, password), ...env };
  await apply({ home: place.home, env: all });
  const words = image ? [`${host}/${image}`] : [];
  const finished = await callBundle('registry-auth', ['check', '--json', ...words], {
    env: all,
    home: place.home,
  });
  expectNoSecret(finished.stdout + finished.stderr, [CANARY, { user: 'ada', password: CANARY }]);
  const { results } = JSON.parse(finished.stdout);
  expect(results).toHaveLength(1);
  const [{ outcome }] = results;
  expect(finished.status).toBe(outcome === 'accepted' || outcome === 'open' ? 0 : 1);
  return outcome;
}

describe('a real registry', () => {
  const rows: [server: string, login: Login, expected: string, image?: string][] = [
    ['htpasswd', GOOD, 'accepted'],
    ['htpasswd', WRONG, 'rejected'],
    ['htpasswd', ['eve', CANARY], 'rejected'],
    ['htpasswd', GOOD, 'accepted', 'team/app:v1'],
    ['htpasswd', GOOD, 'image-not-found', 'team/app:v2'],
    ['htpasswd', GOOD, 'image-not-found', 'team/other'],
    ['htpasswd', WRONG, 'rejected', 'team/app:v1'],
    ['jwt', GOOD, 'accepted'],
    ['jwt', WRONG, 'rejected'],
    ['jwt', GOOD, 'accepted', 'team/app:v1'],
    ['jwt', GOOD, 'image-not-found', 'team/app'],
    ['jwt', GOOD, 'image-denied', 'secret/app:v1'],
    ['tls', GOOD, 'tls-failed'],
  ];
  for (const [server, login, expected, image = ''] of rows) {
    const name = `with ${server}: ${login[0]}, ${login === WRONG ? 'wrong' : 'right'} ${image}`;
    testWith(REAL, `${name}: ${expected}`, async () => {
      expect(await outcomeAt(newPlace(), server, login, { image })).toBe(expected);
    });
  }

  testWith(REAL, 'by the digest of an image', async () => {
    const { host, headers } = { host: hosts.htpasswd, headers: basicOf(GOOD) };
    const answer = await fetch(`http://${host}/v2/team/app/manifests/v1`, {
      headers: { ...headers, accept: 'application/vnd.docker.distribution.manifest.v2+json' },
    });
    const digest = answer.headers.get('docker-content-digest');
    const image = `team/app@${digest}`;
    expect(await outcomeAt(newPlace(), 'htpasswd', GOOD, { image })).toBe('accepted');
  });

  testWith(REAL, 'by a CA that is named in NODE_EXTRA_CA_CERTS', async () => {
    const env = { NODE_EXTRA_CA_CERTS: suite.certificate };
    expect(await outcomeAt(newPlace(), 'tls', GOOD, { env })).toBe('accepted');
    expect(await outcomeAt(newPlace(), 'tls', WRONG, { env })).toBe('rejected');
  });

  testWith(REAL, 'by an identity token', async () => {
    const place = newPlace();
    const host = hosts.jwt ?? '';
    const outcome = async (token: string) => {
      const file = join(place.home, '.docker', 'config.json');
      mkdirSync(join(place.home, '.docker'), { recursive: true });
      const { auths } = JSON.parse(configWith({ [host]: ['ada', ''] }));
      auths[host].identitytoken = token;
      writeFileSync(file, JSON.stringify({ auths }));
      const { stdout } = await callBundle('registry-auth', ['check', '--json', host], place);
      return JSON.parse(stdout).results[0];
    };
    expect(await outcome(IDENTITY)).toMatchObject({ outcome: 'accepted', source: 'login' });
    expect(await outcome('another-token')).toMatchObject({ outcome: 'rejected' });
  });
});

function basicOf([user, password]: Login): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** Whether `check` finds each server's login good, after one `apply` with all of them. */
async function findAgreement([user, password]: Login): Promise<Map<string, boolean>> {
  const place = newPlace();
  const all = Object.entries(hosts);
  const triples = all.map(([, host], index) => triple(`T${index}`, host, user, password));
  const env = Object.assign({}, place.env, ...triples);
  await apply({ home: place.home, env });
  const finished = await callBundle('registry-auth', ['check', '--json'], {
    env,
    home: place.home,
  });
  expectNoSecret(finished.stdout + finished.stderr, [CANARY, { user, password }]);
  const results: { host: string; outcome: string }[] = JSON.parse(finished.stdout).results;
  const accepted = new Map(
    results.map(({ host, outcome }) => [host, outcome === 'accepted' || outcome === 'open']),
  );
  return new Map(
    all.flatMap(([name, host]) => {
      const isAccepted = accepted.get(host);
      return isAccepted === undefined ? [] : [[name, isAccepted]];
    }),
  );
}

describe.each([
  { name: 'right', login: GOOD },
  { name: 'wrong', login: WRONG },
])('agrees with skopeo login on a $name password', ({ login }) => {
  let agreement: ReadonlyMap<string, boolean>;
  beforeAll(async () => {
    agreement = await findAgreement(login);
  });

  for (const [server, needs] of SERVERS) {
    const clients = [
      { ...SKOPEO, name: 'skopeo login' },
      ...needs.map((need) => ({ ...need, program: '' })),
    ] as const;
    testClient(clients, `and check agree: a server ${server}`, async () => {
      const verify = `--tls-verify=${server === 'tls'}`;
      const [user, password] = login;
      const words = ['login', verify, '--username', user, '--password-stdin', `${hosts[server]}`];
      const { status, stderr } = await runClient(newPlace(), 'skopeo', words, password);
      expect([server, agreement.get(server), stderr]).toEqual([server, status === 0, stderr]);
    });
  }
});
