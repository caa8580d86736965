import { expect, test } from '@jest/globals';
import { findNamed } from '../../src/registries/named.ts';
import { Desk } from '../support/desk.ts';

/** Every record of JavaScript has a member of this name, and a host may have it. */
const HOST = 'constructor';

test('our helper answers for a host of whatever name', () => {
  expect(new Desk().get(HOST, { A: [HOST, 'u', 'p'] })).toBe('u:p');
});

test('a logout of a host that nobody knows names nothing, whatever its name is', () => {
  const { names, unknown } = findNamed([HOST], new Map());
  expect([names.size, unknown]).toEqual([0, [HOST]]);
});

test('a host of whatever name is written, and given back', () => {
  const desk = new Desk('{"auths":{"constructor":{"auth":"dGhlbTpvbGQ="}}}');
  const first = desk.apply({ A: [HOST, 'u', 'p'] });
  expect([first.keys.map(({ outcome }) => outcome), desk.logins]).toEqual([
    ['written'],
    { [HOST]: 'u:p' },
  ]);
  desk.logout(HOST);
  expect(desk.logins).toEqual({ [HOST]: 'them:old' });
});
