import { describe, expect, test } from '@jest/globals';
import { Desk } from '../../support/desk.ts';

describe('when something stops us between two writes', () => {
  test('what was replaced is in the ledger before config.json changes', () => {
    const desk = new Desk('{"auths":{"r.io":{"auth":"dGhlbTpvbGQ="}}}');
    const { texts } = desk;
    const { change } = desk.apply({ A: ['r.io', 'u', '1'] });
    desk.texts = { config: texts.config, ledger: change.before };
    desk.apply({ A: ['r.io', 'u', '1'] });
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
    desk.logout();
    expect(JSON.parse(desk.texts.config ?? '')).toEqual(JSON.parse(texts.config ?? ''));
    expect(desk.texts.ledger).toBeUndefined();
  });

  test('an update is made the next time', () => {
    const desk = new Desk();
    desk.apply({ A: ['r.io', 'u', '1'] });
    const { texts } = desk;
    const { change } = desk.apply({ A: ['r.io', 'u', '2'] });
    desk.texts = { config: texts.config, ledger: change.before ?? texts.ledger };
    expect(desk.apply({ A: ['r.io', 'u', '2'] }).keys).toEqual([
      { key: 'r.io', id: 'A', provider: 'other', outcome: 'written' },
    ]);
    expect(desk.logins).toEqual({ 'r.io': 'u:2' });
  });

  test('a removal is made the next time', () => {
    const desk = new Desk();
    desk.apply({ A: ['r.io', 'u', '1'] });
    const { texts } = desk;
    const { change } = desk.apply({}, { prune: true });
    desk.texts = { config: texts.config, ledger: change.before ?? texts.ledger };
    desk.apply({}, { prune: true });
    expect([desk.config, desk.texts.ledger]).toEqual([{ auths: {} }, undefined]);
  });
});

describe('a ledger', () => {
  test('that is damaged is said, and costs nobody an entry', () => {
    const desk = new Desk();
    desk.apply({ A: ['r.io', 'u', '1'] });
    const { config } = desk.texts;
    desk.texts = { config, ledger: '{"version":2,"rows":{"r.io":7}}' };
    const { change, notices } = desk.apply({ A: ['r.io', 'u', '1'] });
    expect(change).toEqual({ ledger: expect.any(String) });
    expect(notices.map(({ code }) => code)).toEqual(['LEDGER_DAMAGED']);
    expect(desk.texts.config).toBe(config);
    expect(desk.apply({ A: ['r.io', 'u', '1'] })).toMatchObject({ change: {}, notices: [] });
  });

  test('that is damaged in one row or login keeps the others', () => {
    const desk = new Desk('{"auths":{"r.io":{"auth":"dGhlbTpvbGQ="}}}');
    desk.apply({ A: ['r.io', 'u', '1'], B: ['s.io', 'u', '2'] });
    const ledger = JSON.parse(desk.texts.ledger ?? '');
    ledger.rows['s.io'].provider = 7;
    desk.texts = { ...desk.texts, ledger: JSON.stringify(ledger) };
    desk.logout();
    expect(desk.logins).toEqual({ 'r.io': 'them:old', 's.io': 'u:2' });
  });

  test('is the same text again, whatever order its members had', () => {
    const triples = { B: ['r.io', 'u', '1'], A: ['s.io', 'u', '2'] } as const;
    const desk = new Desk();
    desk.apply(triples);
    const { ledger = '' } = desk.texts;
    expect(Object.keys(JSON.parse(ledger).rows)).toEqual(['r.io', 's.io']);
    expect(Object.keys(JSON.parse(ledger).rows['r.io'])).toEqual([
      'id',
      'provider',
      'triple',
      'entry',
    ]);
    desk.texts = { ...desk.texts, ledger: JSON.stringify(turned(JSON.parse(ledger))) };
    desk.apply(triples);
    expect(desk.texts.ledger).toBe(ledger);
  });

  test('from a newer version is left alone, and config.json with it', () => {
    const desk = new Desk('{}');
    desk.texts = { config: '{}', ledger: '{"version":3,"shape":"of tomorrow"}' };
    const { change, problems } = desk.apply({ A: ['r.io', 'u', '1'] });
    expect(change).toEqual({});
    expect(problems.map(({ code }) => code)).toEqual(['LEDGER_NEWER']);
  });

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"version":"1"}',
    'not json',
    '{"version":2}',
    '{"version":2,"secret":7,"rows":{},"logins":{},"envFiles":[]}',
  ])('is damaged when it reads %j', (text) => {
    const desk = new Desk('{}');
    desk.texts = { config: '{}', ledger: text };
    expect(desk.apply({}).notices.map(({ code }) => code)).toEqual(['LEDGER_DAMAGED']);
  });
});

/** With the members of every object in the other order. */
function turned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([name, member]) => [name, turned(member)]));
}

test('a config.json that cannot be preserved is left alone, with line and column', () => {
  const desk = new Desk('{\n  "auths": {\n    "a.io": {"auth": "broken"}\n  }\n}\n');
  const { change, problems } = desk.apply({ A: ['r.io', 'u', '1'] });
  expect(change).toEqual({});
  expect(problems).toEqual([
    {
      code: 'CONFIG_ENTRY_UNDECODABLE',
      subject: '~/.docker/config.json',
      what: 'holds an entry whose auth is not the base64 form of user:password (line 3, column 13); left unchanged',
      fix: 'repair or move the file, then run registry-auth apply',
    },
  ]);
});

const SLOT = { ours: ['x'] };
const ROW = { id: 'A', provider: 'other' };

test.each<[string, object]>([
  ['an expiry later than any date', { rows: { 'r.io': { ...ROW, expiresAt: 1e300 } } }],
  [
    'an entry to restore that is no JSON',
    { rows: { 'r.io': { ...ROW, entry: { ...SLOT, before: '{},"credsStore":"evil"' } } } },
  ],
  [
    'an entry to restore that is text',
    { rows: { 'r.io': { ...ROW, entry: { ...SLOT, before: '"x"' } } } },
  ],
  [
    'an entry to restore that is a list',
    { rows: { 'r.io': { ...ROW, entry: { ...SLOT, before: '[]' } } } },
  ],
  [
    'an entry to restore that no client can decode',
    { rows: { 'r.io': { ...ROW, entry: { ...SLOT, before: '{"auth":"!!"}' } } } },
  ],
  [
    'an entry to restore that is deeper than a parser goes',
    {
      rows: {
        'r.io': {
          ...ROW,
          entry: { ...SLOT, before: `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}` },
        },
      },
    },
  ],
  [
    'an entry to restore that is a number',
    { rows: { 'r.io': { ...ROW, entry: { ...SLOT, before: 7 } } } },
  ],
  ['a word for whose login it is', { rows: { 'r.io': { ...ROW, theirs: 'yes' } } }],
  ['null for what it holds of an entry', { rows: { 'r.io': { ...ROW, entry: null } } }],
  ['null for what it holds of a helper', { rows: { 'r.io': { ...ROW, helper: null } } }],
  ['null for a login', { logins: { 'r.io': null } }],
  ['null for the parts of a login', { logins: { 'r.io': { user: null, secret: null } } }],
  [
    'a helper to restore that is no text',
    { rows: { 'r.io': { ...ROW, helper: { ...SLOT, before: '{}' } } } },
  ],
  ['fingerprints that are a text', { rows: { 'r.io': { ...ROW, entry: { ours: 'x' } } } }],
  ['fingerprints that are numbers', { rows: { 'r.io': { ...ROW, entry: { ours: [1] } } } }],
  ['a login that is text', { logins: { 'r.io': 'x' } }],
  ['env files that are a record', { envFiles: {} }],
])('a planted ledger with %s is damaged, and nothing of that is used', (_, planted) => {
  const desk = new Desk('{"auths":{"r.io":{"auth":"dGhlbTpvbGQ="}}}');
  const whole = { version: 2, secret: 'k', rows: {}, logins: {}, envFiles: [], ...planted };
  desk.texts = { ...desk.texts, ledger: JSON.stringify(whole) };
  expect(desk.ledger).toEqual({ secret: 'k', rows: {}, logins: {}, envFiles: [] });
  expect(desk.apply({}, { prune: true }).notices.map(({ code }) => code)).toEqual([
    'LEDGER_DAMAGED',
  ]);
  expect(desk.config).toEqual({ auths: { 'r.io': { auth: 'dGhlbTpvbGQ=' } } });
});
