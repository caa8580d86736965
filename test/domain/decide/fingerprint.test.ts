import { expect, test } from '@jest/globals';
import { tripleText } from '../../../src/domain/decide/fingerprint.ts';

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
