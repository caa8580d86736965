import { describe, expect, test } from '@jest/globals';
import { checkRegistry, type Target } from '../../src/registry-client/registry.ts';
import type { HttpResponse, SendResult } from '../../src/registry-client/request.ts';
import type { CheckResult } from '../../src/registry-client/result.ts';

const ADA = { user: 'ada', secret: 'word' };
const IDENTITY = { user: '<token>', secret: 'word' };
const BASIC = `Basic ${Buffer.from('ada:word').toString('base64')}`;
const IMAGE = { name: 'team/app', reference: 'v1' };
const MANIFEST = 'https://ghcr.io/v2/team/app/manifests/v1';

const status = (code: number, more: Partial<HttpResponse> = {}) => ({
  ...{ status: code, challenge: '', contentType: '', body: '' },
  ...more,
});
const OK = status(200);
const TOKEN = status(200, { body: '{"token":"good"}' });
const BASIC_CHALLENGE = status(401, { challenge: 'Basic realm="x"' });
const CHALLENGE = status(401, { challenge: 'Bearer realm="https://ghcr.io/token",service="s"' });
const failure = (because: string): SendResult => ({ outcome: 'unreachable', because });

/** Checks with a `send` that answers from a list; gives the result, and each request in one line. */
async function run(target: Target, credential: typeof ADA | undefined, responses: SendResult[]) {
  const requests: string[] = [];
  const result = await checkRegistry(target, credential, async (request) => {
    const { method, url, authorization = '', form } = request;
    requests.push([method, url, authorization, form && new URLSearchParams(form)].join(' ').trim());
    return responses[requests.length - 1] ?? failure('no response is left');
  });
  return { result, requests };
}

const PING = 'GET https://ghcr.io/v2/';
const LOGIN = 'service=s&account=ada';
const SCOPE = 'service=s&scope=repository%3Ateam%2Fapp%3Apull';

describe('the requests for', () => {
  type Row = [
    name: string,
    Parameters<typeof run>[0],
    Parameters<typeof run>[1],
    SendResult[],
    CheckResult,
    requests: string[],
  ];
  const rows: Row[] = [
    ['an open registry', { host: 'ghcr.io' }, ADA, [OK], { outcome: 'open' }, [PING]],
    [
      'a password',
      { host: 'ghcr.io' },
      ADA,
      [BASIC_CHALLENGE, OK],
      { outcome: 'accepted' },
      [PING, `${PING} ${BASIC}`],
    ],
    [
      'a token',
      { host: 'ghcr.io' },
      ADA,
      [CHALLENGE, TOKEN, OK],
      { outcome: 'accepted' },
      [PING, `GET https://ghcr.io/token?${LOGIN} ${BASIC}`, `${PING} Bearer good`],
    ],
    [
      'an identity token',
      { host: 'ghcr.io' },
      IDENTITY,
      [CHALLENGE, TOKEN, OK],
      { outcome: 'accepted' },
      [
        PING,
        'POST https://ghcr.io/token  ' +
          'grant_type=refresh_token&refresh_token=word&client_id=registry-auth&service=s',
        `${PING} Bearer good`,
      ],
    ],
    [
      'an image',
      { host: 'ghcr.io', image: IMAGE },
      ADA,
      [CHALLENGE, TOKEN, OK, TOKEN, OK],
      { outcome: 'accepted', isOfImage: true },
      [
        PING,
        `GET https://ghcr.io/token?${LOGIN} ${BASIC}`,
        `${PING} Bearer good`,
        `GET https://ghcr.io/token?${SCOPE}&account=ada ${BASIC}`,
        `HEAD ${MANIFEST} Bearer good`,
      ],
    ],
    [
      'an image without a credential',
      { host: 'ghcr.io', image: IMAGE },
      undefined,
      [CHALLENGE, TOKEN, OK],
      { outcome: 'open', isOfImage: true },
      [PING, `GET https://ghcr.io/token?${SCOPE}`, `HEAD ${MANIFEST} Bearer good`],
    ],
    [
      'an image of an open registry that takes passwords',
      { host: 'ghcr.io', image: IMAGE },
      ADA,
      [OK, BASIC_CHALLENGE, OK],
      { outcome: 'accepted', isOfImage: true },
      [PING, `HEAD ${MANIFEST}`, `HEAD ${MANIFEST} ${BASIC}`],
    ],
    [
      'a token service that does not respond',
      { host: 'ghcr.io' },
      ADA,
      [CHALLENGE, failure('ECONNRESET')],
      { outcome: 'unreachable', because: 'ECONNRESET at its token service' },
      [PING, `GET https://ghcr.io/token?${LOGIN} ${BASIC}`],
    ],
    [
      'Docker Hub',
      { host: 'docker.io' },
      ADA,
      [OK],
      { outcome: 'open' },
      ['GET https://registry-1.docker.io/v2/'],
    ],
  ];
  test.each(rows)('%s', async (_, target, credential, responses, result, requests) => {
    expect(await run(target, credential, responses)).toEqual({ result, requests });
  });
});

describe('a registry on this machine', () => {
  const plain = 'GET http://localhost:5000/v2/';
  const secure = 'GET https://localhost:5000/v2/';
  const refused = failure('ECONNREFUSED');
  const untrusted = failure('CERT_HAS_EXPIRED');
  test.each<[string, SendResult[], CheckResult, string[]]>([
    ['has no TLS', [OK], { outcome: 'open' }, [plain]],
    ['answers 400 without TLS', [status(400), OK], { outcome: 'open' }, [plain, secure]],
    ['hangs up without TLS', [failure('ECONNRESET'), OK], { outcome: 'open' }, [plain, secure]],
    ['answers no HTTP', [failure('HPE_INVALID'), OK], { outcome: 'open' }, [plain, secure]],
    ['is not there', [refused], refused as CheckResult, [plain]],
    [
      'has a certificate that is not trusted',
      [status(400), untrusted],
      untrusted as CheckResult,
      [plain, secure],
    ],
    [
      'answers 400 and has no TLS',
      [status(400), failure('EPROTO')],
      { outcome: 'not-a-registry', status: 400 },
      [plain, secure],
    ],
  ])('%s', async (_, responses, result, requests) => {
    expect(await run({ host: 'localhost:5000' }, ADA, responses)).toEqual({ result, requests });
  });
});

test('a password goes without TLS only to a registry on this machine', async () => {
  const realm = 'Bearer realm="http://localhost:5000/token"';
  const responses = [status(400), status(401, { challenge: realm })];
  const { result, requests } = await run({ host: 'localhost:5000' }, ADA, responses);
  const because = 'which is not https';
  expect(result).toEqual({ outcome: 'unsafe-realm', because, host: 'localhost' });
  expect(requests).toHaveLength(2);
});
