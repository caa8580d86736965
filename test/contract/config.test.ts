import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseDockerConfig } from '../../src/dockerconfig/parse.ts';
import { callBundle } from '../support/process.ts';
import { entry } from '../support/triples.ts';
import { DOCKER_PULL, testClient } from './support/clients.ts';
import { type FakeEngine, startFakeEngine } from './support/fake-engine.ts';
import { newPlace } from './support/place.ts';
import { runClient } from './support/run-client.ts';

const HOST = 'reg.example.com';
const { auth } = entry('ada', 'pw');
const ADA = `"auths":{"${HOST}":{"auth":"${auth}"}}`;
const AUTHS = (value: string) => `{"auths":{"${HOST}":${value}}}`;

/** Shapes that people have, and docker reads, and so do we: these can be written. */
const READ: Record<string, string> = {
  'nothing at all': '',
  'white space': ' \n\t\r\n',
  null: 'null\n',
  'nothing but null': '{"auths":null,"credHelpers":null,"credsStore":null,"plugins":null}',
  'the login alone': `{${ADA}}`,
  'Windows line ends': `{\r\n  ${ADA},\r\n  "credsStore": ""\r\n}\r\n`,
  'a byte beyond ASCII': `{${ADA},"psFormat":"☃ \\u2603 😀 \\ud83d\\ude00 \\ud800 café"}`,
  'numbers of any size': `{${ADA},"x":1e999,"y":-0}`,
  'Auths and Auth': `{"Auths":{"${HOST}":{"Auth":"${auth}"}}}`,
  'a long s in auths': `{"auth\u017f":{"${HOST}":{"auth":"${auth}"}}}`,
  'two spellings of auth': AUTHS(`{"auth":"Ym9iOnB3","AUTH":"${auth}"}`),
  'another spelling of auth that is null': AUTHS(`{"auth":"${auth}","AUTH":null}`),
  IdentityToken: AUTHS('{"IdentityToken":"t"}'),
  'an empty helper': `{${ADA},"credHelpers":{"${HOST}":""},"credsStore":"nowhere"}`,
  'a helper that is null': `{${ADA},"credHelpers":{"${HOST}":null}}`,
  'a key with a scheme': `{"auths":{"https://${HOST}/v1/":{"auth":"${auth}","email":"a@b.c"}}}`,
  "Kubernetes' four members": AUTHS(
    `{"username":"eve","password":"x","email":"none","auth":"${auth}"}`,
  ),
  "Kubernetes' two members": AUTHS('{"username":"ada@example.com","password":"pw"}'),
  'an identity token alone': AUTHS('{"identitytoken":"a.b.c"}'),
  'an identity token beside an auth': AUTHS(`{"auth":"${auth}","identitytoken":"a.b.c"}`),
  'a registry token': AUTHS('{"registrytoken":"abc"}'),
  'an auth in two lines': AUTHS(`{"auth":"${auth.slice(0, 4)}\\n${auth.slice(4)}\\r\\n"}`),
  'an auth with a NUL around the password': AUTHS(
    `{"auth":"${Buffer.from('ada:\0pw\0').toString('base64')}"}`,
  ),
  'an empty auth': AUTHS('{"auth":"","username":"ada","password":"pw"}'),
  'an entry that is null': AUTHS('null'),
  'an entry without a login': AUTHS('{}'),
  'an old .dockercfg': `{"https://index.docker.io/v1/":{"auth":"${auth}","email":"a@b.c"}}`,
  'known members of their types': `{${ADA},"proxies":{"default":{"httpProxy":"http://p:1","noProxy":"*.x"}},"aliases":{"builder":"buildx"},"cliPluginsExtraDirs":["/x"],"features":{"hooks":"true"},"experimental":"enabled","detachKeys":"ctrl-s","pruneFilters":["a",null],"HttpHeaders":{"X":"1"},"currentContext":"default","plugins":{"scan":{"optin":"true"}}}`,
  'members that docker does not know': `{${ADA},"image":1,"configurations":{"x":[]},"debug":true}`,
};

/** Shapes that docker reads and that are left alone: other clients read something else there. */
const LEFT: Record<string, string> = {
  'a bracket behind the end': `{${ADA}}}\n`,
  'a NUL behind the end': `{${ADA}}\0`,
  'another document': `{${ADA}}\n{"auths":{}}\n`,
  'a comment behind the end': `{${ADA}} // mine`,
  'a comma behind the end': `{${ADA}},`,
  'a key twice': `{"auths":{"${HOST}":{"auth":"Ym9iOnB3"},"${HOST}":{"auth":"${auth}"}}}`,
  'auths twice': `{"auths":{},${ADA}}`,
  'two spellings of auths': `{${ADA},"Auths":{"other.example":{"auth":"${auth}"}}}`,
  'two spellings of auths, the last null': `{${ADA},"Auths":null}`,
};

/** Shapes at which docker warns, and goes on with what it has. */
const WARNED: Record<string, string> = {
  'a byte order mark': `\ufeff{${ADA}}`,
  'a space of another kind': '\u00a0',
  'a comment': `{\n// mine\n${ADA}}`,
  'a trailing comma': `{${ADA},}`,
  'single quotes': `{'auths': {}}`,
  'a merge conflict': `{\n<<<<<<< HEAD\n${ADA}\n=======\n>>>>>>> x\n}`,
  'half of it': `{${ADA}`,
  'a tab in a text': `{${ADA},"psFormat":"a\tb"}`,
  'an array': '[]',
  'auths that is an array': '{"auths":[]}',
  'an entry that is a text': AUTHS(`"${auth}"`),
  'an auth without padding': AUTHS('{"auth":"YWRhOnB3MQ"}'),
  'an auth that is not encoded': AUTHS('{"auth":"ada:pw"}'),
  'an auth for URLs': AUTHS('{"auth":"dTr__vs_"}'),
  'an auth without a colon': AUTHS('{"auth":"c29tZXVzZXI="}'),
  'an auth without a colon beside a token': AUTHS('{"auth":"c29tZXVzZXI=","identitytoken":"t"}'),
  'an auth that is a number': AUTHS('{"auth":1,"identitytoken":"t"}'),
  'an email that is a number': AUTHS(`{"auth":"${auth}","email":1}`),
  'experimental: true': `{${ADA},"experimental":true}`,
  'Experimental: true': `{${ADA},"Experimental":true}`,
  'experimental: true beside a plain login': `{"experimental":true,"auths":{"${HOST}":{"username":"ada","password":"pw"}}}`,
  'features with a boolean': `{${ADA},"features":{"buildkit":true}}`,
  'proxies without a host': `{${ADA},"proxies":{"httpProxy":"http://p:1"}}`,
  'proxies with a list': `{${ADA},"proxies":{"default":{"noProxy":["a"]}}}`,
  'plugins with a boolean': `{${ADA},"plugins":{"compose":{"enabled":true}}}`,
  'aliases with a list': `{${ADA},"aliases":{"x":["y"]}}`,
  'HttpHeaders with a number': `{${ADA},"httpheaders":{"X":1}}`,
  'pruneFilters that is a text': `{${ADA},"pruneFilters":"label=x"}`,
  'psFormat that is a list': `{${ADA},"psFormat":["a"]}`,
  'credHelpers that is a list': `{${ADA},"credHelpers":["gcloud"]}`,
  'credsStore that is false': `{${ADA},"credsStore":false}`,
};

let engine: FakeEngine;
beforeAll(async () => {
  engine = await startFakeEngine({ ada: 'pw' });
});
afterAll(() => engine.close());

/** Who comes, and whether docker warns. */
async function observe(text: string) {
  const place = newPlace({ '.docker/config.json': text }, engine);
  engine.users.length = engine.tokens.length = 0;
  const { stderr } = await runClient(place, 'docker', ['pull', `${HOST}/team/image:1`]);
  const user = engine.tokens.at(-1) === undefined ? engine.users.at(-1) : '<token>';
  return { user, warns: stderr.includes('WARNING: Error parsing config file') };
}

/** What `status` says of docker, and whether the file is left alone. */
async function ask(text: string) {
  const { home, env } = newPlace({ '.docker/config.json': text });
  const PATH = join(home, 'bin');
  const args = ['status', HOST, '--json'];
  const { stdout } = await callBundle('registry-auth', args, { home, env: { ...env, PATH } });
  const { clients, problems } = JSON.parse(stdout);
  const [{ client, source, user, why }] = clients;
  expect([client, source]).toEqual(['docker', expect.not.stringContaining('error')]);
  const isLeft = problems.some(({ code }: { code: string }) => code.startsWith('CONFIG_'));
  return { user: user ?? undefined, saysWhyNobody: why !== undefined, isLeft };
}

describe.each([
  ['and writes', READ, { warns: false, isLeft: false }],
  ['and leaves alone', LEFT, { warns: false, isLeft: true }],
  ['and leaves alone, as docker warns of it', WARNED, { warns: true, isLeft: true }],
] as const)('a config.json that registry-auth reads as docker does, %s', (_, shapes, expected) => {
  const { isLeft } = expected;
  for (const [name, text] of Object.entries(shapes)) {
    testClient([DOCKER_PULL], `as status says: ${name}`, async () => {
      const { user, warns } = await observe(text);
      expect(warns).toBe(expected.warns);
      const saysWhyNobody = warns && user === undefined;
      expect(await ask(text)).toEqual({ user, saysWhyNobody, isLeft });
    });

    test(`holds ${name}`, () => {
      expect(parseDockerConfig(text).fault !== undefined).toBe(isLeft);
    });
  }
});
