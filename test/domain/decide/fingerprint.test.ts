import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  entryText,
  fingerprintsOf,
  isFingerprint,
  makeKey,
  tripleText,
} from '../../../src/domain/decide/fingerprint.ts';

const KEYS = { id: 'A', server: 's', user: 'u', password: 'p', source: 'environment' };

test('a triple without a role has the text that older ledgers remember', () => {
  expect(tripleText(KEYS)).toBe('["u","p",null]');
  expect(tripleText({ ...KEYS, sessionToken: 't' })).toBe('["u","p","t"]');
});

test('a triple with another role, or another external id, is another triple', () => {
  const roles = [
    {},
    { roleArn: 'one' },
    { roleArn: 'two' },
    { roleArn: 'one', externalId: 'x' },
    { roleArn: 'one', externalId: 'y' },
    { roleArn: 'one', sessionToken: 'x' },
  ];
  const texts = roles.map((role) => tripleText({ ...KEYS, ...role }));
  expect(new Set(texts).size).toBe(roles.length);
});

test('an entry is the same, in whatever order docker writes its members', () => {
  const entry = { auth: 'dTpw', identitytoken: 't' };
  expect(entryText({ identitytoken: 't', auth: 'dTpw' })).toBe(entryText(entry));
  expect(entryText({ ...entry, auth: 'dTpx' })).not.toBe(entryText(entry));
});

describe('a fingerprint', () => {
  const KEY = '0123abcd';

  test('is 32 bits and no more, however long the secret', () => {
    const { take } = fingerprintsOf(undefined, KEY);
    for (const text of ['', 'p', 'p'.repeat(10_000)]) expect(take(text)).toMatch(/^[0-9a-f]{8}$/);
  });

  test('is another one under another key, so that two ledgers cannot be compared', () => {
    const keys = [0, 0.5, 1 - 2 ** -32].map(makeKey);
    expect(keys).toEqual(['00000000', '80000000', 'ffffffff']);
    const taken = keys.map((key) => fingerprintsOf(undefined, key).take('password'));
    expect(new Set(taken).size).toBe(keys.length);
  });

  test('is known again under its own key alone, which is there once one is taken', () => {
    const marks = fingerprintsOf(undefined, KEY);
    expect(marks.key()).toBe(undefined);
    const taken = marks.take('password');
    expect(marks.key()).toBe(KEY);
    expect(fingerprintsOf(KEY, 'another').take('password')).toBe(taken);
    expect(isFingerprint(taken, 'password', KEY)).toBe(true);
    expect(isFingerprint(taken, 'passwore', KEY)).toBe(false);
    expect(isFingerprint(taken, 'password', 'another')).toBe(false);
    expect(isFingerprint(taken, 'password', undefined)).toBe(false);
  });

  test('tells a hundred thousand texts apart, however much they have in common', () => {
    const { take } = fingerprintsOf(undefined, KEY);
    const texts = Array.from({ length: 50_000 }, (_, index) => [
      `["robot","${index}",null]`,
      `["robot${index}","ghp_0123456789abcdefghijklmnopqrstuvwxyz",null]`,
    ]).flat();
    // One pair of so many is expected to be alike, by the birthday problem.
    expect(new Set(texts.map(take)).size).toBeGreaterThan(texts.length - 10);
  });

  test('of an older ledger is known, too', () => {
    const sha256 = createHash('sha256').update(`${KEY}text`).digest('base64url');
    const { take } = fingerprintsOf(KEY, KEY);
    for (const old of [sha256, `${take('text')}.${sha256}`]) {
      expect(isFingerprint(old, 'text', KEY)).toBe(true);
      expect(isFingerprint(old, 'texts', KEY)).toBe(false);
    }
  });
});
