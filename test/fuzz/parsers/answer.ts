import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findTicket, isForNobody, type Way } from '../../../src/domain/check/ticket.ts';
import { parser } from '../parser.ts';

const WAY: Way = { scheme: 'bearer', realm: new URL('https://r.io/token'), service: 'r.io' };
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

/** What comes of a token service's answer, for every login that may be shown to it. */
function ticketsFrom(body: string, status: number) {
  return LOGINS.map((login) => {
    const talk = findTicket(WAY, login, 'team/app');
    talk.next();
    return talk.next({ status, challenge: '', contentType: '', body }).value;
  });
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
  read: ({ text }) => [isForNobody(text), ...STATUSES.map((status) => ticketsFrom(text, status))],
  properties: {
    'what is shown to the registry is one line, with a token that stands there': ({ text }) => {
      for (const ticket of ticketsFrom(text, 200)) {
        if (!('authorization' in ticket)) continue;
        assert.match(ticket.authorization, /^Bearer [!-~]+$/);
        const token = ticket.authorization.slice('Bearer '.length);
        // JSON has more than one spelling of a text.
        assert.ok(text.includes(token) || text.includes('\\'));
      }
    },
    'only an answer that says yes has a token': ({ text }, status) => {
      for (const ticket of ticketsFrom(`{"token":"t","and":${JSON.stringify(text)}}`, status))
        assert.equal('authorization' in ticket, status >= 200 && status < 300);
    },
    'nothing that a service says is repeated, but the names of errors': ({ text }, status) => {
      const marked = [
        `${text}zzz`,
        text.replaceAll(/[a-z]{3}/g, 'zzz'),
        text.replace('DENIED', 'zzz'),
      ];
      for (const body of marked)
        for (const verdict of ticketsFrom(body, status))
          if (!('authorization' in verdict)) assert.doesNotMatch(JSON.stringify(verdict), /zzz/);
    },
  },
});
