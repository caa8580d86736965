import { describe, expect, test } from '@jest/globals';
import { Desk, ENV_FILE } from '../support/desk.ts';
import { triple } from '../support/triples.ts';

const A = (password: string): Record<string, readonly [string, string, string]> => ({
  A: ['r.io', 'u', password],
});
const THEIRS = JSON.stringify({ auths: { 'r.io': { auth: 'dGhlbTpvbGQ=' } } });

describe('the most recent explicit statement wins (docs/architecture.md, Who wins)', () => {
  test('wanted, nothing there: written', () => {
    const desk = new Desk();
    expect(desk.apply(A('1')).keys).toEqual([
      { key: 'r.io', id: 'A', provider: 'other', outcome: 'written' },
    ]);
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
  });

  test('wanted, equal already: adopted, and only our record is written', () => {
    const desk = new Desk('{"auths":{"r.io":{"auth":"dTox"}}}');
    expect(desk.apply(A('1')).outcomes).toEqual({ 'r.io': 'unchanged' });
    expect(desk.others).toEqual({ auths: { 'r.io': { auth: 'dTox' } } });
    expect(desk.apply(A('1')).texts).toEqual({});
    desk.apply({}, { prune: true });
    expect(desk.texts).toEqual({ config: '{"auths":{}}', logins: undefined });
  });

  test("wanted, somebody's entry, no record: replaced, and given back in the end", () => {
    const desk = new Desk(THEIRS);
    desk.apply(A('1'));
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
    desk.apply({}, { prune: true });
    expect(desk.texts).toEqual({ config: THEIRS, logins: undefined });
  });

  test('what comes back is what it was, byte for byte', () => {
    const text = '{"auths": {"r.io":\t{ "x-kept" : 1 ,"auth":"dGhlbTpvbGQ="}, "s.io": {}}}\n';
    const desk = new Desk(text);
    desk.apply(A('1'));
    desk.logout();
    expect(desk.texts.config).toBe(text);
  });

  test('wanted, as we wrote it: updated where the secret differs, else nothing is written', () => {
    const desk = new Desk(THEIRS);
    desk.apply(A('1'));
    expect(desk.apply(A('1')).texts).toEqual({});
    desk.apply(A('2'));
    expect(desk.logins).toEqual({ 'r.io': 'u:2' });
    desk.logout();
    expect(desk.texts.config).toBe(THEIRS);
  });

  test('a login since, the secret unchanged: theirs is kept, again and again, until --force', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.login('r.io', 'me', 'mine');
    for (let start = 0; start < 3; start += 1) {
      expect(desk.apply(A('1')).keys).toEqual([
        { key: 'r.io', id: 'A', provider: 'other', outcome: 'kept' },
      ]);
      expect(desk.logins).toEqual({ 'r.io': 'me:mine' });
    }
    desk.apply(A('1'), { force: true });
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
  });

  test('a login since, then the secret changes: the secret is newer', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.login('r.io', 'me', 'mine');
    desk.apply(A('1'));
    desk.apply(A('2'));
    expect(desk.logins).toEqual({ 'r.io': 'u:2' });
  });

  test('a login since with what we had replaced: theirs is kept', () => {
    const desk = new Desk(THEIRS);
    desk.apply(A('1'));
    desk.login('r.io', 'them', 'old');
    expect(desk.apply(A('1')).keys.map(({ outcome }) => outcome)).toEqual(['kept']);
    expect(desk.logins).toEqual({ 'r.io': 'them:old' });
  });

  test('a logout since: written again', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.rewrite((config) => delete config.auths?.['r.io']);
    desk.apply(A('1'));
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
  });

  test('no longer wanted, but the environment may be incomplete: kept', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    expect(desk.apply({}).texts).toEqual({});
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
  });

  test('no longer wanted, changed since: theirs stays, and the record goes', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.login('r.io', 'me', 'mine');
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'me:mine' });
    expect(desk.records.logins.size).toBe(0);
  });

  test.each<[string, Record<string, string>]>([
    ['without USER', { A_CONTAINER_REGISTRY_SERVER: 'r.io', A_CONTAINER_REGISTRY_PASSWORD: '1' }],
    ['without SERVER', { A_CONTAINER_REGISTRY_USER: 'u', A_CONTAINER_REGISTRY_PASSWORD: '1' }],
    ['whose SERVER is none', triple('A', 'no host!', 'u', '1')],
    ['whose USER cannot be stored', triple('A', 'r.io', 'u:u', '1')],
  ])('a triple %s is neither desired nor gone', (_, variables) => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.apply(variables, { prune: true });
    expect(desk.logins).toMatchObject({ 'r.io': 'u:1' });
  });

  test('a triple that lost a login to another ID is neither desired nor gone', () => {
    const desk = new Desk();
    desk.apply({ B: ['r.io', 'u', '1'] });
    desk.apply({ A: ['s.io', 'u', '2'], B: ['s.io', 'u', '1'] }, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'u:1', 's.io': 'u:2' });
  });

  test('a triple without PASSWORD is gone: the secret was taken away', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    const rest = { A_CONTAINER_REGISTRY_SERVER: 'r.io', A_CONTAINER_REGISTRY_USER: 'u' };
    desk.apply(rest);
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
    desk.apply(rest, { prune: true });
    expect(desk.texts).toEqual({ config: '{\n\t"auths": {}\n}', logins: undefined });
  });

  test('a triple of an env file that cannot be read just now is neither desired nor gone', () => {
    const desk = new Desk();
    desk.apply({}, { file: A('1') });
    desk.apply({}, { prune: true, unread: [ENV_FILE] });
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({});
  });

  test('never wanted, in no record: never touched', () => {
    const desk = new Desk(THEIRS);
    expect(desk.apply({}, { prune: true }).texts).toEqual({});
    expect(desk.logout().texts).toEqual({});
  });

  test('an ID renamed: the entry stays, under the new ID', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.apply({ B: ['r.io', 'u', '1'] }, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
    expect(desk.record('r.io')).toMatch(/^B entry/);
  });

  test('a server renamed: the old entry goes', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.apply({ A: ['new.io', 'u', '1'] }, { prune: true });
    expect(desk.logins).toEqual({ 'new.io': 'u:1' });
  });
});

test("a server renamed to another of Docker Hub's names: no old secret stays under the old one", () => {
  const desk = new Desk();
  desk.apply({ A: ['registry-1.docker.io', 'u', 'old'] });
  expect(Object.keys(desk.config.auths ?? {})).toContain('registry-1.docker.io');
  desk.apply({ A: ['docker.io', 'u', 'new'] });
  expect(Object.keys(desk.config.auths ?? {})).toEqual([
    'https://index.docker.io/v1/',
    'docker.io',
  ]);
});

describe("GitHub's own token", () => {
  const env = (token: string) => ({ CODESPACES: 'true', GITHUB_USER: 'me', GITHUB_TOKEN: token });

  test('follows every new one', () => {
    const desk = new Desk();
    desk.apply(env('1'));
    desk.apply(env('2'));
    expect(desk.logins).toEqual({ 'ghcr.io': 'me:2' });
  });

  test('is no answer of our helper where no hook put it', () => {
    const desk = new Desk('{"credHelpers":{"ghcr.io":"registry-auth"}}');
    expect(desk.get('ghcr.io', env('1'))).toBeUndefined();
    desk.apply(env('1'), { mode: 'helper' });
    expect(desk.get('ghcr.io', env('1'))).toBe('me:1');
  });

  test("gives way to somebody's entry, before and after its own", () => {
    const before = new Desk('{"auths":{"ghcr.io":{"auth":"dGhlbTpvbGQ="}}}');
    expect(before.apply(env('1')).texts).toEqual({});
    const after = new Desk();
    after.apply(env('1'));
    after.login('ghcr.io', 'me', 'write-token');
    after.apply(env('2'));
    expect(after.logins).toEqual({ 'ghcr.io': 'me:write-token' });
  });

  test('gives way to an explicit triple, which takes over its entry', () => {
    const desk = new Desk();
    desk.apply(env('1'));
    desk.apply({ ...env('1'), A: ['ghcr.io', 'u', 'p'] }, { prune: true });
    expect(desk.logins).toEqual({ 'ghcr.io': 'u:p' });
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({});
  });

  test('does not take the place of an explicit triple that this shell lacks, or that is broken', () => {
    const desk = new Desk();
    desk.apply({ ...env('1'), A: ['ghcr.io', 'u', 'p'] }, { prune: true });
    desk.apply(env('1'));
    expect(desk.logins).toEqual({ 'ghcr.io': 'u:p' });
    desk.apply(
      { ...env('2'), A_CONTAINER_REGISTRY_SERVER: 'ghcr.io', A_CONTAINER_REGISTRY_PASSWORD: 'p' },
      { prune: true },
    );
    expect(desk.logins).toEqual({ 'ghcr.io': 'u:p' });
  });

  test('comes after what an explicit triple had replaced', () => {
    const text = '{"auths":{"ghcr.io":{"auth":"dGhlbTpvbGQ="}}}';
    const desk = new Desk(text);
    desk.apply({ A: ['ghcr.io', 'u', 'p'] });
    desk.apply(env('2'), { prune: true });
    expect(desk.texts).toEqual({ config: text, logins: undefined });
    const empty = new Desk();
    empty.apply({ ...env('1'), A: ['ghcr.io', 'u', 'p'] }, { prune: true });
    empty.apply(env('2'), { prune: true });
    expect(empty.logins).toEqual({ 'ghcr.io': 'me:2' });
  });

  test('written into the file by GitHub itself is no login of the user', () => {
    const desk = new Desk();
    const triple: Record<string, [string, string, string]> = { A: ['ghcr.io', 'u', 'p'] };
    desk.apply({ ...env('1'), ...triple });
    desk.login('ghcr.io', 'me', '2');
    desk.apply({ ...env('2'), ...triple });
    expect(desk.logins).toEqual({ 'ghcr.io': 'u:p' });
  });

  test("nor is GitHub's account at Docker Hub", () => {
    const desk = new Desk();
    const triple: Record<string, [string, string, string]> = { H: ['docker.io', 'u', 'p'] };
    desk.apply(triple);
    desk.login('https://index.docker.io/v1/', 'codespacesdev', 'token');
    desk.apply(triple);
    expect(desk.logins['https://index.docker.io/v1/']).toBe('u:p');
  });

  test('does not come where a triple of ghcr.io is broken, and was never written', () => {
    const desk = new Desk();
    const broken = {
      A_CONTAINER_REGISTRY_SERVER: 'ghcr.io/team',
      A_CONTAINER_REGISTRY_PASSWORD: 'p',
    };
    expect(desk.apply({ ...env('1'), ...broken }, { prune: true }).texts).toEqual({});
  });

  test("leaves somebody's login alone beside a credsStore too", () => {
    const desk = new Desk('{"credsStore":"x","auths":{"ghcr.io":{"auth":"dGhlbTpvbGQ="}}}');
    expect(desk.apply(env('1')).texts).toEqual({});
  });

  test("leaves somebody's helper alone", () => {
    const desk = new Desk('{"credHelpers":{"ghcr.io":"gh"}}');
    expect(desk.apply(env('1')).texts).toEqual({});
  });
});

describe('credHelpers', () => {
  const HUB: Record<string, [string, string, string]> = { H: ['docker.io', 'u', 'p'] };
  /** By every name that a client asks for (oras, skopeo and podman by the last two). */
  const NAMES = [
    'https://index.docker.io/v1/',
    'docker.io',
    'index.docker.io',
    'registry-1.docker.io',
  ];
  const OURS = Object.fromEntries(NAMES.map((name) => [name, 'registry-auth']));

  test('has our keys exactly as long as a credsStore is set, and the credsStore stays', () => {
    const desk = new Desk();
    desk.apply(HUB);
    expect(desk.config.credHelpers).toBeUndefined();
    desk.rewrite((config) => {
      config.credsStore = 'dev-containers-1';
    });
    desk.apply(HUB);
    expect(desk.config).toMatchObject({ credsStore: 'dev-containers-1', credHelpers: OURS });
    expect(desk.logins).toMatchObject({ 'docker.io': 'u:p' });
    desk.rewrite((config) => delete config.credsStore);
    desk.apply(HUB);
    expect(desk.config.credHelpers).toBeUndefined();
  });

  test('has the keys of namespaces too, because testcontainers asks for every key of auths', () => {
    const desk = new Desk('{"credsStore":"x"}');
    desk.apply({ A: ['r.io/a', 'u', 'p'], B: ['r.io/b', 'v', 'q'] });
    const both = { 'r.io/a': 'registry-auth', 'r.io/b': 'registry-auth' };
    expect(desk.config.credHelpers).toEqual({ ...both, 'r.io': 'registry-auth' });
    expect(Object.keys(desk.logins)).toEqual(['r.io/a', 'r.io/b', 'r.io']);
    expect(Object.keys(desk.config.credHelpers ?? {}).at(-1)).toBe('r.io');
    desk.rewrite((config) => delete config.credsStore);
    desk.apply({ A: ['r.io/a', 'u', 'p'], B: ['r.io/b', 'v', 'q'] });
    expect(desk.config.credHelpers).toBeUndefined();
  });

  test('has no key of a namespace whose host is another login', () => {
    const desk = new Desk(THEIRS);
    desk.rewrite((config) => {
      config.credHelpers = { 'r.io': 'other' };
    });
    desk.apply({ A: ['r.io/a', 'u', 'p'] });
    expect(desk.config.credHelpers).toEqual({ 'r.io': 'other' });
  });

  test('has the keys where DevPod is about to save a store of its own', () => {
    const devpod = { DEVPOD: 'true', ...A('1') };
    const desk = new Desk();
    desk.apply(devpod);
    expect(desk.others).toEqual({
      auths: { 'r.io': { auth: 'dTox' } },
      credHelpers: { 'r.io': 'registry-auth' },
    });
    expect(desk.apply(devpod).texts).toEqual({});
    desk.apply({ ...A('1'), DEVPOD: 'false' });
    expect(desk.config.credHelpers).toBeUndefined();
  });

  test('in helper mode no entry is written, and one that we wrote goes', () => {
    const desk = new Desk();
    desk.apply(HUB);
    desk.apply(HUB, { mode: 'helper' });
    expect(desk.others).toEqual({ auths: {}, credHelpers: OURS });
    desk.apply(HUB);
    expect(desk.others).toEqual({ auths: expect.anything() });
  });

  test("somebody's helper at our key would answer instead, so ours takes its place and gives it back", () => {
    const text = '{\n  "credHelpers": {\n    "gcr.io": "gcloud",\n    "r.io": ""\n  }\n}\n';
    const desk = new Desk(text);
    desk.apply(A('1'));
    expect(desk.config.credHelpers).toEqual({ 'gcr.io': 'gcloud', 'r.io': 'registry-auth' });
    expect(desk.apply(A('1')).texts).toEqual({});
    desk.logout();
    expect(desk.config).toEqual({ ...JSON.parse(text), auths: {} });
    expect(desk.config.plugins).toBeUndefined();
  });

  test('is not written while our helper is not on PATH; the entry is', () => {
    const desk = new Desk('{"credsStore":"x"}');
    const { problems } = desk.apply(HUB, { canUseHelper: false });
    expect(problems.map(({ code, what }) => `${code} ${what}`)).toEqual([
      'HELPER_NOT_FOUND is not on PATH, but docker needs it for H',
    ]);
    expect(desk.config.credHelpers).toBeUndefined();
    expect(desk.logins['docker.io']).toBe('u:p');
  });

  test('what ours replaced is back where no secret may rest and our helper cannot be asked', () => {
    const desk = new Desk(THEIRS);
    desk.apply(A('1'));
    desk.apply(A('1'), { mode: 'helper', canUseHelper: false });
    expect(desk.texts.config).toBe(THEIRS);
  });

  test('a prebuild leaves nothing behind that is derived from a secret', () => {
    const desk = new Desk();
    desk.apply(HUB, { mode: 'helper', isPrebuild: true });
    expect(desk.others).toEqual({ auths: {}, credHelpers: OURS });
    expect(desk.config.plugins).toEqual({ 'registry-auth': { 'docker.io': 'H helper' } });
    desk.apply(HUB);
    expect(desk.config.credHelpers).toBeUndefined();
    expect(desk.logins['docker.io']).toBe('u:p');
  });
});

describe('a token that expires', () => {
  const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
  const KEYS: Record<string, [string, string, string]> = {
    E: [HOST, 'AKIAIOSFODNN7EXAMPLE', 'secret'],
  };
  const token = (password: string, expiresAt: number) =>
    new Map([['E', { user: 'AWS', secret: password, expiresAt }]]);

  test('is in the file, and our helper renews it', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100_000) });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t1' });
    expect(desk.config.credHelpers).toEqual({ [HOST]: 'registry-auth' });
    expect(desk.records.logins.get(HOST)?.expiresAt).toBe(100_000);
    desk.apply(KEYS, { credentials: token('t2', 200_000), now: 60_000 });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t2' });
  });

  test("of somebody's that has died is no login, and does not come back", () => {
    const at = (seconds: number) => btoa(JSON.stringify({ payload: 'x', expiration: seconds }));
    const desk = new Desk();
    desk.login(HOST, 'AWS', at(50));
    desk.apply({ E: [HOST, 'AWS', at(90)] }, { now: 60_000 });
    desk.login(HOST, 'AWS', at(70));
    desk.apply({ E: [HOST, 'AWS', at(90)] }, { now: 80_000 });
    expect(desk.logins).toEqual({ [HOST]: `AWS:${at(90)}` });
    expect(desk.records.previous.size).toBe(0);
    desk.login(HOST, 'AWS', at(89));
    expect(desk.apply({ E: [HOST, 'AWS', at(90)] }, { now: 80_000 }).outcomes).toEqual({
      [HOST]: 'kept',
    });
  });

  test('that could not be had has had no say, so that the next one is news still', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100_000) });
    desk.login(HOST, 'hand', 'made');
    const rotated = { E: [HOST, 'AKIAIOSFODNN7EXAMPLE', 'rotated'] } as const;
    desk.apply(rotated, { credentials: new Map([['E', 'unavailable' as const]]) });
    expect(desk.logins).toEqual({ [HOST]: 'hand:made' });
    desk.apply(rotated, { credentials: token('t2', 100_000) });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t2' });
  });

  test('that could not be had leaves a login with our helper where it is, and then replaces it', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100_000) });
    desk.store(HOST, 'hand', 'made', KEYS);
    const rotated = { E: [HOST, 'AKIAIOSFODNN7EXAMPLE', 'rotated'] } as const;
    const stored = desk.texts.logins;
    desk.apply(rotated, { credentials: new Map([['E', 'unavailable' as const]]) });
    expect(desk.texts.logins).toBe(stored);
    desk.apply(rotated, { credentials: token('t2', 100_000) });
    expect(desk.texts.logins).toBeUndefined();
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t2' });
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({ [HOST]: 'hand:made' });
  });

  test('leaves no end behind when the keys give way to a token of the user', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100_000) });
    desk.apply({ E: [HOST, 'AWS', 'token'] });
    expect(desk.record(HOST)).not.toContain('expires');
  });

  test('that somebody else exchanged from the same keys is no login of the user', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100_000) });
    desk.login(HOST, 'AWS', "GitHub's");
    desk.apply(KEYS, { credentials: token('t1', 100_000) });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t1' });
  });

  test('stays while it lives when no new one can be had, and goes when it has expired; the helper stays', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100_000) });
    const failed = new Map([['E', 'unavailable' as const]]);
    expect(desk.apply(KEYS, { credentials: failed, now: 99_999 }).texts).toEqual({});
    desk.apply(KEYS, { credentials: failed, now: 100_000 });
    expect(desk.logins).toEqual({});
    expect(desk.config.credHelpers).toEqual({ [HOST]: 'registry-auth' });
  });
});

describe('an older entry of ours that comes back', () => {
  const rotate = (desk: Desk, count: number) => {
    for (let index = 1; index <= count; index += 1) desk.apply(A(`${index}`));
  };

  test('is ours still, and gives way to the secret', () => {
    const desk = new Desk();
    desk.apply(A('old'));
    const { config } = desk.texts;
    rotate(desk, 2);
    desk.texts = { ...desk.texts, config };
    expect(desk.apply(A('2')).notices).toEqual([]);
    expect(desk.logins).toEqual({ 'r.io': 'u:2' });
  });

  test('goes with its secret', () => {
    const desk = new Desk(THEIRS);
    desk.apply(A('old'));
    const { config } = desk.texts;
    rotate(desk, 2);
    desk.texts = { ...desk.texts, config };
    desk.apply({}, { prune: true });
    expect(desk.texts).toEqual({ config: THEIRS, logins: undefined });
  });

  test('is known by its own record, after however many rotations', () => {
    const desk = new Desk();
    desk.apply(A('old'));
    const { config } = desk.texts;
    rotate(desk, 100);
    desk.texts = { ...desk.texts, config };
    expect(desk.apply(A('100')).outcomes).toEqual({ 'r.io': 'written' });
    expect(desk.record('r.io')).toMatch(/^A entry:[0-9a-f]{8} secret:[0-9a-f]{8}$/);
  });

  test('without its record is foreign: it becomes previous once, and nothing is lost', () => {
    const desk = new Desk();
    desk.apply(A('old'));
    desk.dropPlugins();
    expect(desk.apply(A('old')).outcomes).toEqual({ 'r.io': 'unchanged' });
    desk.dropPlugins();
    expect(desk.apply(A('new')).outcomes).toEqual({ 'r.io': 'written' });
    expect(desk.logins).toEqual({ 'r.io': 'u:new' });
    desk.logout();
    expect(desk.logins).toEqual({ 'r.io': 'u:old' });
  });

  test('is seen through also where GitHub wrote the new secret before we did', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.login('r.io', 'u', '2');
    desk.apply(A('2'));
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({});
  });

  test('with a dead GITHUB_TOKEN gives way to the new one', () => {
    const codespace = (token: string) => ({
      CODESPACES: 'true',
      GITHUB_USER: 'me',
      GITHUB_TOKEN: token,
    });
    const desk = new Desk();
    desk.apply(codespace('ghu_first'));
    const { config } = desk.texts;
    for (const token of ['ghu_second', 'ghu_third']) desk.apply(codespace(token));
    desk.texts = { ...desk.texts, config };
    desk.apply(codespace('ghu_fourth'));
    expect(desk.logins).toEqual({ 'ghcr.io': 'me:ghu_fourth' });
    // One that GitHub wrote by itself, and that this file never saw.
    desk.login('ghcr.io', 'me', 'ghu_unseen');
    desk.apply(codespace('ghu_fifth'));
    expect(desk.logins).toEqual({ 'ghcr.io': 'me:ghu_fifth' });
    desk.login('ghcr.io', 'me', 'ghp_personal');
    desk.apply(codespace('ghu_sixth'));
    expect(desk.logins).toEqual({ 'ghcr.io': 'me:ghp_personal' });
  });
});

test('a secret that is gone goes also where GITHUB_TOKEN takes its key over in helper mode', () => {
  const env = { CODESPACES: 'true', GITHUB_USER: 'me', GITHUB_TOKEN: 'ghu_token' };
  const desk = new Desk();
  desk.apply({ ...env, ACME: ['ghcr.io', 'u', 'password-of-acme'] });
  desk.apply(env, { prune: true, mode: 'helper' });
  expect(desk.others).toEqual({ auths: {}, credHelpers: { 'ghcr.io': 'registry-auth' } });
  expect(desk.get('ghcr.io', env)).toBe('me:ghu_token');
});

describe("what GitHub writes by itself is nobody's statement", () => {
  const HUB = { H: ['docker.io', 'u', 'p'] } as const;
  const KEY = 'https://index.docker.io/v1/';

  test('and comes back with the end of the secret where it is of use still', () => {
    const desk = new Desk();
    desk.login(KEY, 'codespacesdev', 'token');
    desk.apply(HUB);
    expect(desk.logins).toEqual({ [KEY]: 'u:p', 'docker.io': 'u:p' });
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({ [KEY]: 'codespacesdev:token' });
  });

  test('and stays where our helper is asked anyway', () => {
    const desk = new Desk();
    desk.login(KEY, 'codespacesdev', 'token');
    desk.apply(HUB, { mode: 'helper' });
    desk.store(KEY, 'hand', 'made', HUB);
    desk.login(KEY, 'codespacesdev', 'token');
    desk.apply(HUB, { mode: 'helper' });
    expect(desk.logins).toEqual({ [KEY]: 'codespacesdev:token' });
  });

  test('and does not come back where it would be dead', () => {
    const env = { CODESPACES: 'true', GITHUB_USER: 'me', GITHUB_TOKEN: 'ghu_token' };
    const desk = new Desk();
    desk.login('ghcr.io', 'me', 'ghu_token');
    desk.apply({ ...env, A: ['ghcr.io', 'u', 'p'] });
    expect(desk.records.previous.size).toBe(0);
  });
});

describe('a namespace of a host', () => {
  test('of Docker Hub reports each key once', () => {
    const desk = new Desk();
    desk.login('registry-1.docker.io/team', 'u', '1');
    const { keys } = desk.apply({ A: ['docker.io/team', 'u', '1'] });
    expect(keys.filter(({ key }) => key.endsWith('/team')).map(({ key }) => key)).toEqual([
      'docker.io/team',
      'registry-1.docker.io/team',
    ]);
  });

  const TEAM = { T: ['r.io/team', 'u', 'p'] } as const;

  test("leaves somebody's login for the whole host, and says so", () => {
    const desk = new Desk(THEIRS);
    const { outcomes, notices } = desk.apply(TEAM);
    expect(outcomes).toEqual({ 'r.io': 'kept', 'r.io/team': 'written' });
    expect(desk.logins).toEqual({ 'r.io': 'them:old', 'r.io/team': 'u:p' });
    expect(notices.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['LOGIN_KEPT T']);
  });

  test('leaves it with --force too, which is for keys that are ours by right', () => {
    const desk = new Desk(THEIRS);
    desk.apply(TEAM, { force: true });
    expect(desk.logins['r.io']).toBe('them:old');
  });

  test('gives the host to a login that is made later, and takes it back after the logout', () => {
    const desk = new Desk();
    desk.apply(TEAM);
    desk.login('r.io', 'hand', 'made');
    desk.apply({ T: ['r.io/team', 'u', 'rotated'] });
    expect(desk.logins).toEqual({ 'r.io': 'hand:made', 'r.io/team': 'u:rotated' });
    desk.rewrite((config) => delete config.auths?.['r.io']);
    desk.apply(TEAM);
    expect(desk.logins).toEqual({ 'r.io': 'u:p', 'r.io/team': 'u:p' });
  });

  test('does not take the host from a triple that this shell lacks, nor from what stood before it', () => {
    const desk = new Desk(THEIRS);
    desk.apply({ A: ['r.io', 'a', 'a'], ...TEAM });
    desk.apply(TEAM);
    expect(desk.logins['r.io']).toBe('a:a');
    desk.apply(TEAM, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'them:old', 'r.io/team': 'u:p' });
    expect(desk.apply(TEAM, { prune: true }).texts).toEqual({});
  });

  test('nor does our helper stay there for it', () => {
    const desk = new Desk(JSON.stringify({ credsStore: 'x', ...JSON.parse(THEIRS) }));
    desk.apply({ A: ['r.io', 'a', 'a'], ...TEAM });
    const both = { 'r.io/team': 'registry-auth', 'r.io': 'registry-auth' };
    expect(desk.config.credHelpers).toEqual(both);
    desk.apply(TEAM, { prune: true });
    expect(desk.config.credHelpers).toBeUndefined();
  });

  test('takes it from another namespace at once, whose triple this shell lacks', () => {
    const desk = new Desk();
    desk.apply(TEAM);
    desk.apply({ U: ['r.io/other', 'v', 'q'] });
    expect(desk.logins).toEqual({ 'r.io/team': 'u:p', 'r.io/other': 'v:q', 'r.io': 'v:q' });
  });

  test('takes it from its own ID at once, which named the whole host before', () => {
    const desk = new Desk();
    desk.apply({ T: ['r.io', 'u', 'old'] });
    desk.apply(TEAM);
    expect(desk.logins).toEqual({ 'r.io/team': 'u:p', 'r.io': 'u:p' });
  });

  test('gives the host to a login through our helper, whatever becomes of its secret', () => {
    const desk = new Desk('{"credsStore":"x"}');
    desk.apply(TEAM);
    desk.store('r.io', 'hand', 'made', TEAM);
    const rotated = { T: ['r.io/team', 'u', 'rotated'] } as const;
    expect(desk.get('r.io', rotated)).toBe('hand:made');
    desk.apply(rotated);
    expect(desk.get('r.io', rotated)).toBe('hand:made');
  });

  test('has no part in the record of a host that another ID names, and is no clash', () => {
    const desk = new Desk();
    desk.apply({ A: ['r.io', 'u', 'p'], ...TEAM });
    expect(desk.record('r.io')).toMatch(/^A entry/);
    expect(desk.record('r.io/team')).toMatch(/^T entry/);
    expect(desk.apply({ A: ['r.io', 'a', 'a'], ...TEAM }).problems).toEqual([]);
  });

  test('takes it where nothing stood before', () => {
    const desk = new Desk();
    desk.apply({ A: ['r.io', 'a', 'a'], ...TEAM });
    desk.apply(TEAM, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'u:p', 'r.io/team': 'u:p' });
  });

  test('beside another one: it is said whose the host is, where they are not the same', () => {
    const second = { U: ['r.io/other', 'v', 'q'] } as const;
    const { notices } = new Desk().apply({ ...TEAM, ...second });
    expect(notices.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      'NAMESPACE_SHARED U_CONTAINER_REGISTRY_SERVER',
    ]);
    expect(notices[0]?.what).toContain('use T for the whole host');
    const same = new Desk().apply({ ...TEAM, U: ['r.io/other', 'u', 'p'] });
    expect(same.notices).toEqual([]);
  });
});

describe('an identity token', () => {
  const TOKEN = { A: ['mycompany.azurecr.io', '<token>', 'refresh'] } as const;
  const user = '00000000-0000-0000-0000-000000000000:refresh';
  const entry = { auth: Buffer.from(user).toString('base64'), identitytoken: 'refresh' };

  test("has Azure's user and itself in auth, for clients that know no identity tokens", () => {
    const desk = new Desk();
    desk.apply(TOKEN);
    expect(desk.others).toEqual({ auths: { 'mycompany.azurecr.io': entry } });
    expect(desk.apply(TOKEN).texts).toEqual({});
    expect(desk.get('mycompany.azurecr.io', TOKEN)).toBe('<token>:refresh');
  });

  test('is ours also where docker has written it anew, and goes', () => {
    const desk = new Desk();
    desk.apply(TOKEN);
    desk.rewrite(() => undefined);
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({});
  });
});

describe("a host's own key comes behind its namespaces', for clients that take the last of a host", () => {
  const HOST = { A: ['r.io', 'a', 'a'] } as const;
  const TEAM = { T: ['r.io/team', 'u', 'p'] } as const;

  test('also where the namespace comes later, and it goes without a trace', () => {
    const desk = new Desk('{"auths": {"s.io": {"auth": "YTpi"}}, "x": 1}');
    desk.apply(HOST);
    const { config } = desk.texts;
    desk.apply({ ...HOST, ...TEAM });
    expect(Object.keys(desk.logins)).toEqual(['s.io', 'r.io/team', 'r.io']);
    desk.apply(HOST, { prune: true });
    expect(desk.texts.config).toBe(config);
  });

  test('and another order is no change', () => {
    const desk = new Desk();
    desk.apply({ ...HOST, ...TEAM });
    desk.rewrite(({ auths = {} }) => {
      const { 'r.io': host, ...others } = auths;
      for (const key of Object.keys(auths)) delete auths[key];
      Object.assign(auths, { 'r.io': host }, others);
    });
    expect(desk.apply({ ...HOST, ...TEAM }).texts).toEqual({});
  });
});

describe('in a codespace, where GitHub writes entries by itself', () => {
  const env = { CODESPACES: 'true' };
  const triple1 = { ...env, A: ['r.io', 'u', '1'] } as const;

  test('an entry without a record at a desired login is not put back', () => {
    const desk = new Desk(THEIRS);
    desk.apply(triple1);
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
    desk.apply(env, { prune: true });
    expect(desk.logins).toEqual({});
  });

  test("an entry of the triple's user is a copy where the file holds no record of ours at all", () => {
    const desk = new Desk();
    desk.apply({ ...env, A: ['r.io', 'u', 'old'] });
    desk.dropPlugins();
    desk.apply({ ...env, F: ['r.io', 'u', 'new'] }, { mode: 'helper' });
    expect(desk.logins).toEqual({});
  });

  test("a person's own token for ghcr.io is none, also without any record of ours", () => {
    const github = { ...env, GITHUB_USER: 'me', GITHUB_TOKEN: 'ghu_token' };
    const desk = new Desk();
    desk.login('ghcr.io', 'me', 'ghp_personal');
    expect(desk.apply(github).texts).toEqual({});
  });

  test('a login by hand of the same user is previous like any other where there is a record', () => {
    const desk = new Desk();
    desk.apply(triple1);
    desk.login('r.io', 'u', 'by hand');
    desk.apply({ ...env, A: ['r.io', 'u', '2'] });
    desk.apply(env, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'u:by hand' });
  });

  test('that postCreate has run is remembered beside what we wrote, and nowhere else', () => {
    const desk = new Desk();
    desk.apply(env, { isPostCreated: true });
    expect(desk.texts.config).toBeUndefined();
    desk.apply(triple1, { isPostCreated: true });
    expect(desk.config.plugins?.['registry-auth-state']).toEqual({ postCreate: 'done' });
    desk.logout();
    expect(desk.config).toEqual({
      auths: {},
      plugins: { 'registry-auth-state': { postCreate: 'done' } },
    });
  });
});

describe('the keys of one host are one login', () => {
  const KEY = 'https://index.docker.io/v1/';
  const HUB = { H: ['docker.io', 'u', 'p'] } as const;

  test.each([
    [KEY, 'docker.io'],
    ['docker.io', KEY],
  ])('a login at %s takes ours at %s away, until a logout or a new secret', (at, other) => {
    const desk = new Desk();
    desk.apply(HUB);
    desk.login(at, 'hand', 'made');
    const { outcomes, notices } = desk.apply(HUB);
    expect(outcomes).toMatchObject({ [at]: 'kept', [other]: 'kept' });
    expect(notices.map(({ code }) => code)).toEqual(['LOGIN_KEPT']);
    expect(desk.logins).toEqual({ [at]: 'hand:made' });
    desk.rewrite((config) => delete config.auths?.[at]);
    desk.apply(HUB);
    expect(desk.logins).toEqual({ [KEY]: 'u:p', 'docker.io': 'u:p' });
    desk.login(at, 'hand', 'made');
    desk.apply({ H: ['docker.io', 'u', 'rotated'] });
    expect(desk.logins).toEqual({ [KEY]: 'u:rotated', 'docker.io': 'u:rotated' });
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({ [at]: 'hand:made' });
  });

  test("a helper for one of Docker Hub's other names is no login for its keys", () => {
    const desk = new Desk('{"credHelpers":{"index.docker.io":"theirs"}}');
    desk.apply(HUB);
    const { texts, outcomes } = desk.apply(HUB);
    expect(texts).toEqual({});
    expect(outcomes).toMatchObject({ [KEY]: 'unchanged', 'docker.io': 'unchanged' });
    expect(desk.logins).toEqual({ [KEY]: 'u:p', 'docker.io': 'u:p' });
  });

  test('with a port too', () => {
    const desk = new Desk();
    desk.apply({ S: ['s.io:443', 'u', 'p'] });
    desk.login('s.io', 'hand', 'made');
    desk.apply({ S: ['s.io:443', 'u', 'p'] });
    expect(desk.logins).toEqual({ 's.io': 'hand:made' });
  });

  test('also where the triple names fewer of them than before', () => {
    const desk = new Desk('{"credsStore":"x"}');
    desk.apply({ S: ['s.io:443', 'u', 'p'] });
    expect(Object.keys(desk.logins)).toEqual(['s.io:443', 's.io']);
    desk.apply({ S: ['s.io', 'u', 'p'] });
    expect(desk.logins).toEqual({ 's.io': 'u:p' });
    expect(desk.config.credHelpers).toEqual({ 's.io': 'registry-auth' });
  });

  test('with two triples of different credentials, the first has all of them', () => {
    const desk = new Desk();
    const { problems } = desk.apply({ A: ['s.io', 'u', 'p'], B: ['s.io:443', 'v', 'q'] });
    expect(problems.map(({ code }) => code)).toEqual(['REGISTRY_CLAIMED_TWICE']);
    expect(desk.logins).toEqual({ 's.io': 'u:p' });
  });
});

describe('a login through our helper', () => {
  const env = A('1');

  test('is what the helper answers while it stands, and becomes the entry when it leaves', () => {
    const desk = new Desk();
    desk.apply(env, { mode: 'helper' });
    desk.store('r.io', 'hand', 'made', env);
    desk.apply(env, { mode: 'helper' });
    expect(desk.get('r.io', env)).toBe('hand:made');
    desk.apply(env);
    expect(desk.others).toEqual({ auths: { 'r.io': { auth: expect.anything() } } });
    expect([desk.logins, desk.texts.logins]).toEqual([{ 'r.io': 'hand:made' }, undefined]);
  });

  test('is in one place at least, whatever the run that moves it is killed at', () => {
    for (const writes of [1, 2]) {
      const desk = new Desk();
      desk.apply(env, { mode: 'helper' });
      desk.store('r.io', 'hand', 'made', env);
      desk.writesLeft = writes;
      desk.apply(env);
      const isHelped = desk.config.credHelpers !== undefined;
      expect(isHelped ? desk.get('r.io', env) : desk.logins['r.io']).toBe('hand:made');
      desk.apply(env);
      expect([desk.logins, desk.texts.logins]).toEqual([{ 'r.io': 'hand:made' }, undefined]);
    }
  });

  test('that our helper is not asked for any more is forgotten, and never written', () => {
    const desk = new Desk();
    desk.apply(env, { mode: 'helper' });
    desk.store('r.io', 'hand', 'made', env);
    desk.rewrite((config) => delete config.credHelpers);
    desk.apply(env);
    expect([desk.logins, desk.texts.logins]).toEqual([{ 'r.io': 'u:1' }, undefined]);
  });

  test('that was made where the triple was not in sight is newer than the triple', () => {
    const desk = new Desk('{"credHelpers":{"r.io":"registry-auth"}}');
    desk.store('r.io', 'hand', 'made');
    desk.apply(env, { mode: 'helper' });
    desk.apply(env, { mode: 'helper' });
    expect(desk.get('r.io', env)).toBe('hand:made');
    desk.apply(A('2'), { mode: 'helper' });
    expect(desk.get('r.io', A('2'))).toBe('u:2');
  });

  test('that ended is a logout until the next apply, in each mode', () => {
    for (const mode of ['helper', 'file'] as const) {
      const desk = new Desk();
      desk.apply(env, { mode: 'helper' });
      desk.erase('r.io', env);
      expect(desk.get('r.io', env)).toBeUndefined();
      desk.apply(env, { mode });
      expect(desk.get('r.io', env)).toBe('u:1');
      expect(desk.texts.logins).toBeUndefined();
    }
  });

  test('is in the file of logins alone while our helper stands', () => {
    const desk = new Desk();
    desk.apply(env, { mode: 'helper' });
    desk.store('r.io', 'hand', 'made', env);
    desk.apply(env, { mode: 'helper' });
    expect(desk.others.auths).toEqual({ 'r.io': {} });
    expect(desk.record('r.io')).toMatch(/^A helper secret:[0-9a-f]{4} foreign$/);
    expect(JSON.parse(desk.texts.logins ?? '')).toEqual({
      'r.io': { user: 'hand', secret: 'made', triple: expect.stringMatching(/^[0-9a-f]{4}$/) },
    });
  });

  test('gives way to a new secret in the file too, and is previous then', () => {
    const desk = new Desk('{"credsStore":"x"}');
    desk.apply(env);
    desk.store('r.io', 'hand', 'made', env);
    desk.apply(A('2'));
    expect([desk.logins, desk.texts.logins]).toEqual([{ 'r.io': 'u:2' }, undefined]);
    expect(desk.record('r.io')).not.toContain('foreign');
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'hand:made' });
  });

  test('stays as old as it is: a secret that changes twice is newer still', () => {
    const desk = new Desk();
    desk.apply(env, { mode: 'helper' });
    desk.store('r.io', 'hand', 'made', env);
    desk.apply({ F: ['r.io', 'u', '1'] }, { mode: 'helper' });
    desk.apply({}, { mode: 'helper' });
    desk.apply(A('2'), { mode: 'helper' });
    expect([desk.get('r.io', A('2')), desk.texts.logins]).toEqual(['u:2', undefined]);
  });

  test('becomes the entry of the keys that our helper stood at, and of no alias', () => {
    const hub = { H: ['docker.io', 'u', 'p'] } as const;
    const desk = new Desk();
    desk.apply({ ...hub, S: ['s.io', 'u', 'p'] }, { mode: 'helper' });
    desk.store('https://index.docker.io/v1/', 'hand', 'made', hub);
    desk.store('s.io', 'hand', 'made');
    desk.logout();
    expect(desk.logins).toEqual({
      'https://index.docker.io/v1/': 'hand:made',
      'docker.io': 'hand:made',
      's.io': 'hand:made',
    });
  });

  test('is kept beside a triple of a file that changes, whose old sum stays', () => {
    const file = (password: string) => ({ file: { F: ['r.io', 'u', password] } as const });
    const desk = new Desk();
    desk.apply({}, file('1'));
    const before = desk.record('r.io')?.match(/secret:\w{4}/)?.[0];
    desk.login('r.io', 'hand', 'made');
    desk.apply({}, file('2'));
    expect(desk.record('r.io')).toContain(`${before} foreign`);
    desk.apply({ F: ['r.io', 'u', '2'] });
    expect(desk.logins).toEqual({ 'r.io': 'u:2' });
  });

  test('that ended, like an entry that did, brings nothing back of what was before', () => {
    const helped = new Desk(THEIRS);
    helped.apply(env);
    helped.apply(env, { mode: 'helper' });
    helped.erase('r.io', env);
    helped.apply({}, { prune: true });
    const filed = new Desk(THEIRS);
    filed.apply(env);
    filed.rewrite((config) => delete config.auths?.['r.io']);
    filed.apply({}, { prune: true });
    for (const desk of [helped, filed]) expect(desk.config).toEqual({ auths: {} });
  });

  test('counts in the file where our helper is needed and cannot be asked', () => {
    const desk = new Desk();
    desk.apply(env, { mode: 'helper' });
    desk.store('r.io', 'hand', 'made', env);
    for (let start = 0; start < 2; start += 1) {
      desk.apply(env, { mode: 'helper', canUseHelper: false });
      expect([desk.logins, desk.texts.logins]).toEqual([{ 'r.io': 'hand:made' }, undefined]);
      expect(desk.record('r.io')).toMatch(/ foreign$/);
    }
  });

  test('is remembered when a new secret takes its place, and comes back with its end', () => {
    const desk = new Desk();
    desk.apply(env, { mode: 'helper' });
    desk.store('r.io', 'hand', 'made', env);
    desk.apply(A('2'), { mode: 'helper' });
    expect(desk.get('r.io', A('2'))).toBe('u:2');
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'hand:made' });
  });

  test('for a host that GITHUB_TOKEN would serve too stays with the helper', () => {
    const codespace = { CODESPACES: 'true', GITHUB_USER: 'me', GITHUB_TOKEN: 'ghu_token' };
    const desk = new Desk('{"credHelpers":{"ghcr.io":"registry-auth"}}');
    desk.store('ghcr.io', 'hand', 'made');
    desk.apply(codespace);
    expect(desk.get('ghcr.io', codespace)).toBe('hand:made');
  });
});

describe('a logout of all', () => {
  test('takes our helper away also where no record says whose it is', () => {
    const desk = new Desk('{"auths":{},"credHelpers":{"r.io":"registry-auth","s.io":"pass"}}');
    desk.logout();
    expect(desk.config).toEqual({ auths: {}, credHelpers: { 's.io': 'pass' } });
  });

  test('puts back what ours replaced also where no record says by whom', () => {
    const previous = { 'registry-auth-previous': { 'auths r.io': '{"auth":"dGhlbTpvbGQ="}' } };
    const desk = new Desk(JSON.stringify({ auths: {}, plugins: previous }));
    expect(desk.apply({}, { prune: false }).texts).toEqual({});
    desk.logout();
    expect(desk.config).toEqual({ auths: { 'r.io': { auth: 'dGhlbTpvbGQ=' } } });
  });
});

describe("a triple of an env file gives way to the environment's and to logins", () => {
  const FILE = { F: ['r.io', 'file', 'f'] } as const;

  test('it gets no key that the environment wants, whatever the IDs', () => {
    const desk = new Desk();
    desk.apply({ Z: ['r.io/team', 'u', 'p'] }, { file: { A: ['r.io', 'file', 'f'] } });
    expect(desk.logins).toEqual({ 'r.io': 'u:p', 'r.io/team': 'u:p' });
  });

  test('it is remembered by its record, unless others could change it', () => {
    const desk = new Desk();
    desk.apply({}, { file: FILE });
    expect(desk.record('r.io')).toMatch(/ file:\/here\/\/\.env$/);
    desk.apply({}, { file: FILE, unfit: [ENV_FILE] });
    expect(desk.record('r.io')).not.toContain('file');
    desk.apply({}, { file: FILE });
    desk.apply({}, { unfit: [ENV_FILE] });
    expect(desk.record('r.io')).not.toContain('file');
    expect(desk.logins).toEqual({ 'r.io': 'file:f' });
  });

  test('it never replaces a login without --force', () => {
    const desk = new Desk(THEIRS);
    desk.apply({}, { file: FILE });
    expect(desk.logins).toEqual({ 'r.io': 'them:old' });
    desk.apply({}, { file: FILE, force: true });
    expect(desk.logins).toEqual({ 'r.io': 'file:f' });
    desk.login('r.io', 'hand', 'made');
    desk.apply({}, { file: { F: ['r.io', 'file', 'rotated'] } });
    expect(desk.logins).toEqual({ 'r.io': 'hand:made' });
  });
});
