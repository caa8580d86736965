import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  isDamaged,
  parseManaged,
  type Records,
  renderManaged,
} from '../../../src/dockerconfig/managed.ts';
import { type DockerConfig, parseDockerConfig } from '../../../src/dockerconfig/parse.ts';
import { findStatusKeys } from '../../../src/report/status-keys.ts';
import { listUsers } from '../../../src/resolve/helper.ts';
import { Desk, type DockerJson, type Triples } from '../../support/desk.ts';
import { NO_REQUEST } from '../../support/request.ts';
import { configWith, entry } from '../../support/triples.ts';
import { parser } from '../parser.ts';

const ACME: Triples = { ACME: ['reg.example.com', 'ada', 'of acme'], T: ['q.io/team', 'u', 'p'] };

/** What we leave behind: a login replaced, a helper, a prebuild and an env file, a codespace. */
function written(): DockerJson['plugins'][] {
  const replaced = new Desk(configWith({ 'reg.example.com': ['bob', 'before'] }));
  replaced.apply(ACME);
  const helped = new Desk('{"credsStore":"desktop","credHelpers":{"q.io":"pass"}}');
  helped.apply({ ...ACME, HUB: ['docker.io', 'ada', 'of the hub'] });
  const quiet = new Desk();
  quiet.apply(ACME, { mode: 'helper', isPrebuild: true, file: { F: ['f.io', 'u', 'p'] } });
  const codespace = new Desk();
  codespace.apply({ ...ACME, CODESPACES: 'true' }, { isPostCreated: true });
  return [replaced, helped, quiet, codespace].map(({ config }) => config.plugins);
}

const WRITTEN = written();
const RECORDS = WRITTEN.flatMap((plugins) => Object.values(plugins?.['registry-auth'] ?? {}));
const VALID = [
  ...WRITTEN.map((plugins) => JSON.stringify(plugins)),
  ...RECORDS,
  'ECR entry:77aa00ff helper secret:9c0d1e2f expires:2026-11-30T07:00:00Z',
  'ACME,TEAM fallback entry:0badcafe secret:0ddb foreign file:/workspaces/my app//.devcontainer/r.env',
  ...['A expires:2026-02-30T24:00:00Z', 'A expires:0000-00-00T00:00:00Z', 'A file:/\n/\u0000'],
  // Of a version to come, and of another program.
  'ACME entry:1a2b3c4d secret:5e6f7a8b scope:pull',
  '{"registry-auth":{"reg.example.com":"2 ACME sha256:00"},"registry-auth-state":{"phase":"3"}}',
  '{"registry-auth":null,"registry-auth-previous":{"auths foreign.io":null},"scan":{"x":"y"}}',
  '{"registry-auth":{"foreign.io":"A entry:00000000 helper","constructor":"B helper"}}',
  // Planted: what would be put back, at keys of others too.
  ...[JSON.stringify(entry('mallory', 'planted')), '{}', 'null', '{"auth":"="}', '[]', '"pass"'],
  '{"registry-auth-previous":{"auths foreign.io":"{\\"auth\\":\\"YTpi\\"}","credHelpers q.io":"\\"x\\""}}',
];

const FOREIGN = { 'foreign.io': ['zoe', 'of zoe'], 'docker.io': ['zoe', 'of the hub'] } as const;
const HOSTS = ['reg.example.com', 'q.io', 'foreign.io', 'docker.io', 'constructor', 'r.io:443'];

/** Where in `plugins` the text stands. */
const PLACES = {
  plugins: (text: string) => text,
  record: (text: string) => pluginsWith('registry-auth', { 'reg.example.com': text }),
  'previous entry': (text: string) =>
    pluginsWith('registry-auth-previous', { 'auths reg.example.com': text }),
  'previous helper': (text: string) =>
    pluginsWith('registry-auth-previous', { 'credHelpers reg.example.com': text }),
  login: (text: string) => pluginsWith('registry-auth', { [text]: 'ACME helper' }),
  place: (text: string) => pluginsWith('registry-auth-previous', { [text]: '{"auth":"YTpi"}' }),
  'many logins': (text: string) =>
    pluginsWith('registry-auth', Object.fromEntries(chunksOf(text).map((name) => [name, 'A']))),
} as const;
const WHERE = Object.keys(PLACES) as (keyof typeof PLACES)[];

function pluginsWith(plugin: string, members: Record<string, string>): string {
  return JSON.stringify({ [plugin]: members });
}

/** Names of one length, each once. */
function chunksOf(text: string): string[] {
  const count = Math.ceil(text.length / 32);
  return Array.from(
    { length: count },
    (_, index) => `${index}.${text.slice(index * 32).slice(0, 32)}`,
  );
}

const extra = fc.record({
  where: fc.constantFrom(...WHERE),
  host: fc.constantFrom(...HOSTS),
  prune: fc.boolean(),
  store: fc.boolean(),
});
type Extra = typeof extra extends fc.Arbitrary<infer T> ? T : never;

/** A config.json with a text in its `plugins`, and logins. */
function fileWith(text: string, where: Extra['where'], logins = '{}', isStore = false): string {
  const store = isStore ? '"credsStore":"desktop",' : '';
  return `{${store}"auths":${logins},"plugins":${PLACES[where](text)}}`;
}

function deskWith(text: string, { where, store }: Extra, logins?: string): Desk {
  return new Desk(fileWith(text, where, logins, store));
}

const auths = (logins: Record<string, readonly [string, string]>) =>
  JSON.stringify(JSON.parse(configWith(logins)).auths);

/** `plugins` but for what is ours and understood. */
function keptParts(text: string | undefined, damaged: readonly string[]): unknown {
  const { plugins }: DockerJson = JSON.parse(text ?? '{}');
  return Object.entries(plugins ?? {}).map(([plugin, members]) => {
    if (!plugin.startsWith('registry-auth')) return [plugin, members];
    // What ours replaced and cannot be put back is of no use to anybody.
    const isRecord = plugin === 'registry-auth';
    const left = Object.entries(members ?? {}).filter(
      ([name]) => isRecord && damaged.includes(name),
    );
    return [plugin, Object.fromEntries(left)];
  });
}

function recordsIn(text: string, where: Extra['where']): DockerConfig['records'] {
  return parseDockerConfig(fileWith(text, where)).records;
}

function applyTo(text: string, where: Extra['where']): Desk {
  const desk = new Desk(fileWith(text, where));
  desk.apply(ACME, { prune: true });
  return desk;
}

/** As many logins as a text has room for. */
export const MANY_RECORDS = parser<null>({
  name: 'many records',
  valid: fc.constant(''),
  around: [],
  extra: fc.constant(null),
  read: ({ text }) => applyTo(text, 'many logins').logout(),
  properties: {},
});

/** Logins whose record cannot be understood, and places whose previous value can't be put back. */
function damagedIn({ logins, unfit }: Records): string[] {
  const names = [...logins].flatMap(([name, managed]) => (isDamaged(managed) ? name : []));
  return [...names, ...unfit];
}

export const RECORD = parser<Extra>({
  name: 'record',
  valid: fc.constantFrom(...VALID),
  around: [
    ['{"registry-auth":{"', '":"A"}}'],
    ['{"registry-auth":{"r.io":"', '"}}'],
    ['{"registry-auth-previous":{"auths r.io":"', '"}}'],
    ['A', ' entry:1a2b3c4d'],
    ['A file:/', ''],
    ['{"auth":"', '"}'],
  ],
  extra,
  read: ({ text }) => {
    // Many take long, so they are tried below, less often.
    for (const where of WHERE) if (where !== 'many logins') applyTo(text, where);
  },
  properties: {
    'what is kept of any text is whole, and is rendered the same': ({ text }, { where }) => {
      const records = recordsIn(text, where);
      const damaged = damagedIn(records);
      for (const [name, record] of records.logins) {
        if (damaged.includes(name)) continue;
        assert.ok(record.ids.length > 0 && record.ids.every((id) => /^[A-Za-z_]\w*$/.test(id)));
        assert.ok(record.expiresAt === undefined || record.expiresAt % 1000 === 0);
        assert.deepEqual(parseManaged(renderManaged(record)), record);
      }
    },
    'a text that is understood is the one that we write, but for a day that there is not': ({
      text,
    }) => {
      const record = parseManaged(text);
      const time = record?.expiresAt ?? 0;
      const isDay = !text.includes(' expires:') || text.includes(toSeconds(time));
      if (record && isDay) assert.equal(renderManaged(record), text);
    },
    'what it would put back into config.json can stand there': ({ text }, { where }) => {
      for (const [place, json] of recordsIn(text, where).previous) {
        const section = place.startsWith('auths ') ? 'auths' : 'credHelpers';
        const value = JSON.parse(json);
        if (section === 'credHelpers') assert.equal(typeof value, 'string');
        else assert.ok(typeof value === 'object' && !Array.isArray(value));
        assert.equal(parseDockerConfig(`{"${section}":{"x":${json}}}`).fault, undefined);
      }
    },
    'it costs nobody a login, whatever it says': ({ text }, given) => {
      const desk = deskWith(text, given, auths(FOREIGN));
      const before = desk.texts.config;
      const { texts, problems } = desk.apply({ N: ['new.io', 'u', 'p'] }, given);
      if (problems.length > 0) {
        assert.deepEqual(texts, {});
        desk.logout();
        return assert.equal(desk.texts.config, before);
      }
      assert.deepEqual(desk.config.auths?.['new.io'], entry('u', 'p'));
      expectForeign(desk);
      desk.logout();
      expectForeign(desk);
      assert.equal(desk.config.auths?.['new.io'], undefined);
    },
    'a record that cannot be understood stays, and so does what other programs keep': (
      { text },
      given,
    ) => {
      const desk = deskWith(text, given);
      const before = desk.texts.config;
      const { problems, notices } = desk.apply({ N: ['new.io', 'u', 'p'] }, given);
      if (problems.length > 0) return;
      const damaged = damagedIn(recordsIn(text, given.where));
      const isTold = notices.some(({ code }) => code === 'RECORD_DAMAGED');
      assert.equal(isTold, damaged.length > 0);
      const logins = damaged.filter((name) => name !== 'new.io' && !/^\w+ /.test(name));
      const [kept, was] = [desk.texts.config, before].map((one) => keptParts(one, logins));
      const names = (all: unknown) =>
        (all as [string, object][]).filter(([, one]) => !isEmpty(one));
      assert.deepEqual(names(kept), names(was));
    },
    'a second run changes nothing, and what it wrote has no fault': ({ text }, given) => {
      const desk = deskWith(text, given);
      const triples: Triples = { ...ACME, X: [given.host, 'u', 'secret of x'] };
      const { problems } = desk.apply(triples, given);
      const { logins } = desk.records;
      const damaged = damagedIn(desk.records);
      assert.deepEqual(desk.apply(triples, given).texts, {});
      if (problems.length > 0) return;
      assert.deepEqual(desk.state.problems, []);
      // A fallback waits where it can't be known whose the login was.
      for (const name of ['reg.example.com', 'q.io/team']) {
        assert.ok(!damaged.includes(name));
        assert.ok(logins.get(name));
      }
    },
    'our helper answers with a login of the file, a triple or nothing; status can tell': (
      { text },
      given,
    ) => {
      const { host } = given;
      const triples: Triples = { X: [host, 'u', 'secret of x'] };
      const desk = deskWith(text, given, auths({ [host]: ['bob', 'in the file'] }));
      assert.ok(['u:secret of x', 'bob:in the file'].includes(desk.get(host, triples) ?? ''));
      assert.ok(['bob:in the file', undefined].includes(desk.get(host)));
      const known = { found: { desired: [] }, state: desk.state };
      for (const [key, user] of Object.entries(listUsers(known, 0)))
        assert.deepEqual([typeof key, user], ['string', 'bob']);
      // At the beginning of time, with our helper, which answers nothing.
      const circumstances = {
        request: NO_REQUEST,
        canAnswer: () => false,
        keptEndOf: () => undefined,
        hasCache: true,
      };
      const states = findStatusKeys(desk.state, circumstances);
      for (const { id, provider, state } of states)
        assert.deepEqual(
          [id, provider, state].map((one) => typeof one),
          Array(3).fill('string'),
        );
    },
  },
});

function isEmpty(value: object | null): boolean {
  return Object.keys(value ?? {}).length === 0;
}

function expectForeign({ config }: Desk): void {
  for (const [key, [user, password]] of Object.entries(FOREIGN))
    assert.deepEqual(config.auths?.[key], entry(user, password));
}

function toSeconds(time: number): string {
  return new Date(time).toISOString().replace('.000', '');
}
