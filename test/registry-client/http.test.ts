import { once } from 'node:events';
import http, { Agent, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Credential } from '../../src/dockerconfig/auth-entry.ts';
import { sendWithin } from '../../src/registry-client/http.ts';
import type { ProxyAddress } from '../../src/registry-client/network.ts';
import { checkRegistry, type Target } from '../../src/registry-client/registry.ts';
import { type CheckResult, describe as sentence } from '../../src/registry-client/result.ts';
import {
  BASIC,
  bearer,
  type Heard,
  json,
  type Loopback,
  type Said,
  startLoopback,
} from '../support/loopback.ts';
import { CANARY, expectNoSecret } from '../support/process.ts';

jest.setTimeout(30_000);

const ADA: Credential = { user: 'ada', secret: CANARY };
const IDENTITY: Credential = { user: '<token>', secret: CANARY };
const BASIC_ADA = `Basic ${Buffer.from(`ada:${CANARY}`).toString('base64')}`;
const IMAGE = { name: 'team/app', reference: 'v1' };

const open: { close: () => Promise<void> | void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function serve(...args: Parameters<typeof startLoopback>): Promise<Loopback> {
  const server = await startLoopback(...args);
  open.push(server);
  return server;
}

async function ask(
  target: Target,
  credential: Credential | undefined = ADA,
  { requestMs = 3000, totalMs = 20_000, proxies = [] as ProxyAddress[] } = {},
): Promise<CheckResult> {
  const limits = { requestMs, proxies, leftMs: () => totalMs };
  const result = await checkRegistry(target, credential, sendWithin(limits));
  expectNoSecret(JSON.stringify(result) + sentence(result), [CANARY]);
  return result;
}

const isPing = ({ path, authorization }: Heard) => path === '/v2/' && !authorization;
const isPull = ({ path }: Heard) => path === '/v2/team/app/manifests/v1';
const credentials = ({ heard }: Loopback) =>
  heard.filter(({ authorization, body, query }) => {
    const all = `${authorization ?? ''} ${body} ${query}`;
    return authorization !== undefined || body !== '' || query.has('account') || /ada/.test(all);
  });

describe('a server that', () => {
  const cases: [name: string, said: Said, expected: Partial<CheckResult>, requests: number][] = [
    ['asks for nothing', json({}), { outcome: 'open' }, 1],
    ['has a page for everything', page(200), { outcome: 'not-a-registry', status: 200 }, 1],
    ['knows no such path', { status: 404 }, { outcome: 'not-a-registry', status: 404 }, 1],
    ['has no challenge', { status: 401 }, { outcome: 'not-a-registry', status: 401 }, 1],
    ['wants Kerberos', challenge('Negotiate'), { outcome: 'not-a-registry', status: 401 }, 1],
    ['leads elsewhere', redirect('/v3/'), { outcome: 'not-a-registry', status: 302 }, 1],
    ['lets nobody in', { status: 403 }, { outcome: 'rejected', status: 403 }, 1],
    ['is ill', { status: 503 }, { outcome: 'server-error', status: 503 }, 2],
    ['has enough', { status: 429 }, { outcome: 'rate-limited', status: 429 }, 2],
    ['has enough for a second', busy('1'), { outcome: 'rate-limited', status: 429 }, 2],
    ['has enough for an hour', busy('3600'), { outcome: 'rate-limited', status: 429 }, 1],
    [
      'has enough till a day',
      busy('Wed, 21 Oct 2065 07:28:00 GMT'),
      { outcome: 'rate-limited' },
      1,
    ],
    ['teapot', { status: 418 }, { outcome: 'not-a-registry', status: 418 }, 1],
    ['never answers', () => undefined, { outcome: 'timeout' }, 1],
    ['hangs up', (response) => response.destroy(), { outcome: 'unreachable' }, 1],
    [
      'sends headers for ever',
      (response) => {
        response.socket?.write(`HTTP/1.1 401 no\r\nWWW-Authenticate: ${'a'.repeat(1 << 20)}`);
      },
      { outcome: 'not-a-registry', because: 'HPE_HEADER_OVERFLOW' },
      1,
    ],
  ];
  test.each(cases)('%s', async (_, said, expected, requests) => {
    const server = await serve(() => said);
    const result = await ask({ host: server.host }, ADA, { requestMs: 500 });
    expect(result).toMatchObject(expected);
    expect([server.heard.length, credentials(server)]).toEqual([requests, []]);
  });

  test.each(['HTTP/1.1 401 no\r\nX-Long: ', 'HTTP/1.1 401 no\r\n'])(
    'sends headers slowly and without an end',
    async (start) => {
      const host = await raw((socket) => {
        socket.write(start);
        const timer = setInterval(() => socket.write('a: b\r\n'), 20);
        socket.on('close', () => clearInterval(timer));
      });
      expect(await ask({ host }, ADA, { requestMs: 500 })).toMatchObject({ outcome: 'timeout' });
    },
  );

  const lines = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => line(index)).join('');
  const HEADERS = lines(5_000, (index) => `${index.toString(36)}:\r\n`);
  const CHUNKED = 'HTTP/1.1 401 no\r\nTransfer-Encoding: chunked\r\n\r\n';
  test.each([
    ['5,000 headers', `HTTP/1.1 401 no\r\n${HEADERS}`],
    ['5,000 of one name', `HTTP/1.1 401 no\r\n${lines(5_000, () => 'WWW-Authenticate:\r\n')}`],
    ['5,000 trailers', `${CHUNKED}0\r\n${HEADERS}`],
    ['responses before the response', lines(10_000, () => 'HTTP/1.1 103 x\r\na: b\r\n\r\n')],
    ['chunks of one byte', CHUNKED + lines(1_000, () => '1;a=b\r\nx\r\n')],
  ])('sends %s for ever', async (_, text) => {
    let sent = 0;
    const host = await raw((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(text)) sent += text.length;
      };
      socket.on('drain', more);
      more();
    });
    const startedAt = performance.now();
    const result = await ask({ host }, ADA, { requestMs: 500 });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(result.outcome).toBe('not-a-registry');
    expect(sent).toBeLessThan(30 << 20);
  });

  test('speaks no HTTP', async () => {
    const host = await raw((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await ask({ host })).toMatchObject({ outcome: 'not-a-registry' });
  });

  test.each(['/v2/', '/token'])('wants to speak something else at %s', async (path) => {
    const server = await serve((heard, host) => {
      if (heard.path !== path) return bearer(`http://${host}/token`);
      return (response) => {
        response.socket?.write('HTTP/1.1 101 no\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
      };
    });
    const outcome = path === '/token' ? 'server-error' : 'not-a-registry';
    expect(await ask({ host: server.host })).toMatchObject({ outcome, status: 101 });
  });

  test('is not there', async () => {
    const server = await startLoopback(() => ({ status: 200 }));
    await server.close();
    expect(await ask({ host: server.host })).toEqual({
      outcome: 'unreachable',
      because: 'ECONNREFUSED',
    });
  });

  test('has no name', async () => {
    const result = await ask({ host: 'no-such-registry.invalid' });
    expect(result).toMatchObject({ outcome: 'name-unknown', because: 'ENOTFOUND' });
  });

  test.each(['10.0.0.256', 'xn--a.example', '1.2.3.4.5:5000'])(
    'can have no name such as %s',
    async (host) => {
      expect(await ask({ host, image: IMAGE })).toEqual({ outcome: 'name-unknown' });
    },
  );

  test('is this machine is asked without the proxies that the global agent has', async () => {
    const proxy = await serve(() => BASIC);
    const server = await serve(() => BASIC);
    const usual = http.globalAgent;
    http.globalAgent = new Agent();
    Object.assign(http.globalAgent, {
      createConnection: () => connect(proxy.port, '127.0.0.1'),
    });
    try {
      await ask({ host: server.host });
    } finally {
      http.globalAgent = usual;
    }
    expect([proxy.heard.length, server.heard.length]).toEqual([0, 2]);
  });

  test('is well again a moment later', async () => {
    let times = 0;
    const server = await serve(() => (times++ === 0 ? { status: 502 } : json({})));
    expect(await ask({ host: server.host })).toEqual({ outcome: 'open' });
  });

  test('sends a body for ever is not listened to', async () => {
    const server = await serve((heard) => (isPing(heard) ? endless(401, BASIC) : endless(200)));
    expect(await ask({ host: server.host }, ADA, { requestMs: 1000 })).toEqual({
      outcome: 'accepted',
    });
  });
});

function page(status: number): Said {
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: '<html>' };
}
function challenge(...all: string[]): Said {
  return { status: 401, headers: { 'WWW-Authenticate': all } };
}
function redirect(location: string, status = 302): Said {
  return { status, headers: { Location: location } };
}
function busy(after: string): Said {
  return { status: 429, headers: { 'Retry-After': after } };
}
function endless(status: number, like: Said = { status: 200 }): Said {
  return (response) => {
    response.writeHead(status, typeof like === 'function' ? {} : like.headers);
    const chunk = Buffer.alloc(1 << 16, ' ');
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
}
/** A body that starts well, and continues until the connection is closed. */
function drip(response: ServerResponse): void {
  response.writeHead(200).write('{"token":"good","more":"');
  const timer = setInterval(() => response.write('x'), 20);
  response.on('close', () => clearInterval(timer));
}

async function raw(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  open.push({ close: () => void server.close() });
  return `localhost:${(server.address() as AddressInfo).port}`;
}

describe('a password', () => {
  const guard = (heard: Heard) => (heard.authorization === BASIC_ADA ? json({}) : BASIC);

  test('is accepted by Basic', async () => {
    const server = await serve(guard);
    expect(await ask({ host: server.host })).toEqual({ outcome: 'accepted' });
    expect(server.heard.map(({ authorization }) => authorization)).toEqual([undefined, BASIC_ADA]);
  });

  test('is refused by Basic, and sent once', async () => {
    const server = await serve(() => BASIC);
    expect(await ask({ host: server.host })).toEqual({ outcome: 'rejected', status: 401 });
    expect(credentials(server)).toHaveLength(1);
  });

  test.each([
    ['Artifactory', 'Basic realm="Artifactory Realm"', 'artifactory'],
    ['Nexus', 'BASIC realm="Sonatype Nexus Repository Manager"', 'nexus'],
  ])('is refused by %s', async (_, header, product) => {
    const server = await serve(() => challenge(header));
    expect(await ask({ host: server.host })).toEqual({ outcome: 'rejected', status: 401, product });
  });

  test.each([
    ['several headers', ['Negotiate', 'Basic realm="x"']],
    ['odd case', ['bAsIc REALM=x']],
    ['no parameter', ['Basic']],
  ])('finds its way through %s', async (_, headers) => {
    const server = await serve((heard) => (isPing(heard) ? challenge(...headers) : guard(heard)));
    expect(await ask({ host: server.host })).toEqual({ outcome: 'accepted' });
  });

  test.each([
    ['500', { status: 500 }, { outcome: 'server-error', status: 500 }],
    ['429', { status: 429 }, { outcome: 'rate-limited', status: 429 }],
    ['404', { status: 404 }, { outcome: 'not-a-registry', status: 404 }],
    ['a page', page(200), { outcome: 'not-a-registry', status: 200 }],
    ['a redirect', redirect('http://localhost:1/'), { outcome: 'not-a-registry', status: 302 }],
  ] as [string, Said, Partial<CheckResult>][])('is answered with %s', async (_, said, expected) => {
    const server = await serve((heard) => (isPing(heard) ? BASIC : said));
    expect(await ask({ host: server.host })).toMatchObject(expected);
  });
});

/** A token as services issue it; its signature is not checked here. */
function jwt(payload: object): string {
  const parts = [{ typ: 'JWT', alg: 'none' }, payload].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return [...parts, 'c2ln'].join('.');
}

/** A registry with a token service; each response can be replaced. */
type Parts = {
  readonly ping?: (host: string) => Said;
  readonly token?: (heard: Heard) => Said;
  readonly login?: Said;
  readonly pull?: (heard: Heard) => Said;
};

function registry({ ping, token, login = json({}), pull }: Parts = {}) {
  return serve((heard, host) => {
    if (heard.path === '/token') return (token ?? tokens)(heard);
    if (isPing(heard)) return ping?.(host) ?? bearer(`http://${host}/token`);
    if (heard.path === '/v2/') return heard.authorization === 'Bearer good' ? login : BASIC;
    return (pull ?? (() => ({ status: 200 })))(heard);
  });
}

const tokens = ({ authorization, body }: Heard): Said =>
  authorization === BASIC_ADA || new URLSearchParams(body).get('refresh_token') === CANARY
    ? json({ token: 'good' })
    : json({ errors: [{ code: 'UNAUTHORIZED', message: `no ${authorization}` }] }, 401);

describe('a token', () => {
  test('is fetched for no scope, and used', async () => {
    const server = await registry();
    expect(await ask({ host: server.host })).toEqual({ outcome: 'accepted' });
    const [, fetched, used] = server.heard;
    expect([...(fetched?.query ?? [])]).toEqual([
      ['service', 'registry'],
      ['account', 'ada'],
    ]);
    expect([fetched?.authorization, used?.authorization]).toEqual([BASIC_ADA, 'Bearer good']);
  });

  test('may be called access_token, and a challenge lack a service', async () => {
    const server = await registry({
      ping: (host) => challenge(`bearer Realm=http://${host}/token`),
      token: () => json({ access_token: 'good' }),
    });
    expect(await ask({ host: server.host })).toEqual({ outcome: 'accepted' });
    expect([...(server.heard[1]?.query ?? [])]).toEqual([['account', 'ada']]);
  });

  test('is refused for another password, with its name for it and no word more', async () => {
    const server = await registry();
    const result = await ask({ host: server.host }, { user: 'ada', secret: 'another-word' });
    expect(result).toEqual({ outcome: 'rejected', status: 401, code: 'UNAUTHORIZED' });
  });

  test('for nobody in particular, in spite of the password, is no proof of it', async () => {
    for (const sub of ['', 'ada']) {
      const good = jwt({ iss: 'x', sub });
      const server = await serve((heard, host) => {
        if (heard.path === '/token') return json({ token: good });
        return heard.authorization === `Bearer ${good}` ? json({}) : bearer(`http://${host}/token`);
      });
      expect(await ask({ host: server.host, image: IMAGE })).toMatchObject(
        sub === '' ? { outcome: 'rejected' } : { outcome: 'accepted' },
      );
    }
  });

  const cases: [string, Parts, Partial<CheckResult>][] = [
    ['403, as GHCR does', { token: () => ({ status: 403 }) }, { outcome: 'rejected', status: 403 }],
    [
      'one that the registry does not take',
      { token: () => json({ token: 'bad' }) },
      { outcome: 'rejected', status: 401, because: 'even with its own token' },
    ],
    ['none', { token: () => json({}) }, { outcome: 'server-error', status: 200 }],
    ['an empty one', { token: () => json({ token: '' }) }, { outcome: 'server-error' }],
    [
      'one that no header can hold',
      { token: () => json({ token: 'a\r\nb' }) },
      { outcome: 'server-error' },
    ],
    ['null', { token: () => ({ status: 200, body: 'null' }) }, { outcome: 'server-error' }],
    ['a page', { token: () => page(200) }, { outcome: 'server-error' }],
    [
      'more than 64 KiB',
      { token: () => json({ token: 'good', more: 'x'.repeat(70_000) }) },
      { outcome: 'server-error', status: 200 },
    ],
    ['no end', { token: () => endless(200) }, { outcome: 'server-error' }],
    ['404', { token: () => ({ status: 404 }) }, { outcome: 'server-error', status: 404 }],
    ['500', { token: () => ({ status: 500 }) }, { outcome: 'server-error', status: 500 }],
    ['429', { token: () => ({ status: 429 }) }, { outcome: 'rate-limited', status: 429 }],
    ['nothing', { token: () => () => undefined }, { outcome: 'timeout' }],
    ['one byte at a time', { token: () => drip }, { outcome: 'timeout' }],
    [
      'a place of its own on another port',
      { token: () => redirect('http://localhost:1/') },
      { outcome: 'unsafe-realm', status: 302 },
    ],
  ];
  test.each(cases)('service that answers with %s', async (_, parts, expected) => {
    const server = await registry(parts);
    const result = await ask({ host: server.host }, ADA, { requestMs: 1000 });
    expect(result).toMatchObject(expected);
  });

  test('for an identity token is asked for by its own form, and not with Basic', async () => {
    const server = await registry();
    expect(await ask({ host: server.host }, IDENTITY)).toEqual({ outcome: 'accepted' });
    const { method, authorization, body } = server.heard[1] ?? { body: '' };
    expect([method, authorization]).toEqual(['POST', undefined]);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: CANARY,
      client_id: 'registry-auth',
      service: 'registry',
    });
  });

  test.each([
    ['refused', 400],
    ['refused', 401],
    ['not known', 404],
  ])('for an identity token is %s with %i', async (_, status) => {
    const server = await registry({ token: () => ({ status }) });
    expect(await ask({ host: server.host }, IDENTITY)).toMatchObject({
      outcome: 'rejected',
      status,
    });
  });

  test('is nothing that Basic has: an identity token is not sent', async () => {
    const server = await serve(() => BASIC);
    expect(await ask({ host: server.host }, IDENTITY)).toMatchObject({ outcome: 'rejected' });
    expect(credentials(server)).toEqual([]);
  });
});

describe('an image', () => {
  const about = async (parts: Parts, credential: Credential | null = ADA) => {
    const server = await registry(parts);
    const target = { host: server.host, image: IMAGE };
    const limits = { requestMs: 3000, proxies: [], leftMs: () => 20_000 };
    const result = await checkRegistry(target, credential ?? undefined, sendWithin(limits));
    return { result, server };
  };

  test('is asked for with a token that may pull it', async () => {
    const { result, server } = await about({});
    expect(result).toEqual({ outcome: 'accepted', isOfImage: true });
    const [, , , scoped, pull] = server.heard;
    expect(scoped?.query.get('scope')).toBe('repository:team/app:pull');
    expect([pull?.method, pull?.path, pull?.authorization]).toEqual([
      'HEAD',
      '/v2/team/app/manifests/v1',
      'Bearer good',
    ]);
  });

  const scoped = (said: Said) => (heard: Heard) =>
    heard.query.has('scope') ? said : tokens(heard);
  test.each([
    ['403 for its token', { token: scoped({ status: 403 }) }, { outcome: 'image-denied' }],
    ['401 for its token', { token: scoped({ status: 401 }) }, { outcome: 'image-denied' }],
    ['403', { pull: () => ({ status: 403 }) }, { outcome: 'image-denied', status: 403 }],
    [
      'insufficient scope',
      { pull: () => bearer('http://localhost/', ',error="insufficient_scope"') },
      { outcome: 'image-denied', status: 401 },
    ],
    ['404', { pull: () => ({ status: 404 }) }, { outcome: 'image-not-found', status: 404 }],
    ['500', { pull: () => ({ status: 500 }) }, { outcome: 'server-error', status: 500 }],
    ['429', { pull: () => busy('99') }, { outcome: 'rate-limited', status: 429 }],
    ['a redirect', { pull: () => redirect('/') }, { outcome: 'not-a-registry', status: 302 }],
  ] as [string, Parts, Partial<CheckResult>][])('answered with %s', async (_, parts, expected) => {
    expect((await about(parts)).result).toMatchObject(expected);
  });

  test('of a registry that asks for nothing is open', async () => {
    const { result, server } = await about({ ping: () => json({}) });
    expect(result).toEqual({ outcome: 'open', isOfImage: true });
    expect(credentials(server)).toEqual([]);
  });

  test('may ask for a login where the registry does not', async () => {
    const server = await serve((heard, host) => {
      if (heard.path === '/token') return tokens(heard);
      if (!isPull(heard) || heard.authorization === 'Bearer good') return json({});
      return bearer(`http://${host}/token`);
    });
    const target = { host: server.host, image: IMAGE };
    expect(await ask(target)).toEqual({ outcome: 'accepted', isOfImage: true });
  });

  test('is the only proof of a password where the registry itself takes any', async () => {
    for (const good of [BASIC_ADA, 'Basic another']) {
      const server = await serve((heard) =>
        !isPull(heard) || heard.authorization === good ? json({}) : BASIC,
      );
      const expected =
        good === BASIC_ADA
          ? { outcome: 'accepted', isOfImage: true }
          : { outcome: 'rejected', status: 401 };
      expect(await ask({ host: server.host, image: IMAGE })).toEqual(expected);
      expect(credentials(server)).toHaveLength(1);
    }
  });

  test('that everybody may pull is open to nobody in particular', async () => {
    const { result, server } = await about({ token: () => json({ token: 'good' }) }, null);
    expect(result).toEqual({ outcome: 'open', isOfImage: true });
    expect(credentials(server).map(({ authorization }) => authorization)).toEqual(['Bearer good']);
  });

  test.each([
    ['no token', { token: () => ({ status: 401 }) }],
    ['no pull', { token: () => json({ token: 'good' }), pull: () => ({ status: 401 }) }],
    ['no sight', { token: () => json({ token: 'good' }), pull: () => ({ status: 404 }) }],
    ['no Bearer', { ping: () => BASIC }],
  ] as [string, Parts][])('with %s for nobody needs a credential', async (_, parts) => {
    expect((await about(parts, null)).result.outcome).toBe('incomplete');
  });
});

describe('a hostile address for tokens gets nothing:', () => {
  const kinds: [string, (evil: Loopback, own: string) => string][] = [
    ['another name for this machine', ({ port }) => `http://127.0.0.1:${port}/token`],
    ['a short form of it', ({ port }) => `http://127.1:${port}/token`],
    ['a number', ({ port }) => `http://2130706433:${port}/token`],
    ['IPv6', ({ port }) => `http://[::ffff:127.0.0.1]:${port}/token`],
    ['a final dot', ({ port }) => `http://localhost.:${port}/token`],
    ['a subdomain', ({ port }) => `http://a.localhost:${port}/token`],
    ['user information', ({ host }) => `http://user:word@${host}/token`],
    ['an empty user', ({ host }) => `http://@${host}/token`],
    ['the registry as a user', ({ port }, own) => `http://${own}@127.0.0.1:${port}/token`],
    ['a backslash', ({ port }, own) => `http://127.0.0.1:${port}\\@${own}/token`],
    ['the metadata service', () => 'http://169.254.169.254/token'],
    ['a link-local address', () => 'http://[fe80::1]/token'],
  ];
  test.each(kinds)('%s', async (_, realmOf) => {
    const evil = await serve(() => json({ token: 'good' }));
    const server = await serve((_heard, host) => bearer(realmOf(evil, host)));
    expect(await ask({ host: server.host })).toMatchObject({ outcome: 'unsafe-realm' });
    expect([evil.heard, credentials(server)]).toEqual([[], []]);
  });

  test.each([301, 302, 303, 307, 308])('a redirect with %i', async (status) => {
    const evil = await serve(() => json({ token: 'good' }));
    const server = await registry({ token: () => redirect(`http://${evil.host}/`, status) });
    expect(await ask({ host: server.host })).toMatchObject({ outcome: 'unsafe-realm', status });
    expect(evil.heard).toEqual([]);
  });

  test.each([302, 307])('a redirect of the registry itself with %i', async (status) => {
    const evil = await serve(() => json({}));
    const elsewhere = redirect(`http://${evil.host}/v2/`, status);
    const server = await serve((heard) => (isPing(heard) ? BASIC : elsewhere));
    expect(await ask({ host: server.host })).toMatchObject({ outcome: 'not-a-registry', status });
    expect(evil.heard).toEqual([]);
  });

  test('one that the registry names only when asked for an image', async () => {
    const evil = await serve(() => json({ token: 'good' }));
    const server = await serve((heard) =>
      isPull(heard) ? bearer(`http://127.0.0.1:${evil.port}/token`) : json({}),
    );
    const result = await ask({ host: server.host, image: IMAGE });
    expect(result).toMatchObject({ outcome: 'unsafe-realm' });
    expect([evil.heard, credentials(server)]).toEqual([[], []]);
  });
});
