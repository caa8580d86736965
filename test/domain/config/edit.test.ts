import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DockerConfig, parseDockerConfig } from '../../../src/domain/config/docker-config.ts';
import { type Edit, editConfig } from '../../../src/domain/config/edit.ts';

const FIXTURES = join(__dirname, '../../fixtures/config');

function parse(text: string): DockerConfig {
  const config = parseDockerConfig(text);
  if (config.fault) throw new Error(`${config.fault.code} at ${config.fault.offset}`);
  return config;
}

/** The file's members in order; after any write `auths` is there and `credHelpers` not empty. */
function membersOf(text: string): [string, unknown][] {
  const { auths, credHelpers, ...rest } = JSON.parse(text || '{}');
  const helpers = Object.entries(credHelpers ?? {});
  return [
    ...Object.entries(rest),
    ['auths', Object.entries(auths ?? {}).sort()],
    ['credHelpers', helpers.sort()],
  ];
}

const ADD: Edit = { section: 'auths', key: 'r.io', value: { json: { auth: 'dTpw' } } };

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
    const value = replaced === undefined ? undefined : { raw: replaced };
    const undone = editConfig(parse(editConfig(parse(before), [ADD])), [{ ...ADD, value }]);
    if (/"auths": *\{ *[^} ]/.test(before)) expect(undone).toBe(before);
    expect(membersOf(undone)).toEqual(membersOf(before));
  });
});

describe('as docker itself writes it', () => {
  const HELPER: Edit = { section: 'credHelpers', key: 'r.io', value: { json: 'registry-auth' } };

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
});

test.each([
  '{"auths": {"r.io": {"auth": "YTpi"}},\n "x": 1}',
  '{"auths":{"r.io"\n:{"auth":"YTpi"}}}',
  '{"x":1,\n"auths":{}}',
])('an entry that is changed again and again takes no more room: %j', (text) => {
  const change = (before: string, auth: string) =>
    editConfig(parse(before), [{ ...ADD, value: { json: { auth } } }]);
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
  ['null', 'null', 'CONFIG_SHAPE', 0],
  ['a string', '"x"', 'CONFIG_SHAPE', 0],
  ['auths that is an array', '{"auths":[]}', 'CONFIG_SHAPE', 9],
  ['an entry that is a string', '{"auths":{"a":"x"}}', 'CONFIG_SHAPE', 14],
  ['credHelpers that is text', '{"credHelpers":"x"}', 'CONFIG_SHAPE', 15],
  ['a helper that is a number', '{"credHelpers":{"a":1}}', 'CONFIG_SHAPE', 20],
  ['auths twice', '{"auths":{},"auths":{}}', 'CONFIG_SHAPE', 12],
  ['an entry twice', '{"auths":{"a":{},"a":{}}}', 'CONFIG_SHAPE', 17],
  ['an auth that is no base64', '{"auths":{"a":{"auth":"!!!"}}}', 'CONFIG_ENTRY_UNDECODABLE', 14],
  ['an auth without padding', '{"auths":{"a":{"auth":"YTpiYw"}}}', 'CONFIG_ENTRY_UNDECODABLE', 14],
  ['an auth without a colon', '{"auths":{"a":{"auth":"YWJj"}}}', 'CONFIG_ENTRY_UNDECODABLE', 14],
  ['an auth with an empty user', '{"auths":{"a":{"auth":"OnBw"}}}', 'CONFIG_ENTRY_UNDECODABLE', 14],
  ['an auth that is a number', '{"auths":{"a":{"auth":1}}}', 'CONFIG_ENTRY_UNDECODABLE', 14],
];

test.each(FAULTS)('a file with %s is refused, and says where', (_, text, code, offset) => {
  expect(parseDockerConfig(text).fault).toEqual({ code, what: expect.any(String), offset });
});

test.each([
  '',
  '  \n',
  '{}',
  '{"auths":null}',
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
  const key = fc.constantFrom('a.io', 'b.io', 'c.io', 'd.io', 'https://index.docker.io/v1/');
  const entry = fc.oneof(
    fc.constant({ auth: 'YTpi' }),
    fc.constant({}),
    fc.record({ auth: fc.constant('Yjpj'), x: fc.jsonValue() }),
  );
  const others = fc.dictionary(
    fc.string().filter((name) => !['auths', 'credHelpers', 'credsStore'].includes(name)),
    fc.jsonValue(),
    { maxKeys: 4 },
  );
  const file = fc
    .record({
      others,
      auths: fc.option(fc.dictionary(key, entry)),
      helpers: fc.option(fc.dictionary(key, fc.constant('gcloud'))),
    })
    .chain(({ others: rest, auths, helpers }) => {
      const value = {
        ...rest,
        ...(auths ? { auths } : {}),
        ...(helpers ? { credHelpers: helpers } : {}),
      };
      return fc.constantFrom(0, 1, 2, '\t', 8).map((indent) => JSON.stringify(value, null, indent));
    });
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({
      section: fc.constant('auths' as const),
      key,
      value: fc.constant({ json: { auth: 'dTpw' } }),
    }),
    fc.record({
      section: fc.constant('credHelpers' as const),
      key,
      value: fc.constant({ json: 'registry-auth' }),
    }),
  );
  const edits = fc.uniqueArray(edit, { selector: (one) => one.section + one.key });

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
        const after = JSON.parse(editConfig(parse(text), list) || '{}');
        const { auths = {}, credHelpers = {}, ...rest } = after;
        for (const { section, key: edited } of list)
          delete (section === 'auths' ? auths : credHelpers)[edited];
        const before = JSON.parse(text);
        for (const { section, key: edited } of list) delete before[section]?.[edited];
        expect([auths, credHelpers]).toEqual([before.auths ?? {}, before.credHelpers ?? {}]);
        expect(Object.entries(rest)).toEqual(
          Object.entries(before).filter(([name]) => name !== 'auths' && name !== 'credHelpers'),
        );
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
          (state, [, { section, key: edited }]) => {
            const raw = before[section].get(edited);
            const value = raw === undefined ? undefined : { raw };
            return editConfig(parse(state), [{ section, key: edited, value }]);
          },
          editConfig(before, list),
        );
        expect(membersOf(undone)).toEqual(membersOf(text));
      }),
    );
  });
});
