import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { type DockerConfig, parseDockerConfig } from '../../../src/domain/config/docker-config.ts';
import { type Edit, editConfig } from '../../../src/domain/config/edit.ts';
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
  '{\n    "credHelpers": {"a.io": "gcloud"},\r\n    "__proto__": {"auths": 1},\n"auths": {"c.io": {}}}',
];

const KEYS = ['a.io', 'b.io', 'new.io', 'https://index.docker.io/v1/', '__proto__', 'constructor'];
const key = fc.constantFrom(...KEYS);
const auth = fc.constantFrom({ auth: 'dTpw' }, { auth: 'b3VyOnM=' }, {});
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    section: fc.constant('auths' as const),
    key,
    value: fc.option(
      auth.map((json) => ({ json })),
      { nil: undefined },
    ),
  }),
  fc.record({
    section: fc.constant('credHelpers' as const),
    key,
    value: fc.constantFrom({ json: 'registry-auth' }, undefined),
  }),
);
const edits = fc.uniqueArray(edit, { selector: (one) => one.section + one.key, maxLength: 5 });

/** The text, understood, where it may be edited. */
function understood(text: string): DockerConfig | undefined {
  const config = parseDockerConfig(text);
  return config.fault ? undefined : config;
}

/** Members in their order, as another reader has them. */
function membersOf(text: string): [string, unknown][] {
  return Object.entries(JSON.parse(text.trim() === '' ? '{}' : text));
}

/** What should be there after some edits, by other means than ours. */
function expected(text: string, list: readonly Edit[]): Map<string, unknown> {
  const members = new Map(membersOf(text));
  if (list.length === 0) return members;
  for (const section of ['auths', 'credHelpers'] as const) {
    const ours = list.filter((one) => one.section === section);
    const object = withEdits(Object(members.get(section)), ours);
    const isEmptied = section === 'credHelpers' && Object.keys(object).length === 0;
    if (ours.length > 0 && isEmptied) members.delete(section);
    else if (ours.length > 0 || (section === 'auths' && !members.has(section)))
      members.set(section, object);
  }
  return members;
}

function withEdits(object: object, edits: readonly Edit[]): object {
  const members = new Map<string, unknown>(Object.entries(object));
  for (const { key: name, value } of edits) {
    if (value === undefined) members.delete(name);
    else members.set(name, 'json' in value ? value.json : JSON.parse(value.raw));
  }
  return Object.fromEntries(members);
}

/** The bytes of every member that the edits have nothing to do with, in their order. */
function foreignTexts({ root, text }: DockerConfig, list: readonly Edit[]): string[] {
  const edited = new Set(list.map((one) => `${one.section} ${one.key}`));
  return (root?.members ?? []).flatMap((member) => {
    const whole = text.slice(member.start, member.value.end);
    if (!['auths', 'credHelpers'].includes(member.key)) return [whole];
    const inside = member.value.members.filter((one) => !edited.has(`${member.key} ${one.key}`));
    return inside.map((one) => text.slice(one.start, one.value.end));
  });
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
    const json = { auth: 'dTpw' };
    if (!config.fault) editConfig(config, [{ section: 'auths', key: 'new.io', value: { json } }]);
  },
  properties: {
    'what another reader refuses is refused, and what is read is read alike': ({ text }) => {
      const config = understood(text);
      if (!config || text.trim() === '') return;
      const { auths, credHelpers }: DockerJson = JSON.parse(text);
      const parsed = (map: ReadonlyMap<string, string>) =>
        [...map].map(([name, value]) => [name, JSON.parse(value)]);
      assert.deepEqual(parsed(config.auths), Object.entries(auths ?? {}));
      assert.deepEqual(parsed(config.credHelpers), Object.entries(credHelpers ?? {}));
    },
    'a file with a fault is left alone, ledger and all': ({ text }) => {
      if (understood(text)) return;
      const desk = new Desk(text);
      const { change, problems } = desk.apply({ ...TRIPLES });
      assert.deepEqual([change, problems.length], [{}, 1]);
    },
    'edits do what they say, and nothing else': ({ text }, list) => {
      const config = understood(text);
      if (!config) return;
      const after = new Map(membersOf(editConfig(config, list)));
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
      const same = list.flatMap(({ section, key: name }) => {
        const raw = config[section].get(name);
        return raw === undefined ? [] : [{ section, key: name, value: { raw } }];
      });
      // As docker writes it: where auths is not there, any write makes it.
      if (config.root?.members.some((member) => member.key === 'auths'))
        assert.equal(editConfig(config, same), text);
    },
    'an entry beside another one comes and goes without a trace': ({ text }) => {
      const config = understood(text);
      if (!config || config.auths.size === 0 || config.auths.has('new.io')) return;
      const one = { section: 'auths', key: 'new.io' } as const;
      const added = understood(editConfig(config, [{ ...one, value: { json: { auth: 'dTpw' } } }]));
      assert.ok(added);
      assert.equal(editConfig(added, [{ ...one, value: undefined }]), text);
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
      const { change } = desk.apply({ ...TRIPLES });
      assert.ok(Object.values(change).every((text) => text === undefined));
      desk.logout();
      const after = new Map(membersOf(desk.texts.config ?? ''));
      const before = new Map(membersOf(text));
      // As docker writes it: auths is there after any write, and an empty credHelpers is not.
      if (applied !== text) before.set('auths', before.get('auths') ?? {});
      for (const members of [before, after])
        if (Object.keys(Object(members.get('credHelpers'))).length === 0)
          members.delete('credHelpers');
      assert.deepEqual(after, before);
    },
  },
});
