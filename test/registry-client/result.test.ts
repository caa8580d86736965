import { expect, test } from '@jest/globals';
import { isEcho } from '../../src/registry-client/result.ts';

const CREDENTIAL = { user: 'ada', secret: 'S3cret-Word/é' };
const hex = Buffer.from(CREDENTIAL.secret).toString('hex');
const base64 = Buffer.from(`ada:${CREDENTIAL.secret}`).toString('base64');

test.each([
  ['s3cret-word.evil.example', true],
  ['a.cret-w.evil.example', true],
  [`${hex}.evil.example`, true],
  [`${hex.slice(3, 12)}.evil.example`, true],
  [`x${base64.slice(2, 14)}.evil.example`.toLowerCase(), true],
  ['evil.example', false],
  ['auth.registry.example.com', false],
])('%s', (text, expected) => {
  expect(isEcho(text, CREDENTIAL)).toBe(expected);
});
