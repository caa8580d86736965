import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { advise } from '../../src/check/advice.ts';
import { findProvider, PROVIDERS } from '../../src/providers/find.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { nameRegistry } from '../../src/providers/registry.ts';
import { judgeRealm } from '../../src/registry-client/scheme.ts';

const ACCOUNT = '123456789012.dkr';

const HOSTS: [name: string, hosts: string[]][] = [
  ['docker-hub', ['docker.io', 'docker.io:443', 'registry-1.docker.io', 'registry.hub.docker.com']],
  ['ghcr', ['ghcr.io', 'ghcr.io:443']],
  ['acr', ['mycompany.azurecr.io', 'my-company.azurecr.cn', 'a.azurecr.us', 'a.geo.azurecr.io']],
  [
    'ecr',
    [
      `${ACCOUNT}.ecr.us-east-1.amazonaws.com`,
      `${ACCOUNT}.ecr.us-east-1.amazonaws.com:443`,
      `${ACCOUNT}-ecr.us-east-1.on.aws`,
      `${ACCOUNT}.ecr-fips.us-gov-west-1.amazonaws.com`,
      `${ACCOUNT}.ecr.cn-north-1.amazonaws.com.cn`,
    ],
  ],
  ['ecr-public', ['public.ecr.aws', 'public.ecr.aws:443', 'ecr-public.aws.com']],
  ['gcr', ['gcr.io', 'eu.gcr.io', 'marketplace.gcr.io']],
  ['gar', ['europe-docker.pkg.dev', 'us-west1-docker.pkg.dev', 'docker.us-west1.rep.pkg.dev']],
  ['gitlab', ['registry.gitlab.com']],
  ['quay', ['quay.io', 'quay.io:443']],
  [
    'other',
    [
      'registry.example.com',
      'registry.digitalocean.com',
      'localhost:5000',
      'mycompany',
      'ghcr.io:8443',
      'ghcr.io.example.com',
      'evil-ghcr.io',
      'azurecr.io',
      'a.b.azurecr.io',
      'mycompany.azurecr.io.example.com',
      'a.b.gcr.io',
      'pkg.dev',
      'europe-npm.pkg.dev',
      'europe-docker.pkg.dev.example.com',
      '12345678901.dkr.ecr.us-east-1.amazonaws.com',
      `${ACCOUNT}.ecr.us-east-1.amazonaws.com:8443`,
      'public.ecr.aws.example.com',
      'gitlab.com',
      'registry.gitlab.com.example.com',
      'eu.registry.sample-cloud.com',
    ],
  ],
];

describe.each(HOSTS)('%s', (name, hosts) => {
  test.each(hosts)('runs %s', (host) => {
    expect(findProvider(host).name).toBe(name);
  });
});

test('no host has two providers, so that their order does not matter', () => {
  const all = HOSTS.flatMap(([, hosts]) => hosts.map((host) => host.replace(/:443$/, '')));
  const several = all.filter((host) => PROVIDERS.filter((one) => one.matches(host)).length > 1);
  expect(several).toEqual([]);
});

describe('a provider that is one object more', () => {
  const sampleCloud: Provider = {
    name: 'sample-cloud',
    matches: (host) => host.endsWith('.registry.sample-cloud.com'),
    tokenHosts: ['login.sample-cloud.com'],
    // Every secret goes with one user name.
    judge: (triple, host) =>
      sampleCloud.matches(host) ? { triple: { ...triple, user: '$token' } } : { triple },
    advice: {
      rejected: ({ host }) => `make a new secret for ${host.split('.')[0]}`,
      denied: 'give the secret the role Reader',
    },
  };
  const list = PROVIDERS as Provider[];
  beforeAll(() => void list.push(sampleCloud));
  afterAll(() => void list.pop());
  const host = 'eu.registry.sample-cloud.com';
  const given = { id: 'A', server: host, user: 'ada', password: 'p', source: 'environment' };

  test('runs its hosts, and no other', () => {
    expect(findProvider(`${host}:443`)).toBe(sampleCloud);
    expect(findProvider('ghcr.io').name).toBe('ghcr');
  });

  test('judges the triples of its hosts', () => {
    const { named } = nameRegistry(given);
    expect(named?.triple.user).toBe('$token');
    expect(named?.registry).toEqual({ host, provider: sampleCloud, namespace: undefined });
    expect(nameRegistry({ ...given, server: 'quay.io' }).named?.triple.user).toBe('ada');
  });

  test('has the password sent to its token service, which nobody else has', () => {
    const realm = 'https://login.sample-cloud.com/token';
    const api = (one: string) => {
      const { tokenHosts } = findProvider(one);
      return { host: one, isPlain: false, tokenHosts };
    };
    expect(judgeRealm(realm, api(host))).toBeInstanceOf(URL);
    expect(judgeRealm(realm, api('quay.io'))).toMatchObject({ outcome: 'unsafe-realm' });
  });

  test('says what to do in check', () => {
    const provider = findProvider(host);
    const origin = { kind: 'triple', id: 'A', isExchanged: false } as const;
    const context = { provider, host, user: '$token', origin };
    expect(advise({ outcome: 'rejected', status: 401 }, context)).toBe(
      'renew A_CONTAINER_REGISTRY_PASSWORD; make a new secret for eu',
    );
    expect(advise({ outcome: 'image-denied', status: 403 }, context)).toBe(
      'give the secret the role Reader',
    );
  });
});
