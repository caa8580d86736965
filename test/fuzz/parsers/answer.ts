import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fetchAuthorization, isAnonymous } from '../../../src/registry-client/auth.ts';
import type { AuthScheme } from '../../../src/registry-client/scheme.ts';
import { parser } from '../parser.ts';

const REALM = new URL('https://r.io/token');
const SCHEME: AuthScheme = { scheme: 'bearer', realm: REALM, service: 'r.io' };
const LOGINS = [undefined, { user: 'ada', secret: 'pass' }, { user: '<token>', secret: 'pass' }];
const jwt = (payload: string) => `eyJ.${Buffer.from(payload).toString('base64url')}.sig`;
const VALID = [
  ...['', '{}', 'null', '[]', '{"token":"abc.def"}', '{"access_token":"abc","expires_in":300}'],
  ...[`{"token":"${jwt('{"sub":"ada"}')}"}`, `{"token":"${jwt('{"sub":""}')}","token_type":"x"}`],
  '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}',
  ...['{"errors":[{"code":"DENIED"}],"token":""}', '<html><body>401</body></html>', '{"token":1}'],
  ...[jwt('{"sub":""}'), `Bearer ${jwt('{"sub":"ada"}')}`, jwt('null'), jwt('"sub"')],
];

const STATUSES = [200, 204, 301, 400, 401, 403, 404, 429, 500, 599];

/** What each login gets from a token service's response. */
function authorizationsFrom(body: string, status: number) {
  const send = async () => ({ status, challenge: '', contentType: '', body });
  return Promise.all(
    LOGINS.map((credential) => fetchAuthorization(SCHEME, { credential, send }, 'team/app')),
  );
}

export const ANSWER = parser<number>({
  name: 'token service',
  valid: fc.constantFrom(...VALID),
  around: [
    ['{"token":"', '"}'],
    ['{"errors":[{"code":"', '"}]}'],
    ['a.', '.b'],
  ],
  extra: fc.constantFrom(...STATUSES),
  read: ({ text }) =>
    Promise.all([
      isAnonymous({ authorization: text }),
      ...STATUSES.map((status) => authorizationsFrom(text, status)),
    ]),
  properties: {
    'what the registry is sent is one line, with a token of the response': async ({ text }) => {
      for (const result of await authorizationsFrom(text, 200)) {
        if (!('authorization' in result)) continue;
        assert.match(result.authorization, /^Bearer [!-~]+$/);
        const token = result.authorization.slice('Bearer '.length);
        // JSON can spell a text in more than one way.
        assert.ok(text.includes(token) || text.includes('\\'));
      }
    },
    'only a response with a status of success has a token': async ({ text }, status) => {
      const body = `{"token":"t","and":${JSON.stringify(text)}}`;
      for (const result of await authorizationsFrom(body, status))
        assert.equal('authorization' in result, status >= 200 && status < 300);
    },
    'nothing that a service sends is repeated, but the names of errors': async (
      { text },
      status,
    ) => {
      const marked = [
        `${text}zzz`,
        text.replaceAll(/[a-z]{3}/g, 'zzz'),
        text.replace('DENIED', 'zzz'),
      ];
      for (const body of marked)
        for (const result of await authorizationsFrom(body, status))
          if (!('authorization' in result)) assert.doesNotMatch(JSON.stringify(result), /zzz/);
    },
  },
});
