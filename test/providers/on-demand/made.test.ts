import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readToken, tokenFile } from '../../../src/io/token-cache.ts';
import { type EcrKeys, type EcrToken, explainError } from '../../../src/providers/ecr/sdk.ts';
import { findProvider } from '../../../src/providers/find.ts';
import { type ExchangeAccess, exchangeAll } from '../../../src/providers/on-demand/exchange.ts';
import { fetchMade } from '../../../src/providers/on-demand/made.ts';
import type { Named } from '../../../src/providers/provider.ts';
import { findDesired } from '../../../src/reconcile/desired.ts';
import type { Triple } from '../../../src/secrets/triple.ts';
import { GUEST, TEAM } from '../../support/ecr-stand-in-identities.ts';
import { leaveLock } from '../../support/lock.ts';

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
/** Close to the file system's clock, by which a lock's age is told. */
const NOW = Date.now();
const HOUR = 3_600_000;
const BUDGET_MS = 400;

const folder = mkdtempSync(join(tmpdir(), 'registry-auth-ecr-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** AWS in one process: `exchange` is what it does, `asked` whose keys it was asked with. */
function makeAws(exchange?: (signal: AbortSignal) => Promise<EcrToken>) {
  const asked: EcrKeys[] = [];
  const exchangeEcrKeys = async (_host: unknown, keys: EcrKeys, signal: AbortSignal) => {
    asked.push(keys);
    const secret = `token ${asked.length}`;
    return exchange ? exchange(signal) : { user: 'AWS', secret, expiresAt: NOW + 12 * HOUR };
  };
  const access: ExchangeAccess = {
    load: async () => ({ exchangeEcrKeys, explainError }),
    cache: { directory: mkdtempSync(join(folder, 'cache-')) },
    madeCache: undefined,
    now: () => NOW,
    budgetMs: BUDGET_MS,
  };
  return { asked, access };
}

type AwsKeys = Omit<typeof TEAM, 'account'> & { readonly sessionToken?: string };
type Role = Pick<Triple, 'roleArn' | 'externalId'>;

function registry(keys: AwsKeys = TEAM, role: Role = {}, host = HOST): Named {
  const { accessKeyId: user, secretAccessKey: password, sessionToken } = keys;
  const triple = { id: 'APP', server: host, user, password, source: 'environment' };
  const whole = { ...triple, ...(sessionToken ? { sessionToken } : {}), ...role };
  return { triple: whole, registry: { host, provider: findProvider(host) } };
}

const fileOf = (
  { cache }: ExchangeAccess,
  { accessKeyId, secretAccessKey, sessionToken }: AwsKeys,
) =>
  tokenFile(cache ?? { directory: '' }, HOST, [
    accessKeyId,
    secretAccessKey,
    sessionToken,
    undefined,
  ]);

/** Puts a token into the cache that was issued and expires so many hours from now. */
function cacheToken(access: ExchangeAccess, issuedHours: number, expiresHours: number): void {
  const times = { issuedAt: NOW + issuedHours * HOUR, expiresAt: NOW + expiresHours * HOUR };
  const token = { user: 'AWS', secret: 'cached', ...times };
  writeFileSync(fileOf(access, TEAM), JSON.stringify(token));
}

const refuse = () =>
  Promise.reject(Object.assign(new Error('no'), { name: 'ThrottlingException' }));
const hang = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('two keys of one login are one exchange, and one problem', async () => {
  const { asked, access } = makeAws(refuse);
  const { desired } = findDesired([registry(TEAM, {}, `${HOST}:443`)]);
  expect(desired.map(({ keys }) => keys)).toEqual([[`${HOST}:443`, HOST]]);
  const { problems, credentials } = await exchangeAll(desired, access);
  expect(problems.map(({ code }) => code)).toEqual(['ECR_THROTTLED']);
  expect([...credentials]).toEqual([['APP', 'unavailable']]);
  expect(asked).toHaveLength(1);
});

describe('a cached token', () => {
  test.each([
    { name: 'in the first half of its life answers', issued: -5, expires: 7, secret: 'cached' },
    { name: 'in the second half is renewed', issued: -7, expires: 5, secret: 'token 1' },
    { name: 'past its end is replaced', issued: -13, expires: -1, secret: 'token 1' },
    {
      name: 'past its end is replaced although the clock was wrong when it was issued',
      issued: 20,
      expires: -1,
      secret: 'token 1',
    },
  ])('$name', async ({ issued, expires, secret }) => {
    const { access } = makeAws();
    cacheToken(access, issued, expires);
    expect(await fetchMade(registry(), access)).toMatchObject({ credential: { secret } });
  });

  test('that still lives answers beside the problem when AWS refuses another', async () => {
    const { access } = makeAws(refuse);
    cacheToken(access, -7, 5);
    expect(await fetchMade(registry(), access)).toMatchObject({
      credential: { secret: 'cached' },
      problem: { code: 'ECR_THROTTLED' },
    });
  });

  test('that is dead does not answer when AWS refuses another', async () => {
    const { access } = makeAws(refuse);
    cacheToken(access, -13, -1);
    const result = await fetchMade(registry(), access);
    expect(result).toEqual({ problem: expect.objectContaining({ code: 'ECR_THROTTLED' }) });
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a number', '5'],
    ['no secret', '{"user":"AWS","issuedAt":1,"expiresAt":9e15}'],
    ['a secret that is no text', '{"user":"AWS","secret":{},"issuedAt":1,"expiresAt":9e15}'],
    ['an expiry that is text', '{"user":"AWS","secret":"x","issuedAt":1,"expiresAt":"9e15"}'],
    ['half of it', '{"user":"AWS","secret":"canary-of-ha'],
  ])('file that holds %s counts as none, and is made anew', async (_name, text) => {
    const { access } = makeAws();
    writeFileSync(fileOf(access, TEAM), text);
    expect(await fetchMade(registry(), access)).toMatchObject({
      credential: { secret: 'token 1' },
    });
    expect(readToken(fileOf(access, TEAM))).toMatchObject({ secret: 'token 1' });
  });
});

describe('the exchange', () => {
  test('is with the keys of the triple, and each identity has a token of its own', async () => {
    const { asked, access } = makeAws();
    const renewed = { ...GUEST, sessionToken: 'of another session' };
    for (const keys of [TEAM, GUEST, renewed, TEAM]) await fetchMade(registry(keys), access);
    expect(asked).toEqual([TEAM, GUEST, renewed].map((keys) => registry(keys).triple));
  });

  test('is with the role of the triple, and each role has a token of its own', async () => {
    const { asked, access } = makeAws();
    const roles: Role[] = [
      { roleArn: 'arn:aws:iam::123456789012:role/pull' },
      { roleArn: 'arn:aws:iam::123456789012:role/push' },
      { roleArn: 'arn:aws:iam::123456789012:role/push', externalId: 'one' },
      { roleArn: 'arn:aws:iam::123456789012:role/push', externalId: 'two' },
    ];
    const secrets: (string | undefined)[] = [];
    for (const role of [undefined, ...roles, ...roles, undefined]) {
      const { credential } = await fetchMade(registry(TEAM, role), access);
      secrets.push(credential?.secret);
    }
    const numbers = [1, 2, 3, 4, 5, 2, 3, 4, 5, 1];
    expect(secrets).toEqual(numbers.map((number) => `token ${number}`));
    expect(asked).toEqual([{}, ...roles].map((role) => registry(TEAM, role).triple));
  });

  test('takes place once for ten at the same time', async () => {
    const { asked, access } = makeAws();
    const all = Array.from({ length: 10 }, () => fetchMade(registry(), access));
    const secrets = (await Promise.all(all)).map(({ credential }) => credential?.secret);
    expect({ secrets, exchanges: asked.length }).toEqual({
      secrets: Array.from({ length: 10 }, () => 'token 1'),
      exchanges: 1,
    });
  });

  test('that takes long shows the others that its process lives', async () => {
    const { access } = makeAws(async () => {
      const [lock = ''] = readdirSync(access.cache?.directory ?? '');
      const path = join(access.cache?.directory ?? '', lock);
      utimesSync(path, (NOW - 2_900) / 1000, (NOW - 2_900) / 1000);
      await new Promise((done) => setTimeout(done, 1_300));
      const ageMs = Math.round(NOW - statSync(path).mtimeMs);
      return { user: 'AWS', secret: `${lock.split('.').at(-1)} ${ageMs}`, expiresAt: NOW + HOUR };
    });
    const { credential } = await fetchMade(registry(), { ...access, budgetMs: 5_000 });
    expect(credential?.secret).toBe('lock 0');
  });

  test('takes place each time where there is no cache', async () => {
    const { asked, access } = makeAws();
    for (let time = 0; time < 2; time += 1) {
      await fetchMade(registry(), { ...access, cache: undefined });
    }
    expect(asked).toHaveLength(2);
  });

  test('that hangs ends with the budget', async () => {
    const { access } = makeAws(hang);
    const startedAt = performance.now();
    const { problem } = await fetchMade(registry(), access);
    expect(problem).toMatchObject({ code: 'ECR_TIMEOUT' });
    expect(performance.now() - startedAt).toBeLessThan(BUDGET_MS * 1.5);
  });

  test('never throws, not even when the bundle is not there', async () => {
    const { access } = makeAws();
    const load = () => Promise.reject(Object.assign(new Error(), { code: 'MODULE_NOT_FOUND' }));
    const { problem } = await fetchMade(registry(), { ...access, load });
    expect(problem).toMatchObject({ code: 'ECR_REFUSED' });
  });
});

describe('trouble with the cache costs no more than the cache', () => {
  const isThere = { credential: expect.objectContaining({ secret: 'token 1' }) };

  test('when a token cannot be written', async () => {
    const { access } = makeAws();
    mkdirSync(fileOf(access, TEAM));
    expect(await fetchMade(registry(), access)).toEqual(isThere);
  });

  test('when its directory has gone', async () => {
    const { access } = makeAws();
    const gone = { ...access, cache: { directory: join(folder, 'gone') } };
    expect(await fetchMade(registry(), gone)).toEqual(isThere);
  });

  test('when somebody who was killed has left the lock', async () => {
    const { access } = makeAws();
    leaveLock(fileOf(access, TEAM), 0);
    // The lock is as new as can be.
    const now = () => Date.now();
    expect(await fetchMade(registry(), { ...access, now })).toEqual(isThere);
  });

  test('and the wait for another process is part of the budget', async () => {
    const { access } = makeAws(hang);
    const lock = leaveLock(fileOf(access, TEAM), 0);
    setTimeout(() => rmSync(lock, { recursive: true, force: true }), BUDGET_MS * 0.8);
    const startedAt = performance.now();
    await fetchMade(registry(), { ...access, now: () => Date.now() });
    expect(performance.now() - startedAt).toBeLessThan(BUDGET_MS * 1.5);
  });

  test('which holds nothing but tokens afterwards', async () => {
    const { access } = makeAws();
    await fetchMade(registry(), access);
    expect(readdirSync(access.cache?.directory ?? '')).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}-[0-9a-f]{32}\.json$/),
    ]);
  });
});
