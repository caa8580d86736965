import { expect, test } from '@jest/globals';
import { isPrebuild, type Phase } from '../../../src/domain/feature/mode.ts';

const IN = { CODESPACES: 'true' };
const WITH_URL = { ...IN, ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x' };
const TEMPLATE = '{"ACTION_NAME":"createPrebuildTemplate"}';
const FROM = '{"ACTION_NAME":"createFromPrebuild"}';

/** Signals: codespaces.md 1.3. */
const CASES: [
  name: string,
  phase: Phase,
  env: Record<string, string>,
  file: string | undefined,
  is: boolean,
][] = [
  ['no codespace, no signal', 'onCreate', {}, undefined, false],
  ['no codespace, a file that cannot be understood', 'onCreate', {}, '{', false],
  [
    "no codespace, another host's token URL",
    'onCreate',
    { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x' },
    undefined,
    false,
  ],
  ['the file says so, whatever the environment', 'onCreate', {}, TEMPLATE, true],
  ['a codespace, the file says so', 'onCreate', IN, TEMPLATE, true],
  ['a codespace, the URL says so', 'updateContent', WITH_URL, FROM, true],
  ['a codespace made from a prebuild', 'onCreate', IN, FROM, false],
  ['a codespace, another action', 'updateContent', IN, '{"ACTION_NAME":"create"}', false],
  ['a codespace, no file', 'onCreate', IN, undefined, true],
  ['a codespace, a file that cannot be understood', 'onCreate', IN, 'x', true],
  ['a codespace, a file without the key', 'onCreate', IN, '{}', true],
  ['a codespace, null for a file', 'onCreate', IN, 'null', true],
  ['postCreate never runs in a prebuild', 'postCreate', WITH_URL, TEMPLATE, false],
  ['postStart never runs in a prebuild', 'postStart', IN, undefined, false],
];

test.each(CASES)('%s', (_, phase, env, file, is) => {
  expect(isPrebuild(phase, env, file)).toBe(is);
});
