import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Desk, type Triples } from '../../support/desk.ts';

/** What version 0.1.0 left behind (test/fixtures/upgrade): the new core carries on from each. */
const FIXTURES = join(__dirname, '../../fixtures/upgrade');

function deskOf(name: string): Desk {
  const read = (file: string) => readFileSync(join(FIXTURES, name, file), 'utf8');
  const desk = new Desk(read('config.json'));
  desk.texts = { ...desk.texts, ledger: read('registry-auth.json') };
  return desk;
}

const HOST = 'reg.example.com';
const ACME: Triples = { ACME: [HOST, 'ada', 'canary-of-acme'] };
const HUB: Triples = { HUB: ['docker.io', 'ada', 'canary-of-hub'] };
const TEAM: Triples = { TEAM: ['quay.io/team', 'ada', 'canary-of-team'] };
const GITHUB: Triples = {
  CODESPACES: 'true',
  GITHUB_USER: 'octocat',
  GITHUB_TOKEN: 'ghu_canaryOfTheCodespace',
};
const ECR = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const APP: Triples = { APP: [ECR, 'AKIAIOSFODNN7EXAMPLE', 'canary-of-the-aws-key'] };
const THEIRS = { 'a.io': 'bob:elsewhere', [HOST]: 'bob:before' };

type Case = {
  readonly name: string;
  readonly triples: Triples;
  /** What `auths` holds after the first run of this version, and once the secrets are gone. */
  readonly applied: Record<string, string>;
  readonly pruned: Record<string, string>;
  readonly mode?: 'helper';
};

const ADA = { [HOST]: 'ada:canary-of-acme' };
const HUB_ENTRIES = {
  'https://index.docker.io/v1/': 'ada:canary-of-hub',
  'docker.io': 'ada:canary-of-hub',
};
const QUAY = { 'quay.io': 'ada:canary-of-team', 'quay.io/team': 'ada:canary-of-team' };

const CASES: readonly Case[] = [
  {
    name: 'written',
    triples: { ...ACME, ...HUB, ...TEAM },
    applied: { ...ADA, ...HUB_ENTRIES, ...QUAY },
    pruned: {},
  },
  { name: 'equal', triples: ACME, applied: ADA, pruned: {} },
  {
    name: 'kept',
    triples: ACME,
    applied: { ...THEIRS, [HOST]: 'eve:by-hand' },
    pruned: { ...THEIRS, [HOST]: 'eve:by-hand' },
  },
  { name: 'replaced', triples: ACME, applied: { ...THEIRS, ...ADA }, pruned: THEIRS },
  { name: 'rotated', triples: ACME, applied: { ...THEIRS, ...ADA }, pruned: THEIRS },
  {
    name: 'helper',
    triples: { ...ACME, ...HUB },
    mode: 'helper',
    applied: { 'a.io': 'bob:elsewhere' },
    pruned: THEIRS,
  },
  {
    name: 'creds-store',
    triples: { ...ACME, ...HUB },
    applied: { ...ADA, ...HUB_ENTRIES },
    pruned: {},
  },
  {
    name: 'logged-in',
    triples: ACME,
    mode: 'helper',
    applied: { [HOST]: '' },
    pruned: { [HOST]: 'eve:by-hand-in-helper' },
  },
  {
    name: 'logged-in-applied',
    triples: ACME,
    mode: 'helper',
    applied: { [HOST]: '' },
    pruned: { [HOST]: 'eve:by-hand-in-helper' },
  },
  { name: 'logged-out', triples: ACME, mode: 'helper', applied: {}, pruned: {} },
  {
    name: 'prebuilt',
    triples: { ...ACME, ...HUB, ...GITHUB },
    applied: { ...ADA, ...HUB_ENTRIES, 'ghcr.io': 'octocat:ghu_canaryOfTheCodespace' },
    pruned: {},
  },
  {
    name: 'github-token',
    triples: GITHUB,
    applied: { 'ghcr.io': 'octocat:ghu_canaryOfTheCodespace' },
    pruned: {},
  },
  { name: 'env-file', triples: TEAM, applied: QUAY, pruned: {} },
  { name: 'interrupted', triples: ACME, applied: { ...THEIRS, ...ADA }, pruned: THEIRS },
  // What 0.1.0 knew of the login before is in the part of its ledger that is gone.
  {
    name: 'damaged',
    triples: ACME,
    applied: { ...THEIRS, ...ADA },
    pruned: { 'a.io': 'bob:elsewhere' },
  },
];

test('a SHA-256 of a secret that still is one gives way to 32 bits', () => {
  for (const name of ['written', 'equal']) {
    const desk = deskOf(name);
    expect(desk.texts.ledger).toMatch(/"[\w-]{43}"/);
    desk.apply(name === 'equal' ? ACME : { ...ACME, ...HUB, ...TEAM });
    for (const { triple, entry } of Object.values(desk.ledger.rows)) {
      expect([triple, ...(entry?.ours ?? [])]).toEqual(
        Array(2).fill(expect.stringMatching(/^[0-9a-f]{8}$/)),
      );
    }
  }
});

describe.each(CASES)('from what 0.1.0 left: $name', ({ name, triples, applied, pruned, mode }) => {
  const options = mode ? { mode } : {};

  test('a run goes on with it, and a second one changes nothing', () => {
    const desk = deskOf(name);
    expect(desk.apply(triples, options).problems).toEqual([]);
    expect(desk.logins).toEqual(applied);
    expect(JSON.parse(desk.texts.ledger ?? '').version).toBe(2);
    expect(desk.apply(triples, options).change).toEqual({});
  });

  test('a run without the secrets keeps it, where they may be out of sight', () => {
    const desk = deskOf(name);
    const before = desk.texts.config;
    desk.apply({});
    expect(desk.texts.config).toBe(before);
    desk.apply(triples, options);
    expect(desk.logins).toEqual(applied);
  });

  test('a removal takes all of ours along, at once and later', () => {
    const desk = deskOf(name);
    desk.apply(triples, options);
    desk.apply({}, { prune: true });
    expect(desk.logins).toEqual(pruned);
    expect(desk.texts.ledger ?? '').not.toContain('canary');
    const at = deskOf(name);
    if (name !== 'damaged') at.apply({}, { prune: true });
    if (name !== 'damaged' && name !== 'helper') expect(at.logins).toEqual(pruned);
  });

  test('a rotated secret takes the place of the old one, and of a login that 0.1.0 kept', () => {
    const desk = deskOf(name);
    const rotated = Object.fromEntries(
      Object.entries(triples).map(([id, triple]) => [
        id,
        typeof triple === 'string' ? triple : ([triple[0], triple[1], 'rotated'] as const),
      ]),
    );
    desk.apply(rotated, { prune: true });
    for (const triple of Object.values(triples)) {
      if (typeof triple === 'string') continue;
      const key = Object.keys(desk.logins).find((one) => one === triple[0]);
      if (key) expect(desk.logins[key]).toBe('ada:rotated');
    }
  });
});

test('from what 0.1.0 left: a token of ECR stays while it lives, and goes with its keys', () => {
  const desk = deskOf('ecr');
  const before = desk.texts.config;
  const failed = new Map([['APP', 'unavailable' as const]]);
  const { APP: row } = { APP: desk.ledger.rows[ECR] };
  desk.apply({ ...APP, ...ACME }, { credentials: failed, now: (row?.expiresAt ?? 0) - 1 });
  expect(desk.texts.config).toBe(before);
  desk.apply(ACME, { prune: true });
  expect(desk.config).toEqual({ auths: { [HOST]: expect.anything() } });
});

test('from what 0.1.0 left: a login through the helper is answered still', () => {
  const desk = deskOf('logged-in');
  expect(desk.get(HOST, ACME)).toBe('eve:by-hand-in-helper');
  expect(desk.get(HOST, { ACME: [HOST, 'ada', 'rotated'] })).toBe('ada:rotated');
  expect(deskOf('logged-out').get(HOST, ACME)).toBeUndefined();
  expect(deskOf('kept').get(HOST, ACME)).toBe('eve:by-hand');
});

test("from what 0.1.0 left: somebody's helper comes back", () => {
  const desk = deskOf('creds-store');
  desk.apply({}, { prune: true });
  expect(desk.config).toEqual({
    credsStore: 'desktop',
    credHelpers: { [HOST]: 'pass', 'gcr.io': 'gcloud' },
    auths: {},
  });
});
