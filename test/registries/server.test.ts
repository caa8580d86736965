import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nameRegistry } from '../../src/providers/registry.ts';
import { findDesired } from '../../src/reconcile/desired.ts';
import { findHostKeys, loginName } from '../../src/registries/keys.ts';
import { parseQuestion } from '../../src/registries/question.ts';
import { parseServer } from '../../src/registries/server.ts';
import type { Triple } from '../../src/secrets/triple.ts';
import { Desk } from '../support/desk.ts';
import { anyText } from '../support/hostile.ts';

function triple(server: string, id = 'A'): Triple {
  const user = /ecr/.test(server) ? 'AWS' : 'u';
  return { id, server, user, password: 'p', source: 'environment' };
}

function keysOf(server: string): string[] {
  const { named } = nameRegistry(triple(server));
  const { desired } = findDesired(named ? [named] : []);
  return desired.flatMap(({ keys }) => keys);
}

const HUB = ['https://index.docker.io/v1/', 'docker.io'];
const REG = ['reg.example.com'];

/** The mapping table, with more spellings (docs/clients.md, SERVER to keys). */
const KEYS: [server: string, keys: string[]][] = [
  ['reg.example.com', REG],
  ['https://reg.example.com', REG],
  ['HTTPS://reg.example.com', REG],
  ['http://reg.example.com', REG],
  ['https://reg.example.com/', REG],
  ['https://reg.example.com/v1/', REG],
  ['https://reg.example.com/v2/', REG],
  ['reg.example.com/v2', REG],
  ['REG.Example.com', REG],
  ['reg.example.com.', REG],
  ['https://me:secret@reg.example.com', REG],
  ['reg.example.com?a=b', REG],
  ['reg.example.com#top', REG],
  ['reg.example.com:5000', ['reg.example.com:5000']],
  ['https://reg.example.com.:5000/v2/', ['reg.example.com:5000']],
  ['reg.example.com:443', ['reg.example.com:443', 'reg.example.com']],
  ['https://reg.example.com:443', ['reg.example.com:443', 'reg.example.com']],
  ['reg.example.com:05000', ['reg.example.com:5000']],
  ['ghcr.io/org', ['ghcr.io', 'ghcr.io/org']],
  ['https://GHCR.io/Org/', ['ghcr.io', 'ghcr.io/org']],
  ['quay.io/team', ['quay.io', 'quay.io/team']],
  ['us-docker.pkg.dev/proj/repo', ['us-docker.pkg.dev', 'us-docker.pkg.dev/proj/repo']],
  ['registry.gitlab.com/g/p', ['registry.gitlab.com', 'registry.gitlab.com/g/p']],
  ['quay.io/team/app:1.2', ['quay.io', 'quay.io/team/app']],
  ['quay.io//team//', ['quay.io', 'quay.io/team']],
  [
    'reg.example.com:443/team',
    ['reg.example.com:443', 'reg.example.com', 'reg.example.com:443/team', 'reg.example.com/team'],
  ],
  ['reg.example.com/ui/?x=1', ['reg.example.com', 'reg.example.com/ui']],
  ['reg.example.com/a b', REG],
  ['docker.io', HUB],
  ['https://docker.io', HUB],
  ['index.docker.io', HUB],
  ['https://index.docker.io', HUB],
  ['https://index.docker.io/v1', HUB],
  ['https://index.docker.io/v1/', HUB],
  ['https://index.docker.io/v2/', HUB],
  ['hub.docker.com', HUB],
  ['https://hub.docker.com/r/acme/app', HUB],
  ['registry.docker.io', HUB],
  ['docker.io:443', HUB],
  ['docker.io/acme', [...HUB, 'docker.io/acme']],
  ['registry-1.docker.io', [...HUB, 'registry-1.docker.io']],
  ['registry.hub.docker.com', [...HUB, 'registry.hub.docker.com']],
  ['dhi.io', ['dhi.io']],
  ['registry.scout.docker.com', ['registry.scout.docker.com']],
  ['mycompany.azurecr.io', ['mycompany.azurecr.io']],
  [
    '123456789012.dkr.ecr.us-east-1.amazonaws.com',
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com'],
  ],
  [
    'https://123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app',
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com'],
  ],
  ['public.ecr.aws/alias', ['public.ecr.aws']],
  ['oci://reg.example.com', REG],
  ['docker://reg.example.com/team', [...REG, 'reg.example.com/team']],
  ['https//reg.example.com', REG],
  ['https:/reg.example.com', REG],
  ['https:///reg.example.com', REG],
  ['https://https://reg.example.com/', REG],
  ['oci://https://reg.example.com', REG],
  ['acme/app', [...HUB, 'docker.io/acme/app']],
  ['Acme/App:1.2', [...HUB, 'docker.io/acme/app']],
  ['library/redis/', [...HUB, 'docker.io/library/redis']],
  ['https://acme/app', ['acme', 'acme/app']],
  ['localhost/team', ['localhost', 'localhost/team']],
  ['registry/v2/', ['registry']],
  ['localhost:5000', ['localhost:5000']],
  ['127.0.0.1:5000', ['127.0.0.1:5000']],
  ['[::1]:5000', ['[::1]:5000']],
  ['[2001:DB8::1]', ['[2001:db8::1]']],
];

test.each(KEYS)('%s is looked up under its keys', (server, keys) => {
  expect(keysOf(server)).toEqual(keys);
});

const WRONG: [server: string, what: string][] = [
  ['reg example.com', 'contains white space'],
  ['reg.example.com:port', 'has a port that is not a number from 1 to 65535'],
  ['reg.example.com:0', 'has a port that is not a number from 1 to 65535'],
  ['reg.example.com:65536', 'has a port that is not a number from 1 to 65535'],
  ['reg.example.com:', 'has a port that is not a number from 1 to 65535'],
  ['::1:5000', 'is an IPv6 address without brackets'],
  ['2001:db8::1', 'is an IPv6 address without brackets'],
  ['[::1', 'is not a host name'],
  ['[::1].', 'is not a host name'],
  ['[::1].:5000', 'is not a host name'],
  ['[::zz]:1', 'is not a host name'],
  ['my_registry:5000', 'has an underscore in its host, which an image name cannot have'],
  ['registry_1', 'has an underscore in its host, which an image name cannot have'],
  ['-reg.example.com', 'is not a host name'],
  ['reg..example.com', 'is not a host name'],
  ['https://', 'has no host name'],
  ['/team', 'has no host name'],
  ['user@', 'has no host name'],
  ['ftp://reg.example.com', 'starts with a scheme that is not https'],
  ['htps://reg.example.com', 'starts with a scheme that is not https'],
  ['registré.example.com', 'contains characters that are not ASCII'],
  ['$ACME_SERVER', 'holds a placeholder'],
  ['$' + '{localEnv:ACME_SERVER}', 'holds a placeholder'],
  ['$' + '{{ vars.SERVER }}', 'holds a placeholder'],
  ['<name>.azurecr.io', 'holds a placeholder'],
  ['*.azurecr.io', 'holds a placeholder'],
  ['%ACME_SERVER%', 'holds a placeholder'],
  ['reg.example.com,quay.io', 'names several registries'],
  ['reg.example.com quay.io', 'names several registries'],
  ['reg.example.com; quay.io', 'names several registries'],
  ['docker login reg.example.com', 'contains white space'],
  ['reg.exam\u200bple.com', 'contains an invisible character, U+200B'],
  ['reg.example.com\u2060:5000', 'contains an invisible character, U+2060'],
  ['reg.example\u00ad.com', 'contains an invisible character, U+00AD'],
  ['\u202ereg.example.com', 'contains an invisible character, U+202E'],
  ['reg\u3002example.com', 'contains a character that looks like another, U+3002'],
  ['my\u2011reg.example.com', 'contains a character that looks like another, U+2011'],
  ['\u201creg.example.com\u201d:5000', 'contains a character that looks like another, U+201C'],
  ['https://evil.example\\@ghcr.io', 'contains a backslash'],
  ['ghcr.io\\team', 'contains a backslash'],
  ['{"server":"x"}', 'is not a host name'],
  [`${'a'.repeat(260)}.com`, 'is not a host name'],
];

test.each(WRONG)('%s is refused, and says why', (server, what) => {
  const { named, problem } = nameRegistry(triple(server));
  expect(named).toBeUndefined();
  expect(problem).toMatchObject({
    code: 'SERVER_INVALID',
    subject: 'A_CONTAINER_REGISTRY_SERVER',
    what,
  });
});

test.each([
  '12345678901.dkr.ecr.us-east-1.amazonaws.com',
  '123456789012.dkr.ecr.us-east-1.amazonaws.co',
  '123456789012.dkr.ecr.us-east-1.amazonaws.com:8443',
  'public.ecr.aws.example.com',
  'ghcr.io',
  'docker.io',
  'mycompany.azurecr.io',
  'evil.example/123456789012.dkr.ecr.us-east-1.amazonaws.com',
  'https://123456789012.dkr.ecr.us-east-1.amazonaws.com@evil.example',
])('AWS keys for %s are no password to be written', (server) => {
  const keys = { user: 'AKIAIOSFODNN7EXAMPLE', password: 'its secret' };
  const swapped = { user: keys.password, password: keys.user };
  for (const credential of [keys, swapped]) {
    const { named, problem } = nameRegistry({ ...triple(server), ...credential });
    expect(named).toBeUndefined();
    expect(problem).toMatchObject({
      code: 'SERVER_INVALID',
      subject: 'A_CONTAINER_REGISTRY_SERVER',
    });
  }
});

const SAID: [server: string, notices: string[]][] = [
  ['reg.example.com/team', []],
  ['https://me:secret@reg.example.com', ['contains user information; used without it']],
  ['reg.example.com?a=b', ['contains a query or fragment; used without it']],
  ['reg.example.com/a b', ['contains a path that an image name cannot have; used without it']],
  [
    'https://hub.docker.com/u/acme',
    ["contains the website's address, which is not the registry's; used without it"],
  ],
  [
    'mycompany',
    ['has neither a dot nor a port, so image names that start with it mean Docker Hub'],
  ],
  ['acme/app', ['has no host, so it is a repository on Docker Hub, as in an image name']],
  ['oci://reg.example.com', []],
  ['https:/reg.example.com', ['contains a mistyped scheme; used without it']],
  ['localhost', []],
];

test.each(SAID)('what is dropped from %s is said, without its value', (server, notices) => {
  expect(nameRegistry(triple(server)).notices?.map(({ what }) => what)).toEqual(notices);
});

test.each([
  ['docker.io', ['index.docker.io', 'registry-1.docker.io']],
  ['registry-1.docker.io', ['index.docker.io']],
  ['docker.io/team', ['index.docker.io', 'registry-1.docker.io']],
  ['reg.example.com', []],
])('clients ask a helper for %s by other names too', (server, aliases) => {
  const desk = new Desk();
  desk.apply({ A: [server, 'u', 'p'] }, { mode: 'helper' });
  const helped = Object.keys(desk.config.credHelpers ?? {});
  expect(helped.filter((key) => !keysOf(server).includes(key))).toEqual(aliases);
  expect(desk.config.auths).toEqual({});
});

test.each([
  ['https://index.docker.io/v1/', 'docker.io'],
  ['docker.io', 'docker.io'],
  ['index.docker.io', 'docker.io'],
  ['registry-1.docker.io', 'docker.io'],
  ['docker.io/team', 'docker.io/team'],
  ['registry-1.docker.io/team', 'docker.io/team'],
  ['reg.example.com:443', 'reg.example.com'],
  ['reg.example.com', 'reg.example.com'],
  ['reg.example.com:443/team', 'reg.example.com/team'],
  ['reg.example.com:5000', 'reg.example.com:5000'],
])('the login of %s is that of %s', (key, login) => {
  expect(loginName(key)).toBe(login);
});

describe('for any text', () => {
  test('understanding never throws', () => {
    fc.assert(fc.property(anyText(), (text) => void parseServer(text)));
  });

  test('normalising twice is normalising once, and the key found is the key written', () => {
    const host = fc.domain().map((name) => name.toLowerCase());
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    fc.assert(
      fc.property(host, port, (name, number) => {
        const server = number === undefined ? name : `${name}:${number}`;
        const once = parseServer(`https://${server}/`);
        const spelled = 'server' in once ? once.server.host : '';
        expect(parseServer(spelled)).toEqual(once);
        expect(findHostKeys(spelled)).toContain(spelled);
      }),
    );
  });
});

test.each(['https:/https://r.io/', 'https:/r.io', 'https//r.io', 'https://https://r.io'])(
  'a client that asks with %s gets no answer, because it may mean another host',
  (text) => expect(parseQuestion(text)).toBe(undefined),
);
