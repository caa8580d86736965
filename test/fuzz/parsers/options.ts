import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readFeatureOptions } from '../../../src/feature/configure.ts';
import { DEFAULT_OPTIONS, parseOptions } from '../../../src/feature/options.ts';
import { parser } from '../parser.ts';

const NAMES = Object.keys(DEFAULT_OPTIONS);
const VALID = [
  ...['file', 'helper', 'skip', 'true', 'false', '', '.env, config/team.env', 'ACME,team', 'A'],
  ...[JSON.stringify(DEFAULT_OPTIONS), '{"expect":["A"],"envFiles":["x"],"strict":true}', '{}'],
];

const isOneOf =
  (...all: unknown[]) =>
  (value: unknown) =>
    all.includes(value);
const isFlag = isOneOf(true, false);
const isListOf = (isFit: (text: string) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && isFit(one));

const ALLOWED: Record<string, (value: unknown) => boolean> = {
  credentials: isOneOf('file', 'helper'),
  prebuild: isOneOf('helper', 'file', 'skip'),
  githubToken: isFlag,
  githubNpm: isFlag,
  envFiles: isListOf((path) => path !== '' && path === path.trim() && !path.includes(',')),
  expect: isListOf((id) => /^[A-Z_][A-Z0-9_]*$/.test(id)),
  ignore: isListOf((id) => /^[A-Z_][A-Z0-9_]*$/.test(id)),
  check: isFlag,
  strict: isFlag,
};

export const OPTIONS = parser<string>({
  name: 'feature options',
  valid: fc.constantFrom(...VALID),
  around: [
    ['A,', ',B'],
    ['{"envFiles":["', '"]}'],
  ],
  extra: fc.constantFrom(...NAMES),
  read: ({ text }) => {
    readFeatureOptions(Object.fromEntries(NAMES.map((name) => [name.toUpperCase(), text])));
    parseOptions(text);
  },
  properties: {
    'whatever is given, every option has a value that is allowed': ({ text }, name) => {
      const { options } = readFeatureOptions({ [name.toUpperCase()]: text });
      assert.deepEqual(Object.keys(options).sort(), Object.keys(ALLOWED).sort());
      for (const [one, value] of Object.entries(options)) assert.ok(ALLOWED[one]?.(value), one);
    },
    'what is not allowed is a problem that names the option': ({ text }, name) => {
      const value = `${text}zzz`;
      const { options, problems } = readFeatureOptions({ [name.toUpperCase()]: value });
      const isDefault = { ...options, [name]: DEFAULT_OPTIONS[name as 'strict'] };
      assert.deepEqual(isDefault, DEFAULT_OPTIONS);
      if (name === 'envFiles') return assert.deepEqual(problems, []);
      if (['expect', 'ignore'].includes(name) && problems.length === 0) return;
      assert.deepEqual(
        problems.map(({ code, subject }) => [code, subject]),
        [['OPTION_INVALID', `option ${name}`]],
      );
      assert.deepEqual(options, DEFAULT_OPTIONS);
    },
    'a hook reads what the build wrote': ({ text }, name) => {
      const { options } = readFeatureOptions({ [name.toUpperCase()]: text });
      assert.deepEqual(parseOptions(`${JSON.stringify(options)}\n`), options);
    },
    'what was written by nobody of ours leaves every option there': ({ text }) => {
      const options = parseOptions(text);
      for (const name of NAMES) assert.ok(name in options, name);
    },
  },
});
