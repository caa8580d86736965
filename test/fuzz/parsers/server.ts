import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findHostKeys, findNamespaceKeys, loginName } from '../../../src/registries/keys.ts';
import { isNameableHost, parseServer, type Server } from '../../../src/registries/server.ts';
import { parser } from '../parser.ts';

const VALID = [
  ...[
    'reg.example.com',
    'https://reg.example.com/',
    'localhost:5000',
    'REG.Example.com.',
    'ghcr.io',
  ],
  ...[
    'docker.io',
    'https://index.docker.io/v1/',
    'registry-1.docker.io',
    'https://hub.docker.com/u/a',
  ],
  ...[
    'quay.io/team',
    'https://quay.io/v2/team/app:tag',
    'r.io:443/a/b',
    '[::1]:5000/team',
    '10.0.0.1',
  ],
  ...['https://ada:pass@reg.example.com:8443/path?a=b#c', 'xn--bcher-kva.example', 'constructor'],
  ...[
    '123456789012.dkr.ecr.us-east-1.amazonaws.com',
    'europe-docker.pkg.dev/project/repo',
    'a.b@c',
    'r.io:0443',
    'https://evil.example\\@reg.example.com/',
  ],
];

function serverIn(text: string): Server | undefined {
  const parsed = parseServer(text.trim());
  return 'server' in parsed ? parsed.server : undefined;
}

/** What another reader of URLs takes the host for, where both speak of a name and not a number. */
function hostForOthers(text: string): string | undefined {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  try {
    const { hostname } = new URL(hasScheme ? text : `https://${text}`);
    return hostname.replace(/\.$/, '');
  } catch {
    return undefined;
  }
}

const HUB = /^(?:docker\.io|registry-1\.docker\.io|registry\.hub\.docker\.com)$/;
const hasPort = (host: string) => /:\d+$/.test(host);

export const SERVER = parser<null>({
  name: 'server',
  valid: fc.constantFrom(...VALID),
  around: [
    ['r.io/', '/a'],
    ['r.io/a', ''],
    ['https://', '@r.io'],
    ['r.io:', ''],
    ['[', ']'],
  ],
  extra: fc.constant(null),
  read: ({ text }) => {
    const server = serverIn(text);
    if (server) loginName(server.host);
    loginName(text);
  },
  properties: {
    'a host is a host: lower case, bounded, with a port that there is': ({ text }) => {
      const host = serverIn(text)?.host ?? 'none';
      assert.match(host, /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[1-9]\d{0,4})?$/);
      assert.ok(host.length <= 253 + 6);
      assert.doesNotMatch(host, /^[.-]|[.-]$|\.\.|[.-]:/);
      assert.ok(Number(/\]?:(\d+)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? 1) < 65_536);
    },
    'what was understood once is understood alike again, with nothing left out': ({ text }) => {
      const server = serverIn(text);
      if (!server) return;
      const { host, namespace } = server;
      const plain = namespace === undefined ? host : `${host}/${namespace}`;
      for (const spelled of [plain, `https://${plain}`, `https://${plain}/`]) {
        // A namespace called v1 is the API's version where it stands first.
        if (/^v[12](?:\/|$)/.test(namespace ?? '')) continue;
        // Without a scheme a word is a user of Docker Hub.
        if (spelled === plain && namespace !== undefined && !isNameableHost(host)) continue;
        const rest = { dropped: [], hasUser: false, lacksHost: false };
        assert.deepEqual(parseServer(spelled), { server: { host, namespace, ...rest } });
      }
    },
    'it is no other host than the one that a browser would ask': ({ text }) => {
      const server = serverIn(text);
      const theirs = hostForOthers(text.trim());
      // Numbers, and addresses, have more spellings than names.
      if (!server || theirs === undefined || !/\.[a-z][a-z0-9-]*$/.test(theirs)) return;
      const ours = server.host.replace(/:\d+$/, '');
      if (!HUB.test(ours)) assert.equal(ours, theirs);
      else assert.match(theirs, /(?:^|\.)docker\.(?:io|com)$/);
    },
    'all keys of a host, and of a namespace, are one login, which is its own': ({ text }) => {
      const server = serverIn(text);
      if (!server) return;
      const { host, namespace } = server;
      const lists = [findHostKeys(host)];
      if (namespace !== undefined) lists.push(findNamespaceKeys(host, namespace));
      for (const keys of lists) {
        assert.equal(new Set(keys.map(loginName)).size, 1);
        for (const key of keys) assert.equal(loginName(loginName(key)), loginName(key));
      }
      assert.ok(hasPort(host) || HUB.test(host) || findHostKeys(host).includes(host));
    },
    'a namespace is one that an image name can have': ({ text }) => {
      for (const part of serverIn(text)?.namespace?.split('/') ?? [])
        assert.match(part, /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/);
    },
    'nothing that is said repeats the text': ({ text }) => {
      const marked = text.replace(/[a-z]/g, 'q').replaceAll('qqq', 'zzz');
      for (const given of [`zzz:zzz@${marked}`, `${marked}?zzz`, `${marked}/zzz zzz`]) {
        const { server, ...refusal } = { server: undefined, ...parseServer(given) };
        assert.doesNotMatch(JSON.stringify([server?.dropped, refusal]), /zzz/);
      }
    },
  },
});
