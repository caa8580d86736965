import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTokenRegistry, type TokenRegistry } from './token-registry.ts';
import { sha256 } from './token-registry-content.ts';

const users = { ada: 's3cret:with-colon', bob: 'other' };
const artefact = {
  artifactType: 'application/vnd.example.note',
  layers: [{ mediaType: 'text/plain', content: 'hello' }],
};
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const ADA = basic('ada', users.ada);
const HELLO = sha256(Buffer.from('hello'));

let registry: TokenRegistry;
let digest: string;
beforeAll(async () => {
  registry = await startTokenRegistry({ users });
  digest = registry.publish('team/note', '1.0', artefact);
  registry.publish('team/other', '1.0', artefact);
});
afterEach(() => {
  registry.requests.length = 0;
});
afterAll(() => registry.close());

/** Sends one request; the header `authorization` is left out when it is undefined. */
function ask(path: string, authorization?: string, init: RequestInit = {}) {
  const headers = { ...init.headers, ...(authorization ? { authorization } : {}) };
  return fetch(`http://${registry.host}${path}`, { ...init, headers });
}

async function tokenFor(scope: string, authorization = ADA) {
  const answer = await ask(`/token?service=${registry.host}&scope=${scope}`, authorization);
  const { token } = (await answer.json()) as { token: string };
  return `Bearer ${token}`;
}

const challengeOf = (answer: Response) => answer.headers.get('www-authenticate');
const codesOf = async (answer: Response) =>
  ((await answer.json()) as { errors: { code: string }[] }).errors.map(({ code }) => code);

describe('login', () => {
  test('an anonymous request is refused and told where tokens are', async () => {
    const answer = await ask('/v2/');
    expect([answer.status, challengeOf(answer)]).toEqual([
      401,
      `Bearer realm="http://${registry.host}/token",service="${registry.host}"`,
    ]);
    expect(await codesOf(answer)).toEqual(['UNAUTHORIZED']);
  });

  test('the challenge of a repository names the scope', async () => {
    expect(challengeOf(await ask('/v2/team/note/tags/list'))).toContain(
      ',scope="repository:team/note:pull"',
    );
    expect(
      challengeOf(await ask('/v2/team/note/blobs/uploads/', undefined, { method: 'POST' })),
    ).toContain(',scope="repository:team/note:pull,push"');
  });

  test.each([
    { name: 'nobody', header: undefined },
    { name: 'an unknown user', header: basic('eve', 'other') },
    { name: 'a wrong password', header: basic('ada', 's3cret') },
    { name: 'a password of the name undefined', header: basic('eve', 'undefined') },
    { name: 'a header that decodes to nothing', header: 'Basic !' },
    { name: 'a bearer token', header: 'Bearer abc' },
  ])('$name gets no token', async ({ header }) => {
    const answer = await ask('/token?scope=repository:team/note:pull', header);
    expect(answer.status).toBe(401);
    expect(await codesOf(answer)).toEqual(['UNAUTHORIZED']);
  });

  test('a token opens what was asked for', async () => {
    const token = await tokenFor('repository:team/note:pull');
    expect((await ask('/v2/', token)).status).toBe(200);
    expect((await ask('/v2/team/note/manifests/1.0', token)).status).toBe(200);
  });

  test.each([
    { name: 'another repository', path: '/v2/team/other/manifests/1.0', method: 'GET' },
    { name: 'a push', path: '/v2/team/note/blobs/uploads/', method: 'POST' },
  ])('a token to pull is not enough for $name', async ({ path, method }) => {
    const answer = await ask(path, await tokenFor('repository:team/note:pull'), { method });
    expect([answer.status, challengeOf(answer)]).toEqual([
      401,
      expect.stringContaining('error="insufficient_scope"'),
    ]);
  });

  test('a made-up token is refused', async () => {
    const answer = await ask('/v2/', 'Bearer made-up');
    expect([answer.status, challengeOf(answer)]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
  });

  test('a password does not stand in for a token', async () => {
    expect((await ask('/v2/', ADA)).status).toBe(401);
  });

  test('an expired token is refused', async () => {
    const shortLived = await startTokenRegistry({ users, tokenLifetimeSeconds: 0 });
    try {
      const url = `http://${shortLived.host}`;
      const issued = await fetch(`${url}/token`, { headers: { authorization: ADA } });
      const { token } = (await issued.json()) as { token: string };
      const answer = await fetch(`${url}/v2/`, { headers: { authorization: `Bearer ${token}` } });
      expect([answer.status, challengeOf(answer)]).toEqual([
        401,
        expect.stringContaining('error="invalid_token"'),
      ]);
    } finally {
      await shortLived.close();
    }
  });

  test('with basic authentication the password itself opens', async () => {
    const plain = await startTokenRegistry({ users, scheme: 'basic' });
    try {
      const url = `http://${plain.host}/v2/`;
      const anonymous = await fetch(url);
      expect([anonymous.status, challengeOf(anonymous)]).toEqual([
        401,
        `Basic realm="${plain.host}"`,
      ]);
      expect((await fetch(url, { headers: { authorization: ADA } })).status).toBe(200);
      expect((await fetch(url, { headers: { authorization: basic('ada', 'x') } })).status).toBe(
        401,
      );
    } finally {
      await plain.close();
    }
  });
});

describe('content', () => {
  let token: string;
  beforeAll(async () => {
    token = await tokenFor('repository:team/note:pull%20repository:team/new:pull,push');
  });

  test.each(['1.0', 'digest'])('a manifest is found by %s', async (reference) => {
    const path = `/v2/team/note/manifests/${reference === 'digest' ? digest : reference}`;
    const answer = await ask(path, token);
    expect(answer.headers.get('docker-content-digest')).toBe(digest);
    expect(answer.headers.get('content-type')).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(digest);
  });

  test('HEAD answers with the headers alone', async () => {
    const answer = await ask('/v2/team/note/manifests/1.0', token, { method: 'HEAD' });
    expect(answer.headers.get('docker-content-digest')).toBe(digest);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
    expect(await answer.text()).toBe('');
  });

  test('blobs and tags are served', async () => {
    expect(await (await ask(`/v2/team/note/blobs/${HELLO}`, token)).text()).toBe('hello');
    expect(await (await ask('/v2/team/note/tags/list', token)).json()).toEqual({
      name: 'team/note',
      tags: ['1.0'],
    });
  });

  test.each([
    { path: '/v2/team/note/manifests/2.0', status: 404, code: 'MANIFEST_UNKNOWN' },
    { path: `/v2/team/note/blobs/sha256:${'0'.repeat(64)}`, status: 404, code: 'BLOB_UNKNOWN' },
    { path: '/v2/team/new/tags/list', status: 404, code: 'NAME_UNKNOWN' },
    { path: '/v2/_catalog', status: 404, code: 'NOT_FOUND' },
  ])('$path is $code', async ({ path, status, code }) => {
    const answer = await ask(path, token);
    expect([answer.status, await codesOf(answer)]).toEqual([status, [code]]);
  });

  test('a manifest whose blobs are missing is not taken', async () => {
    const body = JSON.stringify({ layers: [{ digest: HELLO }] });
    const answer = await ask('/v2/team/new/manifests/1', token, { method: 'PUT', body });
    expect([answer.status, await codesOf(answer)]).toEqual([404, ['MANIFEST_BLOB_UNKNOWN']]);
  });

  test.each([
    { name: 'a blob', path: `/v2/team/new/blobs/uploads/?digest=${HELLO}`, method: 'POST' },
    { name: 'a manifest', path: `/v2/team/new/manifests/${HELLO}`, method: 'PUT' },
  ])('$name with another digest than announced is not taken', async ({ path, method }) => {
    const answer = await ask(path, token, { method, body: '{}' });
    expect([answer.status, await codesOf(answer)]).toEqual([400, ['DIGEST_INVALID']]);
  });

  test('the record names who asked for what, and holds no secret', async () => {
    await ask('/v2/team/note/tags/list?x=s3cret');
    await ask('/v2/team/note/tags/list', token);
    expect(registry.requests).toEqual([
      { method: 'GET', path: '/v2/team/note/tags/list', user: undefined, status: 401 },
      { method: 'GET', path: '/v2/team/note/tags/list', user: 'ada', status: 200 },
    ]);
  });
});
