import { describe, expect, test } from '@jest/globals';
import { Desk } from '../support/desk.ts';

const A = (password: string): Record<string, [string, string, string]> => ({
  A: ['r.io', 'u', password],
});
const THEIRS = JSON.stringify({ auths: { 'r.io': { auth: 'dGhlbTpvbGQ=' } } });

describe('the most recent explicit statement wins (design.md 7)', () => {
  test('wanted, nothing there: written', () => {
    const desk = new Desk();
    expect(desk.apply(A('1')).keys).toEqual([
      { key: 'r.io', id: 'A', provider: 'other', outcome: 'written' },
    ]);
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
  });

  test('wanted, equal already: adopted, and only the ledger is written', () => {
    const desk = new Desk('{"auths":{"r.io":{"auth":"dTox"}}}');
    expect(desk.apply(A('1')).change).toEqual({ ledger: expect.any(String) });
    expect(desk.apply(A('1')).change).toEqual({});
    desk.apply({}, { prune: true });
    expect(desk.texts).toEqual({ config: '{"auths":{}}', ledger: undefined });
  });

  test("wanted, somebody's entry, no ledger: replaced, and given back in the end", () => {
    const desk = new Desk(THEIRS);
    desk.apply(A('1'));
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
    desk.apply({}, { prune: true });
    expect(desk.texts).toEqual({ config: THEIRS, ledger: undefined });
  });

  test('wanted, as we wrote it: updated where the secret differs, else nothing is written', () => {
    const desk = new Desk(THEIRS);
    desk.apply(A('1'));
    expect(desk.apply(A('1')).change).toEqual({});
    desk.apply(A('2'));
    expect(desk.logins).toEqual({ 'r.io': 'u:2' });
    desk.logout();
    expect(desk.texts.config).toBe(THEIRS);
  });

  test('a login since, the secret unchanged: theirs is kept, again and again, until --force', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.dockerLogin('r.io', 'me', 'mine');
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
    desk.dockerLogin('r.io', 'me', 'mine');
    desk.apply(A('1'));
    desk.apply(A('2'));
    expect(desk.logins).toEqual({ 'r.io': 'u:2' });
  });

  test('a login since with what we had replaced: theirs is kept', () => {
    const desk = new Desk(THEIRS);
    desk.apply(A('1'));
    desk.dockerLogin('r.io', 'them', 'old');
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
    expect(desk.apply({}).change).toEqual({});
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
  });

  test('no longer wanted, changed since: theirs stays, and the row goes', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.dockerLogin('r.io', 'me', 'mine');
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'me:mine' });
    expect(desk.ledger?.rows).toEqual({});
  });

  test('a broken triple is not a removed one', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.apply(
      { A_CONTAINER_REGISTRY_SERVER: 'r.io', A_CONTAINER_REGISTRY_USER: 'u' },
      { prune: true },
    );
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
  });

  test('never wanted, in no ledger: never touched', () => {
    const desk = new Desk(THEIRS);
    expect(desk.apply({}, { prune: true }).change).toEqual({});
    expect(desk.logout().change).toEqual({});
  });

  test('an ID renamed: the entry stays, under the new ID', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.apply({ B: ['r.io', 'u', '1'] }, { prune: true });
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
    expect(desk.ledger?.rows['r.io']?.id).toBe('B');
  });

  test('a server renamed: the old entry goes', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.apply({ A: ['new.io', 'u', '1'] }, { prune: true });
    expect(desk.logins).toEqual({ 'new.io': 'u:1' });
  });
});

describe("GitHub's own token", () => {
  const env = (token: string) => ({ CODESPACES: 'true', GITHUB_USER: 'me', GITHUB_TOKEN: token });

  test('follows every new one', () => {
    const desk = new Desk();
    desk.apply(env('1'));
    desk.apply(env('2'));
    expect(desk.logins).toEqual({ 'ghcr.io': 'me:2' });
  });

  test("gives way to somebody's entry, before and after its own", () => {
    const before = new Desk('{"auths":{"ghcr.io":{"auth":"dGhlbTpvbGQ="}}}');
    expect(before.apply(env('1')).change).toEqual({});
    const after = new Desk();
    after.apply(env('1'));
    after.dockerLogin('ghcr.io', 'me', 'write-token');
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
      { ...env('2'), A_CONTAINER_REGISTRY_SERVER: 'ghcr.io', A_CONTAINER_REGISTRY_USER: 'u' },
      { prune: true },
    );
    expect(desk.logins).toEqual({ 'ghcr.io': 'u:p' });
  });

  test('comes after what an explicit triple had replaced', () => {
    const text = '{"auths":{"ghcr.io":{"auth":"dGhlbTpvbGQ="}}}';
    const desk = new Desk(text);
    desk.apply({ ...env('1'), A: ['ghcr.io', 'u', 'p'] }, { prune: true });
    desk.apply(env('2'), { prune: true });
    expect(desk.texts).toEqual({ config: text, ledger: undefined });
    const empty = new Desk();
    empty.apply({ ...env('1'), A: ['ghcr.io', 'u', 'p'] }, { prune: true });
    empty.apply(env('2'), { prune: true });
    expect(empty.logins).toEqual({ 'ghcr.io': 'me:2' });
  });

  test('written into the file by GitHub itself is no login of the user', () => {
    const desk = new Desk();
    const triple: Record<string, [string, string, string]> = { A: ['ghcr.io', 'u', 'p'] };
    desk.apply({ ...env('1'), ...triple });
    desk.dockerLogin('ghcr.io', 'me', '2');
    desk.apply({ ...env('2'), ...triple });
    expect(desk.logins).toEqual({ 'ghcr.io': 'u:p' });
  });

  test("nor is GitHub's account at Docker Hub", () => {
    const desk = new Desk();
    const triple: Record<string, [string, string, string]> = { H: ['docker.io', 'u', 'p'] };
    desk.apply(triple);
    desk.dockerLogin('https://index.docker.io/v1/', 'codespacesdev', 'token');
    desk.apply(triple);
    expect(desk.logins['https://index.docker.io/v1/']).toBe('u:p');
  });

  test("leaves somebody's helper alone", () => {
    const desk = new Desk('{"credHelpers":{"ghcr.io":"gh"}}');
    expect(desk.apply(env('1')).change).toEqual({});
  });
});

describe('credHelpers', () => {
  const HUB: Record<string, [string, string, string]> = { H: ['docker.io', 'u', 'p'] };
  const OURS = { 'https://index.docker.io/v1/': 'registry-auth', 'docker.io': 'registry-auth' };

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

  test('has no key of a namespace, because clients ask for hosts', () => {
    const desk = new Desk('{"credsStore":"x"}');
    desk.apply({ A: ['r.io/a', 'u', 'p'] });
    expect(desk.config.credHelpers).toEqual({ 'r.io': 'registry-auth' });
    expect(Object.keys(desk.logins)).toEqual(['r.io', 'r.io/a']);
  });

  test('in helper mode no entry is written, and one that we wrote goes', () => {
    const desk = new Desk();
    desk.apply(HUB);
    desk.apply(HUB, { mode: 'helper' });
    expect(desk.config).toEqual({ credHelpers: OURS });
    desk.apply(HUB);
    expect(desk.config).toEqual({ auths: expect.anything() });
  });

  test("somebody's helper at our key would answer instead, so ours takes its place and gives it back", () => {
    const text = '{\n  "credHelpers": {\n    "gcr.io": "gcloud",\n    "r.io": ""\n  }\n}\n';
    const desk = new Desk(text);
    desk.apply(A('1'));
    expect(desk.config.credHelpers).toEqual({ 'gcr.io': 'gcloud', 'r.io': 'registry-auth' });
    expect(desk.apply(A('1')).change).toEqual({});
    desk.logout();
    expect(desk.texts).toEqual({ config: text, ledger: undefined });
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

  test('a prebuild leaves nothing behind that is derived from a secret', () => {
    const desk = new Desk();
    desk.apply(HUB, { mode: 'helper', isPrebuild: true });
    expect(desk.config).toEqual({ credHelpers: OURS });
    expect(desk.ledger?.rows['docker.io']).toEqual({
      id: 'H',
      provider: 'docker-hub',
      helper: true,
    });
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
    new Map([['E', { user: 'AWS', password, expiresAt }]]);

  test('is in the file, and our helper renews it', () => {
    const desk = new Desk();
    desk.apply(KEYS, { exchanged: token('t1', 100) });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t1' });
    expect(desk.config.credHelpers).toEqual({ [HOST]: 'registry-auth' });
    expect(desk.ledger?.rows[HOST]?.expiresAt).toBe(100);
    desk.apply(KEYS, { exchanged: token('t2', 200), now: 60 });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t2' });
  });

  test('leaves no end behind when the keys give way to a token of the user', () => {
    const desk = new Desk();
    desk.apply(KEYS, { exchanged: token('t1', 100) });
    desk.apply({ E: [HOST, 'AWS', 'token'] });
    expect(desk.ledger?.rows[HOST]?.expiresAt).toBeUndefined();
  });

  test('that somebody else exchanged from the same keys is no login of the user', () => {
    const desk = new Desk();
    desk.apply(KEYS, { exchanged: token('t1', 100) });
    desk.dockerLogin(HOST, 'AWS', "GitHub's");
    desk.apply(KEYS, { exchanged: token('t1', 100) });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t1' });
  });

  test('stays while it lives when no new one can be had, and goes when it has expired; the helper stays', () => {
    const desk = new Desk();
    desk.apply(KEYS, { exchanged: token('t1', 100) });
    const failed = new Map([['E', 'unavailable' as const]]);
    expect(desk.apply(KEYS, { exchanged: failed, now: 99 }).change).toEqual({});
    desk.apply(KEYS, { exchanged: failed, now: 100 });
    expect(desk.logins).toEqual({});
    expect(desk.config.credHelpers).toEqual({ [HOST]: 'registry-auth' });
  });
});
