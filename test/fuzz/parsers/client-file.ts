import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseKeys, parseRegctl } from '../../../src/report/shadow.ts';
import type { Machine } from '../../../src/resolve/client.ts';
import { AUTH_VARIABLE } from '../../../src/resolve/docker.ts';
import { CLIENTS } from '../../../src/resolve/look-up.ts';
import { findFiles } from '../../../src/resolve/paths.ts';
import { parser } from '../parser.ts';

const HOST = 'reg.example.com';
const ADDRESS = { host: HOST, repository: 'team/app' };
const AUTH = Buffer.from('ada:pass').toString('base64');
const ENTRY = `{"${HOST}":{"auth":"${AUTH}"}}`;
const VALID = [
  ...['', '{}', 'null', '{"auths":{}}', `{"auths":${ENTRY}}`, `{"AUTHS":${ENTRY},"auths":null}`],
  `{"auths":{"https://${HOST}/v1/":{"username":"ada","password":"pass"}},"credsStore":"pass"}`,
  `{"auths":{"${HOST}/team":{"auth":"${AUTH}","identitytoken":"t"}},"credHelpers":{"r.io":"x"}}`,
  `{ // theirs\n "credHelpers": {"${HOST}": "ecr-login",}, /* and */ "auths": {"*.com": null,},}`,
  `{"auths":${ENTRY},"credHelpers":{"${HOST}":"x","r.io":5}}`,
  ...[`{"credHelpers":{"${HOST}":5}}`, `{"credHelpers":{"${HOST}":"constructor"},"credsStore":1}`],
  `{"hosts":{"${HOST}":{"user":"ada","pass":"pass"},"r.io":null},"auths":{"${HOST}":{"auth":"!"}}}`,
];

const ENV = { HOME: '/home/ada', XDG_RUNTIME_DIR: '/run/user/1' };

/** docker's two, and the dev container CLI's (docs/clients.md, Docker; Dev container CLI). */
const DEFAULTS = new Set(['pass', 'secretservice', 'secret']);

/** A machine all of whose files hold the same text, and docker's variable too. */
function machineWith(text: string): Machine {
  const env = { ...ENV, [AUTH_VARIABLE]: text };
  const files = new Map(findFiles({ env, uid: 1 }).map((path) => [path, text]));
  return { env, uid: 1, files, programs: new Set(['docker-credential-pass']) };
}

function stopsOf(text: string) {
  const machine = machineWith(text);
  return Object.values(CLIENTS).flatMap(({ find }) => find(ADDRESS, machine));
}

export const CLIENT_FILE = parser<null>({
  name: 'client files',
  valid: fc.constantFrom(...VALID),
  around: [
    ['{"auths":{"', '":{}}}'],
    [`{"auths":{"${HOST}":{"auth":"`, '"}}}'],
    ['{"auths":{"', `${HOST}":{}}}`],
    ['{ //', '\n}'],
    ['{ /*', '*/ }'],
    ['{"hosts":{"', '":{}}}'],
  ],
  extra: fc.constant(null),
  read: ({ text }) => [stopsOf(text), parseKeys(text), parseRegctl(text)],
  properties: {
    'a login has a user or a secret, and both are text': ({ text }) => {
      for (const stop of stopsOf(text)) {
        if (stop.kind !== 'entry') continue;
        const { user, secret } = stop.credential;
        assert.deepEqual([typeof user, typeof secret], ['string', 'string']);
      }
    },
    'a helper that is named stands there, or is one that clients take by themselves': ({
      text,
    }) => {
      for (const stop of stopsOf(text)) {
        if (stop.kind !== 'helper') continue;
        const name = stop.program.slice('docker-credential-'.length);
        // JSON has more than one spelling of a text, and the dev container CLI needs no end of it.
        assert.ok(DEFAULTS.has(name) || text.includes(`"${name}`) || text.includes('\\'), name);
      }
    },
    'why a file cannot be read is said in words of ours': ({ text }) => {
      for (const spoilt of [`${text}zzz`, text.replaceAll(/[a-z]{3}/g, 'zzz'), `"zzz${text}`])
        for (const stop of stopsOf(spoilt))
          if (stop.kind === 'fault') assert.doesNotMatch(stop.why, /zzz/);
    },
    'the keys of a file are its own, each once': ({ text }) => {
      const keys = parseKeys(text);
      assert.equal(new Set(keys).size, keys.length);
      for (const name of ['constructor', '__proto__', 'toString'])
        assert.ok(!keys.includes(name) || text.includes(name) || text.includes('\\'));
    },
  },
});
