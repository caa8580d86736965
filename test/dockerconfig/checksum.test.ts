import { describe, expect, test } from '@jest/globals';
import { toEntry } from '../../src/dockerconfig/auth-entry.ts';
import {
  checksum,
  entryChecksum,
  isSameChecksum,
  shorten,
  toHex,
  tripleChecksum,
} from '../../src/dockerconfig/checksum.ts';

const KEYS = { id: 'A', server: 's', user: 'u', password: 'p', source: 'environment' };
const LOGIN = 'r.io';

/** The checksum of a triple of the same login with another password. */
function take(password: string): string {
  return tripleChecksum(LOGIN, { ...KEYS, password });
}

test('a triple is the same, whatever its ID, its source and the spelling of its server', () => {
  const other = { ...KEYS, id: 'B', server: 'https://s/', source: '.env', file: '/w//.env' };
  expect(tripleChecksum(LOGIN, other)).toBe(tripleChecksum(LOGIN, KEYS));
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
  const sums = roles.map((role) => tripleChecksum(LOGIN, { ...KEYS, ...role }));
  expect(new Set(sums).size).toBe(roles.length);
});

test('what moves from one part of a triple to the next makes another triple', () => {
  const split = [
    { user: 'ab', password: 'c' },
    { user: 'a', password: 'bc' },
    { user: 'a","b', password: 'c' },
  ];
  expect(new Set(split.map((one) => tripleChecksum(LOGIN, { ...KEYS, ...one }))).size).toBe(3);
});

describe('an entry', () => {
  const entry = { auth: 'dTpw', identitytoken: 't' };
  const sumOf = (value: object, indent?: number) =>
    entryChecksum(
      LOGIN,
      toEntry(JSON.parse(JSON.stringify(value, null, indent)), () => '').meaning,
    );

  test('is the same, in whatever order and form docker writes its members', () => {
    expect(sumOf({ identitytoken: 't', auth: 'dTpw' }, 4)).toBe(sumOf(entry));
    expect(sumOf({ ...entry, auth: 'dTpx' })).not.toBe(sumOf(entry));
    expect(sumOf({ ...entry, identitytoken: 'u' })).not.toBe(sumOf(entry));
  });

  test('is the same with members that say nothing of the login', () => {
    expect(sumOf({ ...entry, email: 'ada@example.com', registrytoken: '' })).toBe(sumOf(entry));
  });

  test('is the same where user and password stand as they are', () => {
    expect(sumOf({ username: 'u', password: 'p' })).toBe(sumOf({ auth: 'dTpw' }));
  });
});

describe('a checksum', () => {
  test('is 32 bits and no more, however long the secret', () => {
    for (const text of ['', 'p', 'p'.repeat(10_000)]) expect(take(text)).toMatch(/^[0-9a-f]{8}$/);
  });

  test('is another one for another login, so that equal secrets do not look equal', () => {
    const logins = ['r.io', 'r.io/team', 's.io', 'docker.io'];
    expect(new Set(logins.map((name) => tripleChecksum(name, KEYS))).size).toBe(logins.length);
    expect(new Set(logins.map((name) => entryChecksum(name, 'u'))).size).toBe(4);
  });

  test('is another one with another seed, and of each length of a text', () => {
    expect(checksum('a', 1)).not.toBe(checksum('a', 2));
    const lengths = Array.from({ length: 9 }, (_, index) => checksum('\0'.repeat(index)));
    expect(new Set(lengths).size).toBe(9);
    expect(toHex(-1)).toBe('ffffffff');
    expect(toHex(10)).toBe('0000000a');
  });

  test('tells a hundred thousand texts apart, however much they have in common', () => {
    const sums = Array.from({ length: 50_000 }, (_, index) => [
      tripleChecksum(LOGIN, { ...KEYS, user: 'robot', password: `${index}` }),
      tripleChecksum(LOGIN, {
        ...KEYS,
        user: `robot${index}`,
        password: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz',
      }),
    ]).flat();
    // One pair of so many is expected to be alike, by the birthday problem.
    expect(new Set(sums).size).toBeGreaterThan(sums.length - 10);
  });

  test('of which only the beginning may rest is known by that, and a rotation is seen', () => {
    const short = shorten(take('p')) ?? '';
    expect(short).toMatch(/^[0-9a-f]{4}$/);
    expect([isSameChecksum(short, take('p')), isSameChecksum(take('p'), short)]).toEqual([
      true,
      true,
    ]);
    expect(isSameChecksum(short, take('q'))).toBe(false);
    expect(isSameChecksum(take('p'), take('q'))).toBe(false);
  });
});
