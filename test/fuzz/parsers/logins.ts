import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseLogins, renderLogins } from '../../../src/dockerconfig/logins.ts';
import { findStatusKeys } from '../../../src/report/status-keys.ts';
import { listUsers } from '../../../src/resolve/helper.ts';
import { Desk, type Triples } from '../../support/desk.ts';
import { NO_REQUEST } from '../../support/request.ts';
import { configWith } from '../../support/triples.ts';
import { parser } from '../parser.ts';

const ACME: Triples = { ACME: ['reg.example.com', 'ada', 'of acme'], T: ['q.io/team', 'u', 'p'] };

/** What we leave behind: a login through our helper, and one beside a logout. */
function written(): string[] {
  const desk = new Desk('{"credsStore":"desktop"}');
  desk.apply({ ...ACME, HUB: ['docker.io', 'ada', 'of the hub'] });
  desk.store('reg.example.com', 'eve', 'through the helper', ACME);
  const { logins: one = '' } = desk.texts;
  desk.store('https://index.docker.io/v1/', '<token>', 'é"', ACME);
  desk.erase('reg.example.com', ACME);
  return [one, desk.texts.logins ?? ''];
}

const VALID = [
  ...written(),
  ...['', '{}', 'null', '[]', '{"r.io":{}}', '{"r.io":{"user":"","secret":""}}', '{"r.io":null}'],
  '{"r.io":{"user":"eve"},"q.io":{"user":"eve","secret":"s"}}',
  '{"docker.io":{"user":"eve","secret":"s","triple":"12ab","since":5},"constructor":{}}',
  '{"q.io":{"user":"eve","secret":"s","triple":"12abcdef"}}',
  '{"__proto__":{"user":"eve","secret":"s"},"foreign.io":{"user":"eve","secret":"s"}}',
];

const FOREIGN = { 'foreign.io': ['zoe', 'of zoe'], 'docker.io': ['zoe', 'of the hub'] } as const;
const HOSTS = ['reg.example.com', 'q.io', 'foreign.io', 'docker.io', 'constructor', 'r.io:443'];

const extra = fc.record({
  host: fc.constantFrom(...HOSTS),
  prune: fc.boolean(),
  store: fc.constantFrom('{}', '{"credsStore":"desktop"}'),
  mode: fc.constantFrom('file' as const, 'helper' as const),
});
type Extra = typeof extra extends fc.Arbitrary<infer T> ? T : never;

function deskWith(logins: string, config: string): Desk {
  const desk = new Desk(config);
  desk.texts = { config, logins };
  return desk;
}

export const LOGINS = parser<Extra>({
  name: 'logins through our helper',
  valid: fc.constantFrom(...VALID),
  around: [
    ['{"', '":{}}'],
    ['{"r.io":{"user":"', '","secret":""}}'],
    ['{"r.io":{"user":"u","secret":"s","triple":"', '"}}'],
  ],
  extra,
  read: ({ text }) => {
    const desk = deskWith(text, '{"credsStore":"desktop"}');
    desk.apply(ACME, { prune: true });
    desk.logout();
  },
  properties: {
    'what is kept of any text is whole, and is rendered the same': ({ text }) => {
      const logins = parseLogins(text);
      for (const { user, secret, triple } of logins?.values() ?? []) {
        assert.equal(typeof user, typeof secret);
        assert.ok(user !== '');
        assert.match(triple ?? '0000', /^[0-9a-f]{4}$/);
      }
      if (!logins || logins.size === 0) return;
      const rendered = renderLogins(logins);
      const again = parseLogins(rendered);
      assert.deepEqual([...(again ?? [])].sort(), [...logins].sort());
      assert.equal(renderLogins(again ?? new Map()), rendered);
    },
    'what cannot be understood is left alone, and said': ({ text }, { store, ...given }) => {
      const desk = deskWith(text, store);
      const { texts, notices } = desk.apply(ACME, given);
      const isTold = notices.some(({ code }) => code === 'LOGINS_DAMAGED');
      assert.equal(isTold, parseLogins(text) === undefined);
      if (isTold) assert.equal(texts.logins, undefined);
    },
    'it costs nobody a login, whatever it says': ({ text }, { prune }) => {
      const desk = deskWith(text, configWith({ ...FOREIGN }));
      const { problems } = desk.apply({ N: ['new.io', 'u', 'p'] }, { prune });
      assert.deepEqual([problems, desk.logins['new.io']], [[], 'u:p']);
      desk.logout();
      for (const [key, login] of Object.entries(FOREIGN))
        assert.equal(desk.logins[key], login.join(':'));
      assert.equal(desk.logins['new.io'], undefined);
    },
    'a login that our helper has stays one, in either file': ({ text }, { store, host, prune }) => {
      const triples: Triples = { ...ACME, X: [host, 'u', 'secret of x'] };
      const desk = new Desk(store);
      desk.apply(triples, { mode: 'helper' });
      desk.texts = { ...desk.texts, logins: text };
      const answer = desk.get(host, triples);
      if (answer === undefined || answer === 'u:secret of x') return;
      // It is newer than the triple, or was made where no triple was to be seen.
      desk.apply(triples, { mode: 'helper', prune });
      assert.equal(desk.get(host, triples), answer);
      if (store !== '{}') return;
      desk.apply(triples, { prune });
      const key = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
      assert.ok(
        [desk.logins[key], desk.logins.constructor].includes(answer) || /^<token>/.test(answer),
      );
    },
    'a second run changes nothing, and what it wrote has no fault': ({ text }, given) => {
      const { host, store, ...options } = given;
      const desk = deskWith(text, store);
      const triples: Triples = { ...ACME, X: [host, 'u', 'secret of x'] };
      desk.apply(triples, options);
      const { logins } = desk.texts;
      assert.deepEqual(desk.apply(triples, options).texts, {});
      assert.equal(parseLogins(logins) === undefined, parseLogins(text) === undefined);
      assert.deepEqual(desk.state.problems, []);
    },
    'our helper answers with a login of it, a triple or nothing; status can tell': (
      { text },
      { host, store },
    ) => {
      const desk = deskWith(text, store);
      const answer = desk.get(host, { X: [host, 'u', 'secret of x'] });
      const logins = [...desk.state.logins.values()];
      const isLogin = logins.some(({ user = '', secret = '' }) => answer === `${user}:${secret}`);
      const isLoggedOut = logins.some(({ user }) => user === undefined);
      const isAnswer = answer === 'u:secret of x' || (answer === undefined && isLoggedOut);
      assert.ok(isAnswer || isLogin, answer);
      const known = { found: { desired: [] }, state: desk.state };
      for (const user of Object.values(listUsers(known, 0))) assert.equal(typeof user, 'string');
      // At the beginning of time, with our helper, which answers nothing.
      const circumstances = {
        request: NO_REQUEST,
        canAnswer: () => false,
        keptEndOf: () => undefined,
        hasCache: true,
      };
      const states = findStatusKeys(desk.state, circumstances);
      for (const { id, provider } of states)
        assert.deepEqual(typeof id + typeof provider, 'stringstring');
    },
  },
});
