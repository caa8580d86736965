import { describe, expect, test } from '@jest/globals';
import { parseManaged, renderManaged } from '../../src/dockerconfig/managed.ts';
import { Desk } from '../support/desk.ts';

const A = { A: ['r.io', 'u', '1'] } as const;
const THEIRS = JSON.stringify({ auths: { 'r.io': { auth: 'dGhlbTpvbGQ=' } } });

test('what cannot be put back gives its place to what ours replaces', () => {
  const foreign = '{"auth":"dGhlbTpvbGQ="}';
  const previous = { 'auths r.io': '[' };
  const desk = new Desk(
    JSON.stringify({
      auths: { 'r.io': JSON.parse(foreign) },
      plugins: { 'registry-auth-previous': previous },
    }),
  );
  desk.apply(A);
  expect(desk.config.plugins?.['registry-auth-previous']).toEqual({ 'auths r.io': foreign });
  desk.logout();
  expect(desk.config.auths).toEqual({ 'r.io': JSON.parse(foreign) });
});

describe('our record in config.json', () => {
  test('says who put an entry there, and how to tell it again', () => {
    const desk = new Desk(THEIRS);
    desk.apply({ ...A, TEAM: ['r.io', 'u', '1'], E: ['s.io', 'u', '2'] });
    expect(desk.config.plugins).toEqual({
      'registry-auth': {
        'r.io': expect.stringMatching(/^A,TEAM entry:[0-9a-f]{8} secret:[0-9a-f]{8}$/),
        's.io': expect.stringMatching(/^E entry:[0-9a-f]{8} secret:[0-9a-f]{8}$/),
      },
      'registry-auth-previous': { 'auths r.io': '{"auth":"dGhlbTpvbGQ="}' },
    });
  });

  test('holds sums over the name too, so that equal secrets of two registries look different', () => {
    const desk = new Desk();
    desk.apply({ A: ['r.io', 'u', '1'], B: ['s.io', 'u', '1'] });
    const [one, other] = ['r.io', 's.io'].map((name) => desk.record(name)?.replace(/^\w /, ''));
    expect(one).not.toBe(other);
  });

  test('of a secret that may not rest holds 16 bits, enough to see a rotation', () => {
    const desk = new Desk();
    desk.apply(A, { mode: 'helper' });
    expect(desk.record('r.io')).toMatch(/^A helper secret:[0-9a-f]{4}$/);
  });

  test('is the same whatever docker makes of entries: other order, indent and members', () => {
    const desk = new Desk();
    desk.apply(A);
    desk.rewrite(({ auths = {} }) => {
      auths['r.io'] = { email: '', ...auths['r.io'] };
    });
    expect(desk.apply(A).texts).toEqual({});
    desk.apply({}, { prune: true });
    expect(desk.config).toEqual({ auths: {} });
  });

  test('beside what other plugins keep leaves that as it is, byte for byte', () => {
    const text = '{ "plugins":{"x" : {"hooks":"a,b"}}, "auths": {} }';
    const desk = new Desk(text);
    desk.apply(A);
    desk.logout();
    expect(desk.texts.config).toBe(text);
  });

  test.each([
    'A entry:1a2b3c4d secret:5e6f7a8b',
    'GITHUB_TOKEN fallback entry:1a2b3c4d helper secret:5e6f foreign',
    'ECR,_x helper expires:2026-11-30T07:00:00Z file:/workspaces/my app//.devcontainer/r.env',
  ])('%s is read and written the same', (text) => {
    const managed = parseManaged(text);
    expect(managed && renderManaged(managed)).toBe(text);
  });
});

describe('a record that cannot be understood', () => {
  const DAMAGED = [
    '',
    'A  entry:1a2b3c4d',
    'A entry:xyz',
    'A secret:5e6f7a8b entry:1a2b3c4d',
    'A entry:1a2b3c4d zap:1',
    '1A entry:1a2b3c4d',
    'A; rm',
    'A expires:2026-99-99T99:99:99Z',
    'A expires:2026',
    'A expires:2026-11-30T07:00:00.000Z',
    'A expires:2026-11-30T07:00:00',
    'A file:relative',
    'v2 {"ids":["A"]}',
  ];

  test.each(DAMAGED)('%j costs nobody a login, is said, and is put right', (text) => {
    const desk = new Desk(THEIRS);
    desk.rewrite((config) => {
      config.plugins = { 'registry-auth': { 'r.io': text } };
    });
    const { notices, outcomes } = desk.apply(A);
    expect(notices.map(({ code }) => code)).toEqual(['RECORD_DAMAGED', 'LOGIN_KEPT']);
    expect(outcomes).toEqual({ 'r.io': 'kept' });
    expect(desk.logins).toEqual({ 'r.io': 'them:old' });
    expect(desk.apply(A).notices.map(({ code }) => code)).toEqual(['LOGIN_KEPT']);
    desk.apply({ A: ['r.io', 'u', '2'] });
    expect(desk.logins).toEqual({ 'r.io': 'u:2' });
  });

  test.each(DAMAGED)('%j of a login that nothing wants is left, and goes with a logout', (text) => {
    const desk = new Desk(THEIRS);
    desk.rewrite((config) => {
      config.plugins = { 'registry-auth': { 'r.io': text } };
    });
    expect(desk.apply({}, { prune: true }).texts).toEqual({});
    desk.logout();
    expect(desk.config).toEqual(JSON.parse(THEIRS));
  });

  test('costs the other records nothing', () => {
    const desk = new Desk();
    desk.apply({ ...A, B: ['s.io', 'u', '2'] });
    desk.rewrite(({ plugins = {} }) =>
      Object.assign(plugins['registry-auth'] ?? {}, { 'r.io': '?' }),
    );
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
  });

  test.each([
    'no json',
    '"x"',
    '[]',
    '7',
    '{"auth":"!!"}',
    '{},"credsStore":"evil"',
    `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  ])('a previous entry that cannot stand in config.json is not put back: %.30s', (json) => {
    const desk = new Desk();
    desk.apply(A);
    desk.rewrite(({ plugins = {} }) => {
      plugins['registry-auth-previous'] = { 'auths r.io': json, 'credHelpers r.io': json };
    });
    expect(desk.apply({}).notices.map(({ code }) => code)).toEqual(['RECORD_DAMAGED']);
    desk.logout();
    expect(desk.config).toEqual({ auths: {} });
  });
});

test('a config.json that cannot be preserved is left alone, with line and column', () => {
  const desk = new Desk('{\n  "auths": {\n    "a.io": {"auth": "broken"}\n  }\n}\n');
  const { texts, problems } = desk.apply(A);
  expect(texts).toEqual({});
  expect(problems).toEqual([
    {
      code: 'CONFIG_ENTRY_UNDECODABLE',
      subject: '~/.docker/config.json',
      what: 'holds an entry whose auth is not the base64 form of user:password (line 3, column 13); left unchanged',
      fix: 'repair or move the file, then run registry-auth apply',
    },
  ]);
});

describe('when something stops us between two writes', () => {
  test('a login that becomes the entry is in config.json before it is forgotten', () => {
    const desk = new Desk();
    desk.apply(A, { mode: 'helper' });
    desk.store('r.io', 'hand', 'made', A);
    desk.writesLeft = 1;
    desk.apply(A);
    expect(desk.logins).toEqual({ 'r.io': 'hand:made' });
    expect(desk.texts.logins).toBeDefined();
    desk.apply(A);
    expect([desk.logins, desk.texts.logins]).toEqual([{ 'r.io': 'hand:made' }, undefined]);
  });
});

describe('the file of logins through our helper', () => {
  test.each([
    '',
    '[]',
    'no json',
    '{"r.io":7}',
    '{"r.io":{"user":"x"}}',
    '{"r.io":{"user":7,"secret":"y"}}',
    '{"r.io":{"user":"x","secret":"y","triple":"z"}}',
  ])('that reads %j is damaged: it is said, and left as it is', (logins) => {
    const desk = new Desk();
    desk.texts = { config: undefined, logins };
    const { notices, outcomes } = desk.apply(A);
    expect(notices.map(({ code }) => code)).toEqual(['LOGINS_DAMAGED']);
    expect(outcomes).toEqual({ 'r.io': 'written' });
    expect(desk.texts.logins).toBe(logins);
  });
});
