import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import type { Node } from 'jsonc-parser';
import { type Edit, editConfig } from '../../../src/dockerconfig/edit.ts';
import { type DockerConfig, parseDockerConfig } from '../../../src/dockerconfig/parse.ts';
import { endOf, findNode, nodesOf, parseNodes } from '../../../src/dockerconfig/tree.ts';
import { isBlank } from '../../../src/json.ts';
import { Desk, type DockerJson } from '../../support/desk.ts';
import { configWith } from '../../support/triples.ts';
import { parser } from '../parser.ts';

const FIXTURES = resolve('test/fixtures/config');
const VALID = [
  ...readdirSync(FIXTURES).map((name) => readFileSync(join(FIXTURES, name), 'utf8')),
  ...[
    '',
    ' \n',
    '{}',
    '{"auths":null}',
    '{"auths":{},"credHelpers":{}}',
    '{"credsStore":"desktop"}',
  ],
  '{"auths": {"a.io": {"auth": "YTpi"}},\n "x": 1}',
  '{"auths":{"a.io":{"auth":"YTpi"},"b.io":{},"a.io":{}},"auths2":{}}',
  configWith({ 'a.io': ['bob', 'by-hand'], 'https://index.docker.io/v1/': ['eve', 'x:y'] }),
  '{ "auths" :\t{ "b.io" : { "auth" : "YTpi" , "email" : "é" } } , "x" : [ 1.0 , -0 , { } ] }\n\n',
  '{"plugins":{"scan":{"b":"1","a.io":"\\u00e9"},"x":null},"auths":{"a.io":{}}}',
  '{\n "auths": {},\n "plugins" : { "scan" : {"a.io":"ACME"} , "__proto__":{"a.io":""}}\n}',
  '{\n    "credHelpers": {"a.io": "gcloud"},\r\n    "__proto__": {"auths": 1},\n"auths": {"c.io": {}}}',
];

const KEYS = ['a.io', 'b.io', 'new.io', 'https://index.docker.io/v1/', '__proto__', 'constructor'];
const key = fc.constantFrom(...KEYS);
const edit: fc.Arbitrary<Edit> = fc.record({
  path: fc.oneof(
    fc.tuple(fc.constant('auths'), key),
    fc.tuple(fc.constant('credHelpers'), key),
    fc.tuple(fc.constant('plugins'), fc.constantFrom('registry-auth', 'scan', '__proto__'), key),
  ),
  value: fc.constantFrom<Edit['value'][]>('"registry-auth"', '"ACME"', undefined),
});
/** What stands in `auths` is an object. */
const fit = edit.map((one) =>
  one.path[0] === 'auths' && one.value ? { ...one, value: { auth: 'dTpw' } } : one,
);
const edits = fc.uniqueArray(fit, { selector: ({ path }) => path.join('\n'), maxLength: 6 });

/** The text, understood, where it may be edited. */
function understood(text: string): DockerConfig | undefined {
  const config = parseDockerConfig(text);
  return config.fault ? undefined : config;
}

/** Members in their order, as another reader has them. */
function valuesOf(text: string): [string, unknown][] {
  const members = Object.entries(JSON.parse(isBlank(text) ? '{}' : text) ?? {});
  // Go knows the members of a struct in any case.
  const known = ['auths', 'credHelpers', 'plugins'];
  const nameOf = (name: string) =>
    known.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
  return members.map(([name, value]) => [nameOf(name), value]);
}

/** The same by the reader that we have for offsets. */
function plainOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(plainOf);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(nodesOf(node).map(({ key: name, value }) => [name, plainOf(value)]));
}

/** What should be there after some edits, by other means than ours. */
function expected(text: string, list: readonly Edit[]): Map<string, unknown> {
  const members = new Map(Object.entries(withEdits(Object.fromEntries(valuesOf(text)), list)));
  return list.length === 0 || members.has('auths') ? members : members.set('auths', {});
}

/** An object that the edits empty goes. */
function withEdits(object: unknown, list: readonly Edit[]): object {
  const members = new Map<string, unknown>(Object.entries(Object(object)));
  const names = new Set(list.map(({ path }) => path[0] ?? ''));
  for (const name of names) {
    const inside = list.flatMap(({ path: [first, ...path], value }) =>
      first === name ? { path, value } : [],
    );
    const value = valueAfter(members.get(name), inside);
    if (value === undefined) members.delete(name);
    else members.set(name, value);
  }
  return Object.fromEntries(members);
}

function valueAfter(before: unknown, list: readonly Edit[]): unknown {
  const { path, value } = list.at(-1) as Edit;
  if (path.length === 0) return typeof value === 'string' ? JSON.parse(value) : value;
  const object = withEdits(before, list);
  return Object.keys(object).length === 0 ? undefined : object;
}

/** The bytes of every member that the edits have nothing to do with, in their order. */
function foreignTexts({ root, text }: DockerConfig, list: readonly Edit[]): string[] {
  // It comes with any edit.
  const auths = { path: ['auths', 'any'], value: undefined };
  return textsBeside(root(), text, [...list, auths]);
}

function textsBeside(object: Node | undefined, text: string, list: readonly Edit[]): string[] {
  return nodesOf(object).flatMap(({ key: member, name, value }) => {
    const inside = list.flatMap(({ path: [first, ...path], ...one }) =>
      first === member ? { path, ...one } : [],
    );
    if (inside.length === 0) return [text.slice(name.offset, value.offset + value.length)];
    const isWhole = inside.some(({ path }) => path.length === 0);
    return isWhole ? [] : textsBeside(value, text, inside);
  });
}

/** The bytes of what stands at a path. */
function rawAt({ root, text }: DockerConfig, path: Edit['path']): string | undefined {
  const node = findNode(root(), path);
  return node && text.slice(node.offset, endOf(node));
}

/** A member that comes and goes, at a path that begins in the file. */
function comeAndGo(config: DockerConfig, path: Edit['path'], value: Edit['value']): string {
  const added = understood(editConfig(config, [{ path, value }]));
  assert.ok(added);
  return editConfig(added, [{ path, value: undefined }]);
}

const CONFIGS = fc.constantFrom(...VALID);
const TRIPLES = { A: ['a.io', 'u', 'p'], N: ['new.io/team', 'u', 'q'] } as const;

export const CONFIG = parser<Edit[]>({
  name: 'config round trip',
  valid: CONFIGS,
  around: [
    ['{"auths":{"', '":{}}}'],
    ['{"auths":{"a.io":{"auth":"', '"}}}'],
    ['{"auths":{},\n"x":"', '"}'],
    ['{', '"auths":{}}'],
  ],
  extra: edits,
  read: ({ text }) => {
    const config = parseDockerConfig(text);
    if (config.fault) return;
    editConfig(config, [
      { path: ['auths', 'new.io'], value: { auth: 'dTpw' } },
      { path: ['plugins', 'registry-auth', 'new.io'], value: '"ACME"' },
    ]);
  },
  properties: {
    'what another reader refuses is refused, and what is read is read alike': ({ text }) => {
      const config = understood(text);
      if (!config || isBlank(text)) return;
      const { auths, credHelpers }: DockerJson = Object.fromEntries(valuesOf(text));
      const parsed = [...config.auths].map(([name, { text: raw }]) => [name, JSON.parse(raw)]);
      assert.deepEqual(parsed, Object.entries(auths ?? {}));
      assert.deepEqual([...config.credHelpers], Object.entries(credHelpers ?? {}));
    },
    'JSON is what JSON.parse takes for it, and is read alike': ({ text }) => {
      const { fault } = parseDockerConfig(text);
      const isRefused = fault?.code === 'CONFIG_NOT_JSON';
      // Each level is a call of the parser's, and no docker has so many.
      if (isRefused && fault.what === 'is nested too deeply') return;
      const value = parsedByPlatform(text);
      // A byte order mark counts as white space here, and as a fault for every client.
      const isNothing = isBlank(text);
      assert.equal(isRefused, value === undefined && !isNothing);
      if (!isRefused && !isNothing) assert.deepEqual(plainOf(parseNodes(text)), value?.json);
    },
    'a file with a fault is left alone, logins and all': ({ text }) => {
      if (understood(text)) return;
      const desk = new Desk(text);
      desk.texts = { ...desk.texts, logins: '{"a.io": {"user":"eve","secret":"s"}}' };
      const { texts, problems } = desk.apply({ ...TRIPLES });
      assert.deepEqual([texts, problems.length], [{}, 1]);
      assert.deepEqual(desk.logout().texts, {});
    },
    'edits do what they say, and nothing else': ({ text }, list) => {
      const config = understood(text);
      if (!config) return;
      const after = new Map(valuesOf(editConfig(config, list)));
      assert.deepEqual(after, expected(text, list));
    },
    'every byte of what is not edited is there, in its order': ({ text }, list) => {
      const config = understood(text);
      if (!config) return;
      const after = understood(editConfig(config, list));
      assert.ok(after);
      assert.deepEqual(foreignTexts(after, list), foreignTexts(config, list));
    },
    'edits of what stands there give back the text, byte for byte': ({ text }, list) => {
      const config = understood(text);
      if (!config) return;
      const same = list.flatMap(({ path }) => {
        const raw = rawAt(config, path);
        return raw === undefined ? [] : [{ path, value: raw }];
      });
      // As docker writes it: where auths is not there, any write makes it.
      if (findNode(config.root(), ['auths'])) assert.equal(editConfig(config, same), text);
    },
    'an entry beside another one comes and goes without a trace': ({ text }) => {
      const config = understood(text);
      if (!config || config.auths.size === 0 || config.auths.has('new.io')) return;
      assert.equal(comeAndGo(config, ['auths', 'new.io'], { auth: 'dTpw' }), text);
    },
    'so does our record': ({ text }) => {
      const config = understood(text);
      if (!config || !findNode(config.root(), ['auths'])) return;
      const path = ['plugins', 'registry-auth', 'new.io'];
      const plugins = findNode(config.root(), ['plugins']);
      const ours = findNode(plugins, ['registry-auth']);
      // What is empty goes along.
      for (const object of [plugins, ours]) if (object && nodesOf(object).length === 0) return;
      if (rawAt(config, path) === undefined) assert.equal(comeAndGo(config, path, '"ACME"'), text);
    },
    'edits made twice are made once': ({ text }, list) => {
      const config = understood(text);
      if (!config) return;
      const once = editConfig(config, list);
      const again = understood(once);
      assert.ok(again);
      assert.equal(editConfig(again, list), once);
    },
    'after apply and logout every login and member of others is what it was': ({ text }) => {
      if (!understood(text)) return;
      const desk = new Desk(text);
      desk.apply({ ...TRIPLES });
      const { config: applied } = desk.texts;
      assert.deepEqual(desk.apply({ ...TRIPLES }).texts, {});
      desk.logout();
      const after = new Map(valuesOf(desk.texts.config ?? ''));
      const before = new Map(valuesOf(text));
      // As docker writes it: auths is there after any write, and what is empty is not.
      if (applied !== text) before.set('auths', before.get('auths') ?? {});
      for (const members of [before, after])
        for (const section of ['credHelpers', 'plugins'])
          if (Object.keys(Object(members.get(section))).length === 0) members.delete(section);
      assert.deepEqual(after, before);
    },
  },
});

/** What the platform's own reader makes of a text; undefined where it refuses it. */
function parsedByPlatform(text: string): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
