import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { entry } from '../../support/triples.ts';

/** Who may come in; each place in a scene that holds a login has a user of its own. */
export const USERS = Array.from({ length: 12 }, (_, index) => `user-${index}`);
export const passwordOf = (user: string) => `password-of-${user}`;

/** What a helper of a scene does: `docker-credential-scene-knows`, and so on. */
export const HELPERS = ['knows', 'lost', 'fails', 'absent'] as const;
export const HELPER_USER = 'user-of-the-helper';

type File = {
  readonly auths: Readonly<Record<string, object>>;
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly credsStore?: string;
};

/** What a person, or a program, may have left on a machine. */
export type Scene = {
  /** The text of each file, by its path below the home. */
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
};

/** How an entry may be written: as docker does, as one may by hand, or as no more than a marker. */
const ENTRIES: readonly ((user: string) => object)[] = [
  (user) => entry(user, passwordOf(user)),
  (user) => entry(user, passwordOf(user)),
  (user) => ({ ...entry(user, passwordOf(user)), email: 'x' }),
  (user) => ({ username: user, password: passwordOf(user) }),
  (user) => ({ AUTH: entry(user, passwordOf(user)).auth }),
  () => ({}),
  () => ({ auth: '' }),
];

/** Keys that all mean the host to clients that know no namespaces; Go takes any of several. */
const ALIASES = [
  'https://H',
  'http://H',
  'https://H/v1/',
  'https://H/v2/',
  'H/',
  'H/team',
  'H/other',
];
const OTHERS = ['other.example', 'localhost', 'localhost:1', 'LOCALHOST:1', 'http://other.example'];

const keys = fc
  .tuple(
    fc.option(fc.constant('H')),
    fc.option(fc.constantFrom(...ALIASES)),
    fc.option(fc.constant('H/team/image'), { freq: 1 }),
    fc.subarray(OTHERS),
  )
  .map(([exact, alias, image, others]) => {
    // Two keys without the host's own are one too many.
    const own = exact === null && alias !== null ? [alias] : [exact, alias, image];
    return [...others, ...own.filter((key) => key !== null)];
  });

const helper = fc.constantFrom(...HELPERS.map((name) => `scene-${name}`));

const file: fc.Arbitrary<File> = fc
  .record({
    keys,
    picks: fc.array(fc.tuple(fc.constantFrom(...USERS), fc.constantFrom(...ENTRIES)), {
      minLength: 8,
      maxLength: 8,
    }),
    forHost: fc.option(fc.oneof(helper, fc.constant('')), { freq: 2 }),
    store: fc.option(helper, { freq: 2 }),
  })
  .map(({ keys: all, picks, forHost, store }) => ({
    auths: Object.fromEntries(
      all.map((key, index) => [key, picks[index]?.[1](picks[index]?.[0] ?? '') ?? {}]),
    ),
    credHelpers: forHost === null ? {} : { H: forHost },
    ...(store === null ? {} : { credsStore: store }),
  }));

/** What a text editor, a full disk or another program may have left. */
const BROKEN = [
  '',
  ' \n',
  '{',
  'null',
  '[]',
  '\ufeff{}',
  '{"auths":{},}',
  '{"auths":{"H":[]}}',
  '{"auths":{"H":null}}',
  '{"auths":{"H":{"auth":"%"}}}',
  '{"auths":{"H":{"auth":"YWRh"}}}',
  '{"auths":{"other.example":{"auth":"YWRh"}}}',
  '{"auths":{"other.example":{"auth":1}}}',
  '{"credHelpers":{"H":1}}',
  '{"credsStore":1}',
  '{"auths":{"H":ENTRY},"experimental":true}',
  '{"auths":{"H":ENTRY},"credhelpers":{"H":"scene-knows"},"features":{"x":true}}',
  '{"auths":{"H":{"email":"","identityToken":5}}}',
  '{"Auths":{"H":ENTRY}}',
  '{"auths":{"H":ENTRY},"AUTHS":null}',
  '{"credSstore":"scene-knows"}',
  '{"auths":{"H":ENTRY}}}',
  '{"auths":{"H":ENTRY}}\0',
  '{"auths":{"H":ENTRY}',
];

/** Any scene for a registry at this host. */
export function scenesOf(host: string): fc.Arbitrary<Scene> {
  const whole = file.map((one) => JSON.stringify(one));
  const any = fc.oneof({ arbitrary: whole, weight: 5 }, fc.constantFrom(...BROKEN));
  const text = any.map((one) =>
    one.replaceAll('ENTRY', ENTRY).replaceAll('"H', `"${host}`).replaceAll('//H', `//${host}`),
  );
  return fc
    .record({
      docker: fc.option(text, { freq: 6 }),
      podman: fc.option(text, { freq: 1 }),
      helm: fc.option(text, { freq: 1 }),
      isNamed: fc.boolean(),
      variable: fc.option(fc.constantFrom(host, `${host}/team/image`, `https://${host}`), {
        freq: 1,
      }),
    })
    .map(({ docker, podman, helm, isNamed, variable }) => ({
      files: {
        ...(docker === null ? {} : { [`${isNamed ? 'named' : '.docker'}/config.json`]: docker }),
        ...(podman === null ? {} : { 'run/containers/auth.json': podman }),
        ...(helm === null ? {} : { '.config/helm/registry/config.json': helm }),
      },
      env: {
        ...(isNamed ? { DOCKER_CONFIG: 'named' } : {}),
        ...(variable === null
          ? {}
          : { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [variable]: VARIABLE } }) }),
      },
    }));
}

const VARIABLE = entry('user-0', passwordOf('user-0'));
const ENTRY = JSON.stringify(VARIABLE);

export function writeFiles(home: string, files: Scene['files']): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, path), text, { mode: 0o600 });
  }
}

/** Puts the helpers of scenes into a folder of PATH, all but the absent one. */
export function writeHelpers(bin: string): void {
  const credential = { ServerURL: '', Username: HELPER_USER, Secret: passwordOf(HELPER_USER) };
  const scripts: Record<string, string> = {
    knows: `echo '${JSON.stringify(credential)}'`,
    lost: "echo 'credentials not found in native keychain'; exit 1",
    fails: 'exit 255',
  };
  for (const [name, script] of Object.entries(scripts)) {
    const path = join(bin, `docker-credential-scene-${name}`);
    writeFileSync(path, `#!/bin/sh\ncat >/dev/null\n${script}\n`);
    chmodSync(path, 0o755);
  }
}
