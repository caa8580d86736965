import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseOptions } from '../../src/domain/options.ts';

const DEFAULTS = {
  credentials: 'file',
  prebuild: 'helper',
  githubToken: true,
  githubNpm: false,
  envFiles: [],
  strict: false,
};

test.each([
  ['no file', undefined, {}],
  ['an empty file', '', {}],
  ['no JSON', '{', {}],
  ['null', 'null', {}],
  ['an empty object', '{}', {}],
  ['values that are not allowed', '{"credentials":"x","strict":"maybe","envFiles":7}', {}],
  [
    'text, as install.sh gets it',
    '{"credentials":"helper","prebuild":"skip","githubToken":"false","githubNpm":"true","strict":"true"}',
    { credentials: 'helper', prebuild: 'skip', githubToken: false, githubNpm: true, strict: true },
  ],
  ['booleans', '{"strict":true,"githubToken":false}', { strict: true, githubToken: false }],
  [
    'paths with spaces',
    '{"envFiles":" .env, dir/my secrets.env ,,"}',
    { envFiles: ['.env', 'dir/my secrets.env'] },
  ],
])('options from %s', (_, text, options) => {
  expect(parseOptions(text)).toEqual({ ...DEFAULTS, ...options });
});

test('the manifest documents every option with the default that we use', () => {
  const { options } = JSON.parse(
    readFileSync(join(__dirname, '../../devcontainer-feature.json'), 'utf8'),
  );
  const given = Object.entries<{ default: unknown }>(options).map(([name, option]) => [
    name,
    option.default,
  ]);
  expect(Object.fromEntries(given)).toEqual({ ...DEFAULTS, envFiles: '' });
});
