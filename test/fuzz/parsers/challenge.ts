import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeRealm, parseChallenges } from '../../../src/registry-client/scheme.ts';
import { parser } from '../parser.ts';

const HOST = 'reg.example.com';
const VALID = [
  ...['Basic', 'Basic realm="x"', 'BASIC realm="Sonatype Nexus Repository Manager"', 'Negotiate'],
  `Bearer realm="https://${HOST}/token",service="${HOST}",scope="repository:a/b:pull,push"`,
  `bearer Realm=https://${HOST}/token , Basic realm="a \\"b\\" c"`,
  ...['Bearer realm="https://evil.example/token"', 'Bearer realm="http://169.254.169.254/"'],
  ...[`Bearer realm="https://${HOST}@evil.example/"`, `Bearer realm="https://${HOST}./token"`],
];

/** Every text in it that could be an address. */
function addressesIn(text: string): string[] {
  const values = parseChallenges(text).flatMap(({ parameters }) => [...parameters.values()]);
  return [text, ...values];
}

export const CHALLENGE = parser<null>({
  name: 'challenge',
  valid: fc.constantFrom(...VALID),
  around: [
    ['Basic realm="', '"'],
    ['Basic realm=', ''],
    ['Bearer ', 'realm="x"'],
    ['Basic realm="\\', '"'],
  ],
  extra: fc.constant(null),
  read: ({ text }) =>
    addressesIn(text).map((one) => judgeRealm(one, { host: HOST, isPlain: false })),
  properties: {
    'a scheme and the names of parameters are words in lower case': ({ text }) => {
      for (const { scheme, parameters } of parseChallenges(text))
        for (const word of [scheme, ...parameters.keys()]) {
          assert.ok(word !== '' && !/[\s,="]/.test(word));
          assert.equal(word, word.toLowerCase());
        }
    },
    'an address that may have the password is https on the host itself': ({ text }) => {
      for (const one of addressesIn(text)) {
        const realm = judgeRealm(one, { host: HOST, isPlain: true });
        if (!(realm instanceof URL)) continue;
        const { protocol, hostname, username, password } = realm;
        assert.deepEqual([protocol, hostname, username, password], ['https:', HOST, '', '']);
      }
    },
  },
});
