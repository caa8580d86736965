import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readFeatureOptions } from '../../src/feature/configure.ts';
import { DEFAULT_OPTIONS, parseOptions } from '../../src/feature/options.ts';

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
  ['IDs to leave out', { IGNORE: 'vortex' }, { ignore: ['VORTEX'] }],
])("install.sh's options from %s", (_, env, options) => {
  expect(readFeatureOptions(env)).toEqual({
    options: { ...DEFAULT_OPTIONS, ...options },
    problems: [],
    lines: [],
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
    'OPTION_INVALID option credentials: is "both", and must be file or helper',
    'OPTION_INVALID option strict: is "yes", and must be true or false',
  ]);
});

test('a value with characters that a log should not have is not shown', () => {
  for (const CREDENTIALS of ['\u001b[31m', 'a\nb', 'x'.repeat(100)]) {
    const [problem] = readFeatureOptions({ CREDENTIALS }).problems;
    expect(problem?.what).toBe('is not file or helper');
  }
});

test.each([
  ['CREDENTIAL', 'option credential', 'did you mean credentials?'],
  ['PRE_BUILD', 'option pre_build', 'did you mean prebuild?'],
  ['GITHUB_TOKEN', 'option github_token', 'did you mean githubToken?'],
  ['STRCIT', 'option strcit', 'did you mean strict?'],
  ['EXPECTED', 'option expected', 'did you mean expect?'],
  ['VERSION', 'option version', expect.stringContaining('the options are credentials, ')],
])('an option that does not exist is a problem: %s', (name, subject, fix) => {
  const { problems } = readFeatureOptions({ GIVEN_OPTIONS: `STRICT\n${name}\nNODEMIRROR\n` });
  expect(problems).toEqual([{ code: 'OPTION_UNKNOWN', subject, what: 'does not exist', fix }]);
});

describe('an image that has the Feature already', () => {
  const join = (installed: object, env: Record<string, string>) =>
    readFeatureOptions({ ...env, INSTALLED_OPTIONS: JSON.stringify(installed) });

  test.each([
    [{ credentials: 'helper' }, { CREDENTIALS: 'file' }, { credentials: 'helper' }],
    [{ credentials: 'file' }, { CREDENTIALS: 'helper' }, { credentials: 'helper' }],
    [{ prebuild: 'skip' }, { PREBUILD: 'helper' }, { prebuild: 'skip' }],
    [{ prebuild: 'helper' }, { PREBUILD: 'file' }, { prebuild: 'helper' }],
    [{ strict: true }, { STRICT: 'false' }, { strict: true }],
    [{ githubToken: false }, { GITHUBTOKEN: 'true' }, { githubToken: false }],
    [{ expect: ['A', 'B'] }, { EXPECT: 'b,c' }, { expect: ['A', 'B', 'C'] }],
    [{ ignore: ['A'] }, {}, { ignore: ['A'] }],
    [{ check: true }, { CHECK: 'false' }, {}],
    [{ envFiles: ['a.env'] }, { ENVFILES: 'b.env' }, { envFiles: ['b.env'] }],
  ])('keeps the stricter of %j and %j', (installed, env, options) => {
    expect(join(installed, env).options).toEqual({ ...DEFAULT_OPTIONS, ...options });
  });

  test('is told of each value that stays or changes, old and new', () => {
    expect(join({ credentials: 'helper', githubNpm: true }, { CREDENTIALS: 'file' }).lines).toEqual(
      [
        'option credentials: "helper", because the image has "helper" already; "file" was given',
        'option githubNpm: false; the image had true',
      ],
    );
    expect(join({}, {}).lines).toEqual([]);
  });
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
          what: expect.stringMatching(
            /^is (?:not|".*", and must be) IDs such as ACME, separated by commas/,
          ),
          fix: 'set it to IDs such as ACME, separated by commas in devcontainer.json',
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
    readFileSync(join(__dirname, '../../devcontainer-feature.json'), 'utf8'),
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
    ignore: '',
    nodeMirror,
  });
});
