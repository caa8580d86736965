import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readFeatureOptions } from '../../../src/domain/feature/configure.ts';
import { DEFAULT_OPTIONS, parseOptions } from '../../../src/domain/feature/options.ts';

test.each([
  ['nothing', {}, {}],
  ['empty text', { CREDENTIALS: '', STRICT: '' }, {}],
  [
    'everything',
    {
      CREDENTIALS: 'helper',
      PREBUILD: 'skip',
      GITHUBTOKEN: 'false',
      GITHUBNPM: 'true',
      STRICT: 'true',
      ENVFILES: '.env',
      EXPECT: 'ACME',
    },
    {
      credentials: 'helper',
      prebuild: 'skip',
      githubToken: false,
      githubNpm: true,
      strict: true,
      envFiles: ['.env'],
      expect: ['ACME'],
    },
  ],
  [
    'paths with spaces',
    { ENVFILES: ' .env, dir/my secrets.env ,,' },
    { envFiles: ['.env', 'dir/my secrets.env'] },
  ],
  ['IDs in any case', { EXPECT: ' acme, _B2 ,,Acme,' }, { expect: ['ACME', '_B2'] }],
])("install.sh's options from %s", (_, env, options) => {
  expect(readFeatureOptions(env)).toEqual({
    options: { ...DEFAULT_OPTIONS, ...options },
    problems: [],
  });
});

test('an option that is not allowed is a problem, and has its default', () => {
  const { options, problems } = readFeatureOptions({
    CREDENTIALS: 'both',
    STRICT: 'yes',
    PREBUILD: 'skip',
  });
  expect(options).toEqual({ ...DEFAULT_OPTIONS, prebuild: 'skip' });
  expect(problems.map(({ code, subject, what }) => `${code} ${subject}: ${what}`)).toEqual([
    'OPTION_INVALID option credentials: is not file or helper',
    'OPTION_INVALID option strict: is not true or false',
  ]);
});

test.each(['A B', '2A', 'A-B', 'ACME,ß', '$A', 'ACME_CONTAINER_REGISTRY_USER', 'A\n'.repeat(2)])(
  'what is no ID is not expected: %j',
  (EXPECT) => {
    const { options, problems } = readFeatureOptions({ EXPECT });
    expect([options, problems]).toEqual([
      DEFAULT_OPTIONS,
      [
        {
          code: 'OPTION_INVALID',
          subject: 'option expect',
          what: 'is not IDs such as ACME with commas between them',
          fix: 'set it to IDs such as ACME with commas between them in devcontainer.json',
        },
      ],
    ]);
  },
);

test.each([undefined, '', '{', 'null', '{}'])(
  'a hook without options has the defaults: %j',
  (text) => {
    expect(parseOptions(text)).toEqual(DEFAULT_OPTIONS);
  },
);

test('a hook has the options that were written', () => {
  const { options } = readFeatureOptions({ STRICT: 'true', ENVFILES: 'a,b' });
  expect(parseOptions(JSON.stringify(options))).toEqual({
    ...DEFAULT_OPTIONS,
    strict: true,
    envFiles: ['a', 'b'],
  });
});

test('the manifest documents every option with the default that we use', () => {
  const { options } = JSON.parse(
    readFileSync(join(__dirname, '../../../devcontainer-feature.json'), 'utf8'),
  );
  const given = Object.entries<{ default: unknown }>(options).map(([name, option]) => [
    name,
    option.default,
  ]);
  // install.sh alone reads the mirror, before there is a Node that could.
  const nodeMirror = 'https://nodejs.org/dist';
  expect(Object.fromEntries(given)).toEqual({
    ...DEFAULT_OPTIONS,
    envFiles: '',
    expect: '',
    nodeMirror,
  });
});
