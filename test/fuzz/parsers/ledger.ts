import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { parseDockerConfig } from '../../../src/domain/config/docker-config.ts';
import { parseLedger, renderLedger } from '../../../src/domain/decide/ledger.ts';
import { understand } from '../../../src/domain/decide/state.ts';
import { findStatusKeys } from '../../../src/domain/tell/status.ts';
import { Desk, type Triples } from '../../support/desk.ts';
import { configWith } from '../../support/triples.ts';
import { parser } from '../parser.ts';

/** What 0.1.0 left behind. */
/** At the beginning of time, with our helper, which answers nothing. */
const CIRCUMSTANCES = { now: 0, hasHelper: true, canAnswer: () => false };
const OLD = resolve('test/fixtures/upgrade');
const ACME: Triples = { ACME: ['reg.example.com', 'ada', 'of acme'], T: ['q.io/team', 'u', 'p'] };

/** What this version leaves behind: a login replaced, a helper, a login through it. */
function written(): string[] {
  const replaced = new Desk(configWith({ 'reg.example.com': ['bob', 'before'] }));
  replaced.apply(ACME);
  const helped = new Desk('{"credsStore":"desktop","credHelpers":{"q.io":"pass"}}');
  helped.apply({ ...ACME, HUB: ['docker.io', 'ada', 'of the hub'] });
  helped.store('reg.example.com', 'eve', 'through the helper', ACME);
  const quiet = new Desk();
  quiet.apply(ACME, { mode: 'helper', isPrebuild: true, file: { F: ['f.io', 'u', 'p'] } });
  return [replaced, helped, quiet].map(({ texts }) => texts.ledger ?? '');
}

const VALID = [
  ...readdirSync(OLD).map((name) => readFileSync(join(OLD, name, 'registry-auth.json'), 'utf8')),
  ...written(),
  '{"version":2,"rows":{},"logins":{},"envFiles":["/a.env"]}',
  '{"version":2,"rows":{"r.io":{"id":"A","provider":"other","expiresAt":1e300}},"logins":{}}',
];

const FOREIGN = { 'foreign.io': ['zoe', 'of zoe'], 'docker.io': ['zoe', 'of the hub'] } as const;
const HOSTS = ['reg.example.com', 'q.io', 'foreign.io', 'docker.io', 'constructor', 'r.io:443'];

const extra = fc.record({
  host: fc.constantFrom(...HOSTS),
  prune: fc.boolean(),
  store: fc.constantFrom('', '{"credsStore":"desktop"}'),
});
type Extra = typeof extra extends fc.Arbitrary<infer T> ? T : never;

function deskWith(ledger: string, config: string): Desk {
  const desk = new Desk(config);
  desk.texts = { config, ledger };
  return desk;
}

const ROW = ['id', 'provider', 'triple', 'entry', 'helper', 'theirs', 'expiresAt'];
const LOGIN = ['user', 'secret', 'triple'];

/** What a part of a ledger says, as JSON has it, without members that nobody knows. */
function known(part: object): unknown {
  const members = Object.entries(part).map(([key, value]) => [key, pick(value)]);
  return JSON.parse(JSON.stringify(Object.fromEntries(members)));
}

function pick(value: unknown): unknown {
  if (typeof value === 'string') return value;
  const members = Object.entries(Object(value));
  return Object.fromEntries(members.filter(([name]) => [...ROW, ...LOGIN].includes(name)));
}

export const LEDGER = parser<Extra>({
  name: 'ledger',
  valid: fc.constantFrom(...VALID),
  around: [
    ['{"version":2,"rows":{"', '":{}},"logins":{},"envFiles":[]}'],
    ['{"version":1,"rows":{"r.io":{"replacedEntry":"', '"}}}'],
    ['{"version":2,"rows":{},"logins":{},"envFiles":["', '"]}'],
  ],
  extra,
  read: ({ text }) => {
    const { ledger } = parseLedger(text);
    renderLedger(ledger);
  },
  properties: {
    'what is kept of any text is a whole ledger, and written as one': ({ text }) => {
      const { ledger, fault } = parseLedger(text);
      if (fault === 'newer') return;
      const rendered = renderLedger(ledger);
      const again = parseLedger(rendered);
      assert.equal(again.fault, undefined);
      assert.equal(renderLedger(again.ledger), rendered);
      for (const part of ['rows', 'logins'] as const)
        assert.deepEqual(Object.keys(again.ledger[part]).sort(), Object.keys(ledger[part]).sort());
    },
    'what was written by us is read without a fault, and is written the same': ({ text }) => {
      const first = parseLedger(text);
      if (first.fault) return;
      const again = parseLedger(renderLedger(first.ledger));
      for (const part of ['rows', 'logins', 'envFiles'] as const)
        assert.deepEqual(known(again.ledger[part]), known(first.ledger[part]));
    },
    'what it would put back into config.json can stand there': ({ text }) => {
      for (const { entry, helper, expiresAt = 0 } of Object.values(parseLedger(text).ledger.rows)) {
        const object = entry?.before === undefined ? null : JSON.parse(entry.before);
        assert.ok(object === null || (typeof object === 'object' && !Array.isArray(object)));
        assert.equal(typeof JSON.parse(helper?.before ?? '""'), 'string');
        assert.ok(!Number.isNaN(new Date(expiresAt).getTime()));
        const members = [`"auths":{"x":${entry?.before ?? '{}'}}`];
        members.push(`"credHelpers":{"x":${helper?.before ?? '""'}}`);
        assert.equal(parseDockerConfig(`{${members}}`).fault, undefined);
      }
    },
    'it costs nobody a login, whatever it says': ({ text }, { prune }) => {
      const desk = deskWith(text, configWith({ ...FOREIGN }));
      const before = desk.logins;
      const { change, problems } = desk.apply({ N: ['new.io', 'u', 'p'] }, { prune });
      if (problems.length > 0) assert.deepEqual(change, {});
      else assert.equal(desk.logins['new.io'], 'u:p');
      desk.logout();
      for (const key of Object.keys(FOREIGN)) assert.equal(desk.logins[key], before[key]);
      assert.equal(desk.logins['new.io'], problems.length > 0 ? undefined : desk.logins['new.io']);
    },
    'a second run changes nothing, and what it wrote has no fault': ({ text }, given) => {
      const { host, prune, store } = given;
      const desk = deskWith(text, store);
      const triples: Triples = { ...ACME, X: [host, 'u', 'secret of x'] };
      const { problems } = desk.apply(triples, { prune });
      const { ledger } = desk.texts;
      const { change } = desk.apply(triples, { prune });
      assert.ok(Object.values(change).every((text) => text === undefined));
      if (problems.length === 0) assert.equal(parseLedger(ledger).fault, undefined);
    },
    'our helper answers with a login of it, a triple or nothing; status can tell': (
      { text },
      { host, store },
    ) => {
      const desk = deskWith(text, store);
      const answer = desk.get(host, { X: [host, 'u', 'secret of x'] });
      const { logins } = parseLedger(text).ledger;
      const isLogin = Object.entries(logins).some(
        ([, { user = '', secret = '' }]) => answer === `${user}:${secret}`,
      );
      const isLoggedOut = Object.values(logins).some(({ user }) => user === undefined);
      const isAnswer = answer === 'u:secret of x' || (answer === undefined && isLoggedOut);
      assert.ok(isAnswer || isLogin, answer);
      const states = findStatusKeys([], understand(desk.texts, 'x'), CIRCUMSTANCES);
      for (const { id, provider } of states)
        assert.deepEqual(typeof id + typeof provider, 'stringstring');
    },
  },
});
