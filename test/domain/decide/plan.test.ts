import { describe, expect, test } from '@jest/globals';
import { Desk } from '../../support/desk.ts';

const A = (password: string): Record<string, readonly [string, string, string]> => ({
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
    expect(desk.apply({}).change).toEqual({});
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
  });

  test('no longer wanted, changed since: theirs stays, and the row goes', () => {
    const desk = new Desk();
    desk.apply(A('1'));
    desk.login('r.io', 'me', 'mine');
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

  test("leaves somebody's login alone beside a credsStore too", () => {
    const desk = new Desk('{"credsStore":"x","auths":{"ghcr.io":{"auth":"dGhlbTpvbGQ="}}}');
    expect(desk.apply(env('1')).change).toEqual({});
  });

  test("leaves somebody's helper alone", () => {
    const desk = new Desk('{"credHelpers":{"ghcr.io":"gh"}}');
    expect(desk.apply(env('1')).change).toEqual({});
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
    expect(desk.config).toEqual({ auths: {}, credHelpers: OURS });
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
    expect(desk.config).toEqual({ ...JSON.parse(text), auths: {} });
    expect(desk.texts.ledger).toBeUndefined();
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
    expect(desk.config).toEqual({ auths: {}, credHelpers: OURS });
    expect(desk.ledger?.secret).toBeUndefined();
    expect(desk.ledger?.rows['docker.io']).toEqual({
      id: 'H',
      provider: 'docker-hub',
      helper: { ours: ['"registry-auth"'] },
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
    new Map([['E', { user: 'AWS', secret: password, expiresAt }]]);

  test('is in the file, and our helper renews it', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100) });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t1' });
    expect(desk.config.credHelpers).toEqual({ [HOST]: 'registry-auth' });
    expect(desk.ledger?.rows[HOST]?.expiresAt).toBe(100);
    desk.apply(KEYS, { credentials: token('t2', 200), now: 60 });
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
    expect(desk.ledger.rows[HOST]?.entry?.before).toBeUndefined();
    desk.login(HOST, 'AWS', at(89));
    expect(desk.apply({ E: [HOST, 'AWS', at(90)] }, { now: 80_000 }).outcomes).toEqual({
      [HOST]: 'kept',
    });
  });

  test('that could not be had has had no say, so that the next one is news still', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100) });
    desk.login(HOST, 'hand', 'made');
    const rotated = { E: [HOST, 'AKIAIOSFODNN7EXAMPLE', 'rotated'] } as const;
    desk.apply(rotated, { credentials: new Map([['E', 'unavailable' as const]]) });
    expect(desk.logins).toEqual({ [HOST]: 'hand:made' });
    desk.apply(rotated, { credentials: token('t2', 100) });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t2' });
  });

  test('leaves no end behind when the keys give way to a token of the user', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100) });
    desk.apply({ E: [HOST, 'AWS', 'token'] });
    expect(desk.ledger?.rows[HOST]?.expiresAt).toBeUndefined();
  });

  test('that somebody else exchanged from the same keys is no login of the user', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100) });
    desk.login(HOST, 'AWS', "GitHub's");
    desk.apply(KEYS, { credentials: token('t1', 100) });
    expect(desk.logins).toEqual({ [HOST]: 'AWS:t1' });
  });

  test('stays while it lives when no new one can be had, and goes when it has expired; the helper stays', () => {
    const desk = new Desk();
    desk.apply(KEYS, { credentials: token('t1', 100) });
    const failed = new Map([['E', 'unavailable' as const]]);
    expect(desk.apply(KEYS, { credentials: failed, now: 99 }).change).toEqual({});
    desk.apply(KEYS, { credentials: failed, now: 100 });
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
    expect(desk.texts).toEqual({ config: THEIRS, ledger: undefined });
  });

  test('is remembered through 32 rotations, and no longer', () => {
    const desk = new Desk();
    desk.apply(A('old'));
    const { config } = desk.texts;
    rotate(desk, 31);
    desk.texts = { ...desk.texts, config };
    expect(desk.apply(A('31')).outcomes).toEqual({ 'r.io': 'written' });
    rotate(desk, 33);
    desk.texts = { ...desk.texts, config };
    expect(desk.apply(A('33')).outcomes).toEqual({ 'r.io': 'kept' });
    expect(desk.ledger.rows['r.io']?.entry?.ours).toHaveLength(32);
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
    // One that GitHub wrote by itself, and that this ledger never saw.
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
  expect(desk.config).toEqual({ auths: {}, credHelpers: { 'ghcr.io': 'registry-auth' } });
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

  test('and does not come back where it would be dead', () => {
    const env = { CODESPACES: 'true', GITHUB_USER: 'me', GITHUB_TOKEN: 'ghu_token' };
    const desk = new Desk();
    desk.login('ghcr.io', 'me', 'ghu_token');
    desk.apply({ ...env, A: ['ghcr.io', 'u', 'p'] });
    expect(desk.ledger.rows['ghcr.io']?.entry?.before).toBeUndefined();
  });
});

describe('a namespace of a host', () => {
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
    expect(desk.apply(TEAM, { prune: true }).change).toEqual({});
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
    const { change, outcomes } = desk.apply(HUB);
    expect(change).toEqual({});
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
    expect(desk.config).toEqual({ auths: { 'r.io': { auth: expect.anything() } } });
    expect([desk.logins, desk.ledger.logins]).toEqual([{ 'r.io': 'hand:made' }, {}]);
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
      expect([desk.logins, desk.ledger.logins]).toEqual([{ 'r.io': 'hand:made' }, {}]);
    }
  });

  test('that no secret is beside any more is forgotten by a logout that names its host, or all', () => {
    for (const words of [['r.io'], []]) {
      const desk = new Desk();
      desk.store('r.io', 'hand', 'made');
      desk.store('s.io', 'hand', 'made');
      expect(Object.keys(desk.ledger.logins)).toEqual(['r.io', 's.io']);
      desk.logout(...words);
      expect(Object.keys(desk.ledger.logins)).toEqual(words.length > 0 ? ['s.io'] : []);
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

describe("a triple of an env file gives way to the environment's and to logins", () => {
  const FILE = { F: ['r.io', 'file', 'f'] } as const;

  test('it gets no key that the environment wants, whatever the IDs', () => {
    const desk = new Desk();
    desk.apply({ Z: ['r.io/team', 'u', 'p'] }, { file: { A: ['r.io', 'file', 'f'] } });
    expect(desk.logins).toEqual({ 'r.io': 'u:p', 'r.io/team': 'u:p' });
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
