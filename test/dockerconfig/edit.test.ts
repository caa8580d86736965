import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Edit, editConfig } from '../../src/dockerconfig/edit.ts';
import { type DockerConfig, parseDockerConfig } from '../../src/dockerconfig/parse.ts';

const FIXTURES = join(__dirname, '../fixtures/config');

function parse(text: string): DockerConfig {
  const config = parseDockerConfig(text);
  if (config.fault) throw new Error(`${config.fault.code} at ${config.fault.offset}`);
  return config;
}

/**
 * The file's members in order; after any write `auths` is there, and neither `credHelpers`,
 * `plugins` nor a plugin is empty.
 */
function membersOf(text: string): [string, unknown][] {
  const { auths, credHelpers, plugins, ...rest } = JSON.parse(text || '{}');
  const sorted = (object: object | null) => Object.entries(object ?? {}).sort();
  const ofPlugins = sorted(plugins).map(([name, all]) => [name, sorted(all)] as const);
  return [
    ...Object.entries(rest),
    ['auths', sorted(auths)],
    ['credHelpers', sorted(credHelpers)],
    ['plugins', ofPlugins.filter(([, all]) => all.length > 0)],
  ];
}

function removeAt(value: Record<string, unknown>, path: readonly string[]): void {
  const [name = '', ...rest] = path;
  const inside = value[name];
  if (rest.length === 0) delete value[name];
  else if (typeof inside === 'object' && inside !== null)
    removeAt(inside as Record<string, unknown>, rest);
}

const ADD: Edit = { path: ['auths', 'r.io'], value: { auth: 'dTpw' } };

describe('an entry is added in the manner of the file', () => {
  const names = readdirSync(FIXTURES).flatMap(
    (file) => /^(.*)\.before\.json$/.exec(file)?.[1] ?? [],
  );
  const read = (name: string) => readFileSync(join(FIXTURES, name), 'utf8');

  test.each(names)('%s', (name) => {
    const before = read(`${name}.before.json`);
    expect(editConfig(parse(before), [ADD])).toBe(read(`${name}.after.json`));
  });

  test.each(names)('and taking it away gives back what %s held', (name) => {
    const before = read(`${name}.before.json`);
    const replaced = parse(before).auths.get('r.io');
    const value = replaced?.text;
    const undone = editConfig(parse(editConfig(parse(before), [ADD])), [{ ...ADD, value }]);
    if (/"auths": *\{ *[^} ]/.test(before)) expect(undone).toBe(before);
    expect(membersOf(undone)).toEqual(membersOf(before));
  });
});

describe('as docker itself writes it', () => {
  const HELPER: Edit = { path: ['credHelpers', 'r.io'], value: '"registry-auth"' };
  const RECORD: Edit = { path: ['plugins', 'registry-auth', 'r.io'], value: '"ACME"' };

  test('auths is there whenever anything is written', () => {
    expect(editConfig(parse('{}'), [HELPER])).toBe(
      '{\n\t"auths": {},\n\t"credHelpers": {\n\t\t"r.io": "registry-auth"\n\t}\n}',
    );
  });

  test('an empty auths stays, and an empty credHelpers goes', () => {
    const text = editConfig(parse(''), [ADD, HELPER]);
    const gone = [ADD, HELPER].map((one) => ({ ...one, value: undefined }));
    expect(editConfig(parse(text), gone)).toBe('{\n\t"auths": {}\n}');
  });

  test('a record goes with its plugin, and plugins with the last of them', () => {
    const text = editConfig(parse('{"auths": {}}\n'), [RECORD]);
    expect(text).toBe('{"auths": {},"plugins": {"registry-auth": {"r.io": "ACME"}}}\n');
    expect(editConfig(parse(text), [{ ...RECORD, value: undefined }])).toBe('{"auths": {}}\n');
  });

  test("other plugins stay byte for byte beside ours, and so do ours' other records", () => {
    const text = '{\n "auths": {},\n "plugins": { "scan": {"a":  "1"}, "x":{ } }\n}';
    const added = editConfig(parse(text), [RECORD]);
    expect(added).toContain('"plugins": { "scan": {"a":  "1"}, "x":{ }, "registry-auth": ');
    expect(editConfig(parse(added), [{ ...RECORD, value: undefined }])).toBe(text);
    const other: Edit = { path: ['plugins', 'registry-auth', 's.io'], value: '"B"' };
    const both = editConfig(parse(added), [other]);
    expect(editConfig(parse(both), [{ ...other, value: undefined }])).toBe(added);
  });

  test('a new key of a namespace comes before that of its host', () => {
    const text = '{\n  "auths": {\n    "r.io": {},\n    "s.io": {}\n  }\n}\n';
    const first: Edit = { path: ['auths', 'r.io/a'], value: {} };
    const added = editConfig(parse(text), [first]);
    expect(Object.keys(JSON.parse(added).auths)).toEqual(['r.io/a', 'r.io', 's.io']);
    expect(editConfig(parse(added), [{ ...first, value: undefined }])).toBe(text);
    const other = editConfig(parse(text), [{ ...first, path: ['auths', 't.io/a'] }]);
    expect(Object.keys(JSON.parse(other).auths)).toEqual(['r.io', 's.io', 't.io/a']);
  });
});

test.each([
  '{"auths": {"r.io": {"auth": "YTpi"}},\n "x": 1}',
  '{"auths":{"r.io"\n:{"auth":"YTpi"}}}',
  '{"x":1,\n"auths":{}}',
])('an entry that is changed again and again takes no more room: %j', (text) => {
  const change = (before: string, auth: string) =>
    editConfig(parse(before), [{ ...ADD, value: { auth } }]);
  const once = change(text, 'dTox');
  const often = ['dToy', 'dToz', 'dTo0'].reduce(change, once);
  expect(often).toBe(once.replace('dTox', 'dTo0'));
});

test('no edits give back the text byte for byte', () => {
  const text = '{ "auths" : {\n}}';
  expect(editConfig(parse(text), [])).toBe(text);
});

const FAULTS: [name: string, text: string, code: string, offset: number][] = [
  ['a comment', '{\n// x\n}', 'CONFIG_NOT_JSON', 2],
  ['a trailing comma', '{"a":1,}', 'CONFIG_NOT_JSON', 7],
  ['a byte order mark', '\ufeff{}', 'CONFIG_NOT_JSON', 0],
  ['a byte order mark alone', '\ufeff', 'CONFIG_NOT_JSON', 0],
  ['text after the end', '{} x', 'CONFIG_NOT_JSON', 3],
  ['half a file', '{"auths": {"a', 'CONFIG_NOT_JSON', 11],
  ['single quotes', "{'a':1}", 'CONFIG_NOT_JSON', 1],
  ['a raw line break in a string', '{"a":"x\ny"}', 'CONFIG_NOT_JSON', 5],
  ['NaN', '{"a":NaN}', 'CONFIG_NOT_JSON', 5],
  ['an array', '[]', 'CONFIG_SHAPE', 0],
  ['a string', '"x"', 'CONFIG_SHAPE', 0],
  ['auths that is an array', '{"auths":[]}', 'CONFIG_SHAPE', 9],
  ['an entry that is a string', '{"auths":{"a":"x"}}', 'CONFIG_SHAPE', 14],
  ['credHelpers that is text', '{"credHelpers":"x"}', 'CONFIG_SHAPE', 15],
  ['a helper that is a number', '{"credHelpers":{"a":1}}', 'CONFIG_SHAPE', 20],
  ['plugins that is a list', '{"plugins":[]}', 'CONFIG_SHAPE', 11],
  ['plugins that is text', '{"plugins":"x"}', 'CONFIG_SHAPE', 11],
  ['a plugin that is a number', '{"plugins":{"a":1}}', 'CONFIG_SHAPE', 16],
  ['a plugin that holds a number', '{"plugins":{"a":{"b":1}}}', 'CONFIG_SHAPE', 21],
  ['a plugin that holds an object', '{"plugins":{"a":{"b":{}}}}', 'CONFIG_SHAPE', 21],
  ['a plugin twice', '{"plugins":{"a":{},"a":{}}}', 'CONFIG_SHAPE', 19],
  ['a record twice', '{"plugins":{"a":{"b":"","b":""}}}', 'CONFIG_SHAPE', 24],
  ['auths twice', '{"auths":{},"auths":{}}', 'CONFIG_SHAPE', 12],
  ['an auth twice', '{"auths":{"a":{"auth":1,"auth":"YTpi"}}}', 'CONFIG_SHAPE', 24],
  ['a feature twice', '{"features":{"a":true,"a":""}}', 'CONFIG_SHAPE', 22],
  ['an entry twice', '{"auths":{"a":{},"a":{}}}', 'CONFIG_SHAPE', 17],
  ['an auth that is no base64', '{"auths":{"a":{"auth":"!!!"}}}', 'CONFIG_ENTRY_UNDECODABLE', 14],
  ['an auth without padding', '{"auths":{"a":{"auth":"YTpiYw"}}}', 'CONFIG_ENTRY_UNDECODABLE', 14],
  ['an auth without a colon', '{"auths":{"a":{"auth":"YWJj"}}}', 'CONFIG_ENTRY_UNDECODABLE', 14],
  ['an auth with an empty user', '{"auths":{"a":{"auth":"OnBw"}}}', 'CONFIG_ENTRY_UNDECODABLE', 14],
  ['an auth that is a number', '{"auths":{"a":{"auth":1}}}', 'CONFIG_SHAPE', 22],
];

test.each(FAULTS)('a file with %s is refused, and says where', (_, text, code, offset) => {
  expect(parseDockerConfig(text).fault).toEqual({ code, what: expect.any(String), offset });
});

test.each([
  '',
  '  \n',
  '{}',
  'null',
  '{"x":{"a":1,"a":2}}',
  '{"auths":null}',
  '{"plugins":null}',
  '{"plugins":{"a":null,"b":{},"c":{"d":"","e":null}}}',
  '{"auths":{"a":null,"b":{},"c":{"auth":""},"d":{"auth":"YTpi\\n"}}}',
])('docker reads it, and so do we: %j', (text) => {
  expect(parseDockerConfig(text).fault).toBeUndefined();
});

test('a megabyte is read in good time', () => {
  const auths = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, index) => [`r${index}.io`, { auth: 'YTpi' }]),
  );
  expect(parse(JSON.stringify({ auths }, null, 2)).auths.size).toBe(20_000);
});

describe('for any file and any edits', () => {
  const key = fc.constantFrom('a.io', 'a.io/x', 'b.io/x', 'b.io', 'https://index.docker.io/v1/');
  const entry = fc.oneof(
    fc.constant({ auth: 'YTpi' }),
    fc.constant({}),
    fc.record({ auth: fc.constant('Yjpj'), x: fc.jsonValue() }),
  );
  const plugin = fc.constantFrom('registry-auth', 'registry-auth-previous', 'scan');
  const others = fc.dictionary(
    fc.string().filter((name) => !['auths', 'credHelpers', 'credsStore', 'plugins'].includes(name)),
    fc.jsonValue(),
    { maxKeys: 4 },
  );
  const file = fc
    .record({
      others,
      auths: fc.option(fc.dictionary(key, entry)),
      helpers: fc.option(fc.dictionary(key, fc.constant('gcloud'))),
      plugins: fc.option(fc.dictionary(plugin, fc.dictionary(key, fc.string()))),
    })
    .chain(({ others: rest, auths, helpers, plugins }) => {
      const value = {
        ...rest,
        ...(auths ? { auths } : {}),
        ...(helpers ? { credHelpers: helpers } : {}),
        ...(plugins ? { plugins } : {}),
      };
      return fc.constantFrom(0, 1, 2, '\t', 8).map((indent) => JSON.stringify(value, null, indent));
    });
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({
      path: fc.tuple(fc.constant('auths'), key),
      value: fc.constant({ auth: 'dTpw' }),
    }),
    fc.record({
      path: fc.tuple(fc.constant('credHelpers'), key),
      value: fc.constant('"registry-auth"'),
    }),
    fc.record({
      path: fc.tuple(fc.constant('plugins'), plugin, key),
      value: fc.constant('"ACME entry:01234567"'),
    }),
  );
  const edits = fc.uniqueArray(edit, { selector: ({ path }) => path.join() });

  test('making them twice is making them once', () => {
    fc.assert(
      fc.property(file, edits, (text, list) => {
        const once = editConfig(parse(text), list);
        expect(editConfig(parse(once), list)).toBe(once);
      }),
    );
  });

  test('everything else is as it was, in its order', () => {
    fc.assert(
      fc.property(file, edits, (text, list) => {
        const [before, after] = [text, editConfig(parse(text), list)].map((one) => {
          const value = JSON.parse(one || '{}');
          for (const { path } of list) removeAt(value, path);
          return membersOf(JSON.stringify(value));
        });
        expect(after).toEqual(before);
      }),
    );
  });

  test('undoing them in any order gives back what the file held', () => {
    fc.assert(
      fc.property(file, edits, fc.infiniteStream(fc.nat()), (text, list, random) => {
        const before = parse(text);
        const order = list
          .map((one) => [random.next().value, one] as const)
          .sort(([a], [b]) => a - b);
        const undone = order.reduce(
          (state, [, { path }]) => {
            const found = path.reduce((value, name) => value?.[name], JSON.parse(text));
            return editConfig(parse(state), [{ path, value: JSON.stringify(found) }]);
          },
          editConfig(before, list),
        );
        expect(membersOf(undone)).toEqual(membersOf(text));
      }),
    );
  });
});
