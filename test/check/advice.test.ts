import { describe, expect, test } from '@jest/globals';
import { advise, type Origin, type Refusal } from '../../src/check/advice.ts';
import { findProvider } from '../../src/providers/find.ts';
import type { CheckOutcome, CheckResult } from '../../src/registry-client/result.ts';

const TRIPLE: Origin = { kind: 'triple', id: 'ACME', isExchanged: false };
const KEYS: Origin = { kind: 'triple', id: 'ACME', isExchanged: true };
const GITHUB: Origin = { kind: 'triple', id: 'GITHUB_TOKEN', isExchanged: false, isGiven: true };
const ECR = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

function at(host: string, user = 'ada', origin = TRIPLE): Refusal {
  return { provider: findProvider(host), host, user, origin };
}

/** What each registry is known for (docs/clients.md, Token services), and what fixes it. */
const ROWS: [verdict: CheckResult, context: Refusal, told: RegExp][] = [
  [rejected(401), at('docker.io'), /personal access token.*two-factor/],
  [denied(401), at('docker.io'), /read access to the repository/],
  [rejected(403), at('ghcr.io'), /classic token with read:packages/],
  [rejected(403), at('ghcr.io', 'octocat', GITHUB), /^stop and start the codespace/],
  [denied(403), at('ghcr.io'), /without read:packages.*single sign-on.*not granted/],
  [denied(403), at('ghcr.io', 'octocat', GITHUB), /grant the package.*Manage Codespaces access/],
  [rejected(401), at('quay.io'), /team\+robot/],
  [denied(401), at('quay.io'), /Read/],
  [rejected(401), at('mine.azurecr.io', 'mine'), /admin user.*disabled/],
  [rejected(401), at('mine-a1b2c3d4.azurecr.io', 'mine'), /admin user.*disabled/],
  [rejected(401), at('mine-a1b2c3d4.azurecr.io', 'min'), /password of the token/],
  [rejected(401), at('mine.geo.azurecr.io', 'mine'), /admin user.*disabled/],
  [rejected(401), at('mine.azurecr.io', 'puller'), /password of the token/],
  [rejected(401), at('nvcr.io', 'ada'), /\$oauthtoken/],
  [rejected(401), at('nvcr.io', '$oauthtoken'), /an API key of NGC/],
  [rejected(401), at('us.icr.io', 'ada'), /iamapikey/],
  [rejected(401), at('dhi.io', 'ada@example.com'), /your user name at Docker Hub/],
  [rejected(401), at('registry.redhat.io'), /registry service account/],
  [rejected(401), at('rg.fr-par.scw.cloud'), /nologin/],
  [
    rejected(403),
    { ...at('ghcr.io'), secret: 'github_pat_abc' },
    /^use a classic token.*fine-grained/,
  ],
  [rejected(401), { ...at('docker.io'), secret: 'ghp_abc' }, /GitHub classic token, which this/],
  [rejected(401), { ...at('docker.io'), secret: 'dckr_oat_abc' }, /organization's name/],
  [rejected(401), { ...at('registry.gitlab.com'), secret: 'glcbt-64_abc' }, /ends with its job/],
  [rejected(401), { ...at('docker.io'), secret: 'dckr_pat_abc' }, /two-factor/],
  [denied(401), at('mine.azurecr.io'), /scope map.*AcrPull/],
  [rejected(401), at('europe-docker.pkg.dev', '_json_key'), /disabled or deleted/],
  [rejected(401), at('gcr.io', '_json_key_base64'), /disabled or deleted/],
  [rejected(401), at('gcr.io', 'oauth2accesstoken'), /one hour/],
  [rejected(401), at('gcr.io', 'ada@example.com'), /_json_key/],
  [denied(403), at('europe-docker.pkg.dev', '_json_key'), /role Artifact Registry Reader/],
  [denied(403), at('gcr.io', '_json_key'), /role Artifact Registry Reader/],
  [rejected(401), at(ECR, 'AWS'), /12 hours/],
  [rejected(401), at(ECR, 'AWS', KEYS), /account and the region/],
  [denied(403), at(ECR, 'AWS', KEYS), /ecr:BatchGetImage.*that of the repository/],
  [rejected(401), at('public.ecr.aws', 'AWS'), /12 hours/],
  [rejected(401), at('public.ecr.aws', 'AWS', KEYS), /sts:GetServiceBearerToken/],
  [denied(401), at('public.ecr.aws', 'AWS', KEYS), /anyone can pull/],
  [rejected(401), at('registry.gitlab.com'), /deploy token.*read_registry/],
  [denied(403), at('registry.gitlab.com'), /deploy token the scope read_registry/],
  [{ ...rejected(401), product: 'artifactory' }, at('a.jfrog.io'), /identity token/],
  [{ ...rejected(401), product: 'nexus' }, at('nexus.example.com'), /Realm/],
  [rejected(401), at('registry.example.com'), /user name/],
  [denied(401), at('registry.example.com'), /read access to the repository/],
];

function rejected(status: number): CheckResult {
  return { outcome: 'rejected', status };
}
function denied(status: number): CheckResult {
  return { outcome: 'image-denied', isOfImage: true, status };
}

test.each(ROWS)('%j for %j: %s', (verdict, context, told) => {
  expect(advise(verdict, context)).toMatch(told);
});

describe('what is refused is to be renewed where it came from:', () => {
  test.each([
    [TRIPLE, /^renew ACME_CONTAINER_REGISTRY_PASSWORD; /],
    [
      { kind: 'login' },
      /^run docker login registry\.example\.com again, or registry-auth apply --force/,
    ],
    [{ kind: 'variable', name: 'DOCKER_AUTH_CONFIG' }, /^renew what DOCKER_AUTH_CONFIG holds/],
    [{ kind: 'helper', name: 'docker-credential-pass' }, /docker-credential-pass reads/],
  ] as [Origin, RegExp][])('%j', (origin, told) => {
    expect(advise(rejected(401), at('registry.example.com', 'ada', origin))).toMatch(told);
  });

  test('an identity token is nothing that docker login makes', () => {
    const context = at('mine.azurecr.io', '<token>', { kind: 'login' });
    expect(advise(rejected(401), context)).toMatch(/^log in again as you did before; /);
  });
});

test('a refusal before any password is about the machine', () => {
  const verdict = { ...rejected(403), because: 'before it asks for a password' };
  expect(advise(verdict, at('mine.azurecr.io'))).toMatch(/firewall/);
});

test('a proxy that Node is too old for is said where it may be the reason', () => {
  const context = { ...at('a.example'), ignoredProxy: 'old-node' } as const;
  const said = (outcome: CheckOutcome) =>
    /22\.21 and 24\.5/.test(`${advise({ outcome }, context)}`);
  expect([said('unreachable'), said('timeout'), said('name-unknown'), said('tls-failed')]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('a proxy whose address cannot be used is named where it may be the reason', () => {
  const context = { ...at('a.example'), ignoredProxy: 'https_proxy' } as const;
  const said = (['unreachable', 'timeout', 'name-unknown', 'tls-failed'] as const).map((outcome) =>
    /set https_proxy to/.test(`${advise({ outcome }, context)}`),
  );
  expect(said).toEqual([true, true, true, false]);
});

test('every outcome but the good ones, and those that the caller knows more of, has advice', () => {
  const outcomes: CheckOutcome[] = [
    'rejected',
    'image-denied',
    'image-not-found',
    'not-a-registry',
    'unsafe-realm',
    'name-unknown',
    'tls-failed',
    'unreachable',
    'timeout',
    'proxy-failed',
    'rate-limited',
    'server-error',
  ];
  for (const outcome of outcomes)
    expect([outcome, advise({ outcome }, at('registry.example.com'))]).toEqual([
      outcome,
      expect.stringMatching(/^\S.*[^.]$/),
    ]);
  for (const outcome of ['accepted', 'open'] as const)
    expect(advise({ outcome }, at('registry.example.com'))).toBeUndefined();
});
