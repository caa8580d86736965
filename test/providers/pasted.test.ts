import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PROVIDERS } from '../../src/providers/find.ts';
import { findUnfit, isPlaceholder } from '../../src/providers/pasted.ts';
import { nameRegistry, parseRegistry } from '../../src/providers/registry.ts';
import { BEGINNING, mayBeSecret, shownUser } from '../../src/providers/secrets.ts';
import { discover } from '../../src/registries/discover.ts';
import { parseQuestion } from '../../src/registries/question.ts';
import { triple } from '../support/triples.ts';

function name(server: string, user = 'ada', password = 'hunter2') {
  const result = nameRegistry({ id: 'A', server, user, password, source: 'environment' });
  const { named, problem, notices = [] } = result;
  const { registry, triple } = named ?? {};
  return {
    host: registry && [registry.host, registry.namespace].filter(Boolean).join('/'),
    user: triple?.user,
    password: triple?.password,
    codes: [...(problem ? [problem] : []), ...notices].map(({ code }) => code),
    told: [problem, ...notices]
      .map((one) => one && `${one.subject}: ${one.what} ${one.fix}`)
      .join(),
  };
}

/** Made up, of the length that each kind has. */
const random = (length: number) => 'a1B2c3D4e5F6g7H8'.repeat(20).slice(0, length);

const SECRETS: [secret: string, kind: RegExp][] = [
  [`ghp_${random(36)}`, /a GitHub classic token/],
  [`github_pat_${random(22)}_${random(59)}`, /a GitHub fine-grained token/],
  [`gho_${random(36)}`, /OAuth app/],
  [`ghu_${random(36)}`, /GitHub/],
  [`ghs_${random(36)}`, /GitHub/],
  [`ghr_${random(76)}`, /a GitHub refresh token/],
  [`dckr_pat_${random(27)}`, /a Docker Hub personal access token/],
  [`dckr_oat_${random(32)}`, /a Docker Hub organization access token/],
  [`glpat-${random(20)}`, /a GitLab access token/],
  [`gldt-${random(20)}`, /a GitLab deploy token/],
  [`glcbt-64_${random(20)}`, /a GitLab CI job token/],
  [`glrt-${random(20)}`, /a GitLab runner token/],
  [`glsoat-${random(20)}`, /GitLab/],
  [`gloas-${random(64)}`, /GitLab/],
  [`glft-${random(20)}`, /GitLab/],
  [`glptt-${random(40)}`, /GitLab/],
  [`dop_v1_${random(64)}`, /DigitalOcean/],
  [`ya29.${random(100)}`, /a Google access token/],
  [`AIza${random(35)}`, /a Google API key/],
  [`nvapi-${random(64)}`, /NVIDIA/],
  [`abc8Q~${random(34)}`, /Azure/],
  [`npm_${random(36)}`, /npm/],
  [`hf_${random(34)}`, /Hugging Face/],
  [`pypi-${random(80)}`, /PyPI/],
  [`xoxb-${random(40)}`, /Slack/],
  [`sk-${random(48)}`, /AI service/],
];

describe('a secret in USER', () => {
  test.each(SECRETS)('is a problem that does not repeat it: %s', (secret, kind) => {
    for (const server of ['reg.example.com', 'ghcr.io', 'acme.azurecr.io', 'gcr.io']) {
      const { codes, told, host } = name(server, secret);
      expect([server, codes, host]).toEqual([server, ['USER_IS_SECRET'], undefined]);
      expect(told).toMatch(kind);
      expect(told).toContain('A_CONTAINER_REGISTRY_PASSWORD');
      expect(told).not.toContain(secret.slice(-12));
    }
    expect(shownUser(secret)).toBe('(a secret)');
  });

  test.each([
    ...['ada', 'robot$proj+ci', 'gitlab+deploy-token-1', 'ghost', 'sk-admin', 'npm_ci', 'hf_bot'],
    ...['00000000-0000-0000-0000-000000000000', '$oauthtoken', '_json_key', 'AKIAIOSFODNN7EXAMPLE'],
    ...[
      'x-access-token',
      'ada@example.com',
      '1234567|acme',
      'a'.repeat(40),
      'tenancy/ada',
      '_',
      'x',
    ],
  ])('is not what a name is: %s', (user) => {
    expect(name('reg.example.com', user).codes).not.toContain('USER_IS_SECRET');
    expect(shownUser(user)).toBe(user);
  });

  test('is what DigitalOcean itself advises', () => {
    const token = `dop_v1_${random(64)}`;
    expect(name('registry.digitalocean.com', token, token).codes).toEqual([]);
  });
});

const UNLIKELY: [server: string, secret: string, told: RegExp][] = [
  ['ghcr.io', `github_pat_${random(82)}`, /fine-grained.* classic token with read:packages/],
  [
    'ghcr.io',
    `dckr_pat_${random(27)}`,
    /Docker Hub personal access token, which this registry does not accept/,
  ],
  ['ghcr.io', `glpat-${random(20)}`, /does not accept/],
  ['docker.io', `ghp_${random(36)}`, /GitHub classic token, which this registry/],
  ['acme/app', `dckr_oat_${random(32)}`, /only with the organization's name as USER/],
  ['registry.gitlab.com', `glcbt-64_${random(20)}`, /ends with its job/],
  ['registry.gitlab.com', `glrt-${random(20)}`, /cannot pull images/],
  ['quay.io', `npm_${random(36)}`, /npm/],
  ['acme.azurecr.io', `dckr_pat_${random(27)}`, /does not accept/],
  ['us-docker.pkg.dev', `AIza${random(35)}`, /Google API key/],
  ['ghcr.io', `abc8Q~${random(34)}`, /Azure/],
];

test.each(UNLIKELY)(
  'a secret that cannot work at %s is told, and used: %s',
  (server, secret, told) => {
    const found = name(server, 'ada', secret);
    expect(found.codes).toContain('SECRET_UNLIKELY');
    expect(found.told).toMatch(told);
    expect(found.told).not.toContain(secret.slice(-12));
    expect(found.password).toBe(secret);
  },
);

test.each([
  ['ghcr.io', `ghp_${random(36)}`],
  ['ghcr.io', `ghs_${random(36)}`],
  ['docker.io', `dckr_pat_${random(27)}`],
  ['registry.gitlab.com', `gldt-${random(20)}`],
  ['registry.gitlab.com', `glpat-${random(20)}`],
  ['acme.azurecr.io', `abc8Q~${random(34)}`],
  ['acme.azurecr.io', `eyJhbGciOiJ.${random(40)}.x`],
  ['reg.example.com', `ghp_${random(36)}`],
  ['harbor.example.com', `npm_${random(36)}`],
  ['registry.digitalocean.com', `dop_v1_${random(64)}`],
])('a secret of %s is no news there: %s', (server, secret) => {
  expect(name(server, 'ada', secret).codes).toEqual([]);
});

test('what every provider lists is what may be a secret, so that it is looked at', () => {
  const all = PROVIDERS.flatMap(({ secrets = [] }) => secrets.map(({ begins }) => begins));
  const texts = all.filter((one) => typeof one === 'string');
  expect(texts.length).toBeGreaterThan(15);
  expect(texts.filter((text) => !mayBeSecret(`${text}${random(40)}`))).toEqual([]);
  expect(SECRETS.filter(([secret]) => !mayBeSecret(secret))).toEqual([]);
});

test('whatever begins like a secret is looked at', () => {
  const all = fc.property(fc.stringMatching(BEGINNING), (text) => {
    expect(mayBeSecret(text)).toBe(true);
  });
  fc.assert(all, { numRuns: 5_000 });
});

test.each(['abc8Q~x', 'abc7Q~x', '_json_key', 'a jsonkey', 'ASIAX', 'AKIAX', 'eyJ', 'XXX', '[a]'])(
  'so is %s',
  (text) => expect(mayBeSecret(text)).toBe(true),
);

test.each(['ada', 'robot$ci', 'not-a-secret', 'x', 'xx', 'ab8Q~x', 'password'])(
  'but %s is not',
  (text) => expect(mayBeSecret(text)).toBe(false),
);

const HOSTS_OF_SITES = PROVIDERS.flatMap(({ sites = [] }) => sites.map(({ host }) => host));

test.each(HOSTS_OF_SITES)('no host that %s matches is used as it is', (pattern) => {
  // fast-check knows no negative lookahead.
  const any = new RegExp(pattern.source.replace(/\(\?![^)]*\)/, ''));
  fc.assert(
    fc.property(fc.stringMatching(any), (text) => {
      const parsed = parseRegistry(text);
      if ('what' in parsed || parsed.provider.name !== 'other') return;
      expect(parsed.server.host).not.toMatch(pattern);
    }),
  );
});

const DOLLAR = '$';

describe('a placeholder as USER', () => {
  const PLACEHOLDERS = [
    ...['<PAT>', '<your token>', 'YOUR-TOKEN', 'your_password', 'paste-the-token-here', 'changeme'],
    ...[
      `${DOLLAR}{{ secrets.TOKEN }}`,
      `${DOLLAR}{localEnv:TOKEN}`,
      '$TOKEN',
      '$(cat token)',
      '%TOKEN%',
      '{{ token }}',
    ],
    ...['REPLACE_ME', 'insert-token-here', 'xxxx', '***', 'undefined', 'null', 'TODO', '[token]'],
  ];
  test.each(PLACEHOLDERS)('is told, and used: %s', (text) => {
    const found = name('reg.example.com', text);
    expect([found.codes, found.user]).toEqual([['USER_UNLIKELY'], text]);
    expect(found.told).not.toContain(text);
  });

  test.each([
    '$oauthtoken',
    'hunter2',
    'pa$$word',
    'yourself1!',
    '$1$abc',
    'x',
    'xavier',
    '{"a":1}',
    '%41',
  ])('is not what a name may be: %s', (text) => expect(isPlaceholder(text)).toBe(false));

  test("docker's user name for identity tokens is not a placeholder", () =>
    expect(name('reg.example.com', '<token>').codes).toEqual([]));
});

const SITES: [server: string, host: string][] = [
  ...[
    'docker.com',
    'www.docker.com/products',
    'app.docker.com',
    'cloud.docker.com',
    'index.docker.com',
  ].map((server): [string, string] => [server, 'docker.io']),
  ...[
    'login.docker.com',
    'auth.docker.io',
    'https://auth.docker.com/x',
    'registry.docker.com',
    'DockerHub',
  ].map((server): [string, string] => [server, 'docker.io']),
  ...['dockerhub', 'docker hub', 'Docker Hub', 'docker-hub', 'dockerhub.com'].map(
    (server): [string, string] => [server, 'docker.io'],
  ),
  ['gitlab.com', 'registry.gitlab.com'],
  ['https://gitlab.com/Group/Project', 'registry.gitlab.com/group/project'],
  [
    'https://gitlab.com/group/sub/project/-/settings/repository',
    'registry.gitlab.com/group/sub/project',
  ],
  ['https://gitlab.com/group/project/container_registry', 'registry.gitlab.com/group/project'],
  ['https://gitlab.com/groups/group', 'registry.gitlab.com/group'],
  ['git@gitlab.com:group/project.git', 'registry.gitlab.com/group/project'],
  ['github.com', 'ghcr.io'],
  ['https://github.com/Acme', 'ghcr.io/acme'],
  ['https://github.com/acme/app', 'ghcr.io/acme'],
  ['https://github.com/orgs/acme/packages', 'ghcr.io/acme'],
  ['git@github.com:acme/app.git', 'ghcr.io/acme'],
  ['https://github.com:443/acme?tab=packages', 'ghcr.io/acme'],
  ['containers.pkg.github.com/acme', 'ghcr.io/acme'],
  ['https://gallery.ecr.aws/acme', 'public.ecr.aws'],
  ['www.quay.io', 'quay.io'],
];

test.each(SITES)('%s is used as %s', (server, host) => {
  const user = host === 'public.ecr.aws' ? 'AWS' : 'ada';
  const found = name(server, user);
  expect([found.host, found.codes]).toEqual([host, ['SERVER_SIMPLIFIED']]);
});

test('a triple that is broken beside a web site keeps the login of its registry', () => {
  const variables = triple('A', 'https://github.com/acme', 'ada:x', 'hunter2');
  const found = discover([{ name: 'environment', variables }], { githubToken: false });
  expect([...found.broken.logins]).toEqual(['ghcr.io', 'ghcr.io/acme']);
});

const NO_REGISTRY: [server: string, right: string][] = [
  ['docker.pkg.github.com', 'ghcr.io'],
  ['docker.pkg.github.com/acme/app', 'ghcr.io'],
  ['npm.pkg.github.com', 'ghcr.io'],
  ['maven.pkg.github.com', 'ghcr.io'],
  ['nuget.pkg.github.com', 'ghcr.io'],
  ['portal.azure.com', 'azurecr.io'],
  ['https://portal.azure.com/#home', 'azurecr.io'],
  ['login.microsoftonline.com', 'azurecr.io'],
  ['azurecr.io', 'azurecr.io'],
  ['https://console.cloud.google.com/artifacts?project=p', 'pkg.dev'],
  ['pkg.dev', 'docker.pkg.dev'],
  ['europe-npm.pkg.dev', 'docker.pkg.dev'],
  ['us-east-1.console.aws.amazon.com', 'dkr.ecr'],
  ['console.aws.amazon.com', 'dkr.ecr'],
  ['acme.awsapps.com', 'dkr.ecr'],
  ['dkr.ecr.us-east-1.amazonaws.com', 'dkr.ecr'],
  ['ecr.us-east-1.amazonaws.com', 'dkr.ecr'],
  ['123456789012.ecr.us-east-1.amazonaws.com', 'dkr.ecr'],
  ['123456789012.dkr.ecr.amazonaws.com', 'dkr.ecr'],
  ['12345678901.dkr.ecr.us-east-1.amazonaws.com', '12 digits'],
  ['1234567890123.dkr.ecr.eu-west-1.amazonaws.com', '12 digits'],
  ['fr-par.scw.cloud', 'rg.fr-par.scw.cloud'],
  ['nl-ams.scw.cloud', 'rg.nl-ams.scw.cloud'],
  ['cloud.ibm.com', 'icr.io'],
  ['registry.ng.bluemix.net', 'icr.io'],
  ['cloud.digitalocean.com', 'registry.digitalocean.com'],
  ['catalog.ngc.nvidia.com', 'nvcr.io'],
  ['access.redhat.com', 'registry.redhat.io'],
  ['cloud.oracle.com', 'ocir.io'],
  ['dashboard.heroku.com', 'registry.heroku.com'],
  ['fly.io', 'registry.fly.io'],
  ['console.chainguard.dev', 'cgr.dev'],
  ['registry.npmjs.org', 'host'],
];

test.each(NO_REGISTRY)('%s is no registry, and %s is named', (server, right) => {
  const { codes, told, host } = name(server);
  expect([host, codes]).toEqual([undefined, ['SERVER_INVALID']]);
  expect(told.split('fix')[0]).toContain(right);
});

test.each([
  ...[
    'gitlab.example.com',
    'docker.example.com',
    'registry.corp.google.example',
    'gitlab.com:5050',
  ],
  ...['vm.westeurope.cloudapp.azure.com', 'ec2-1-2-3-4.compute-1.amazonaws.com', 'acme.jfrog.io'],
  ...[
    'docker.elastic.co',
    'registry.fly.io',
    'cgr.dev',
    'mcr.microsoft.com',
    'registry.access.redhat.com',
  ],
  ...[
    'container-registry.oracle.com',
    'rg.fr-par.scw.cloud',
    'docker.cloudsmith.io',
    'us.icr.io',
    'dhi.io',
  ],
  ...[
    'github.example.com',
    'containers.github.example.com',
    'docker.io.example.com',
    'acme.scw.cloud',
  ],
])('%s stays as it is', (server) => {
  const { host, codes } = name(server);
  expect(host).toBe(server);
  expect(codes.filter((code) => code !== 'USER_UNLIKELY')).toEqual([]);
});

test('a client that asks our helper for a web site gets no login of a registry', () => {
  expect(parseQuestion('https://github.com/acme')?.hostName).toBe('github.com');
  expect(parseQuestion('gitlab.com')?.hostName).toBe('gitlab.com');
  expect(parseQuestion('https://hub.docker.com')?.hostName).toBe('docker.io');
});

const USERS: [host: string, right: string[], wrong: string[]][] = [
  ['nvcr.io', ['$oauthtoken'], ['oauthtoken', 'ada', 'nvidia']],
  ['us.icr.io', ['iamapikey', 'iambearer'], ['ada', 'apikey', 'token']],
  ['dhi.io', ['ada'], ['ada@example.com']],
  ['container-registry.oracle.com', ['ada@example.com'], ['ada']],
  ['cgr.dev', ['_token', 'org/pull'], ['ada']],
  ['rg.fr-par.scw.cloud', ['nologin'], ['ada']],
  ['cr.yandex', ['oauth', 'json_key', 'iam'], ['ada', '_json_key_file']],
  ['swr.cn-north-4.myhuaweicloud.com', ['cn-north-4@AKIDEXAMPLE'], ['ada']],
  ['ccr.ccs.tencentyun.com', ['100012345678'], ['ada']],
  ['registry.fly.io', ['x'], ['ada']],
  ['registry.heroku.com', ['_'], ['ada@example.com']],
  ['registry.redhat.io', ['1234567|acme', 'ada'], []],
  ['iad.ocir.io', ['tenancy/ada', 'tenancy/oracleidentitycloudservice/u@x.y'], ['ada']],
  ['europe-docker.pkg.dev', ['oauth2accesstoken'], ['ada']],
];

test.each(USERS)('%s has user names of one kind', (host, right, wrong) => {
  for (const user of right) expect([user, name(host, user).codes]).toEqual([user, []]);
  for (const user of wrong) {
    const found = name(host, user);
    expect([user, found.codes, found.user]).toEqual([user, ['USER_UNLIKELY'], user]);
    expect(found.told).toMatch(/set USER to/);
  }
});

test('check can say of a refused secret what its first letters say', () => {
  expect(findUnfit(`github_pat_${random(82)}`, 'ghcr.io')?.fix).toMatch(/classic token/);
  expect(findUnfit(`ghp_${random(36)}`, 'ghcr.io')).toBeUndefined();
});
