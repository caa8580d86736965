import { CANARY } from '../support/secrets.ts';
import { configWith, entry, triple } from '../support/triples.ts';
import type { Item } from './folder.ts';
import type { Call } from './launch.ts';

/**
 * A call of ours, or what others do to config.json: podman drops our record, a rebuild or a backup
 * brings an older file back.
 */
export type Step = Call | 'drop the record' | 'remember the file' | 'bring the file back';

/** What is there at first, which call is disturbed, and which call comes after it. */
export type Scenario = {
  readonly name: string;
  /** Of the home: a file's text, or an item. */
  readonly files?: Readonly<Record<string, string | Partial<Item>>>;
  /** Undisturbed, one after the other. */
  readonly before?: readonly Step[];
  readonly call: Call;
  /** The same call again where nothing else is said. */
  readonly next?: Call;
  /** Secrets that nothing may hold once the next call is through. */
  readonly gone?: readonly string[];
  /** Of the Feature. */
  readonly options?: Readonly<Record<string, unknown>>;
};

export const OLD = `${CANARY}-old`;
export const NEW = `${CANARY}-new`;
const NEWER = `${CANARY}-third`;
const BY_HAND = `${CANARY}-by-hand`;
const FOREIGN = `${CANARY}-foreign`;

/** What may be in no output. */
export const SECRETS = [CANARY];

const HOST = 'registry.example.com';
const CONFIG = '.docker/config.json';
const LOGINS = '.docker/registry-auth-logins.json';
const CODESPACE = { CODESPACES: 'true', GITHUB_USER: 'ada' };
const acme = (password: string) => triple('ACME', HOST, 'ada', password);
const hub = (password: string) => triple('HUB', 'docker.io', 'ada', password);

export const call = (args: string, env: Record<string, string>): Call => ({
  program: 'registry-auth',
  args: args.split(' '),
  env,
});

export const helper = (
  verb: 'store' | 'erase',
  secret: string,
  env: Record<string, string>,
  host = HOST,
): Call => ({
  program: 'docker-credential-registry-auth',
  args: [verb],
  env,
  input:
    verb === 'erase' ? host : JSON.stringify({ ServerURL: host, Username: 'eve', Secret: secret }),
});

/** As no program of ours or docker's writes it. */
export const ODD = `{
    "credsStoreOfTomorrow" : { "ä": [1,2 , 3] },
    "auths":{"other.example":${JSON.stringify(entry('bob', FOREIGN))} , "b.example" : {
        "auth":"${entry('bob', FOREIGN).auth}", "note": "kept"}},\r
  "HttpHeaders": {"User-Agent": "x"},
  "credHelpers": {"a.example":"else"}
}

`;
const THEIRS = configWith({ [HOST]: ['bob', FOREIGN], 'other.example': ['bob', FOREIGN] });
const CREDS_STORE = JSON.stringify({ credsStore: 'dev-containers-1', auths: {} });
const HELPED = JSON.stringify({ auths: {}, credHelpers: { [HOST]: 'registry-auth' } });
/** As Codespaces has it: the directory is a link. */
const LINKED = {
  '.docker': { kind: 'link', text: 'shared' },
  shared: { kind: 'directory' },
} as const;
const isRoot = process.getuid?.() === 0;
const OWNED = isRoot ? { mode: 0o640, gid: 65_534 } : { mode: 0o640 };

export const SCENARIOS: readonly Scenario[] = [
  { name: 'a home without anything', call: call('apply', { ...acme(NEW), ...hub(NEW) }) },
  {
    name: "foreign entries in odd formatting, in another group's file",
    files: { [CONFIG]: { text: ODD, ...OWNED } },
    call: call('hook onCreate', { ...acme(NEW), ...hub(NEW) }),
  },
  {
    name: 'a secret that is rotated',
    files: { [CONFIG]: ODD },
    before: [call('apply', { ...acme(OLD), ...hub(OLD) })],
    call: call('hook postStart', { ...acme(NEW), ...hub(NEW) }),
    gone: [OLD],
  },
  {
    name: 'a secret that is rotated, and once more before the next call',
    files: { [CONFIG]: ODD },
    before: [call('apply', acme(OLD))],
    call: call('hook postStart', acme(NEW)),
    next: call('hook postStart', acme(NEWER)),
    gone: [OLD, NEW],
  },
  {
    name: "somebody's login, which the triple replaces",
    files: { [CONFIG]: THEIRS },
    call: call('apply', { ...acme(NEW), ...hub(NEW) }),
  },
  {
    name: 'a removal in a codespace, where a login of somebody comes back',
    files: { ...LINKED, 'shared/config.json': THEIRS },
    before: [call('hook postCreate', { ...CODESPACE, ...acme(OLD), ...hub(OLD) })],
    call: call('hook postStart', CODESPACE),
    gone: [OLD],
  },
  {
    name: 'a first write in a codespace, whose secret has gone at the next start',
    files: { ...LINKED, 'shared/config.json': ODD },
    call: call('hook postCreate', { ...CODESPACE, ...acme(OLD) }),
    next: call('hook postStart', CODESPACE),
    gone: [OLD],
  },
  {
    name: 'from entries to the helper, for no secret to rest',
    files: { [CONFIG]: ODD },
    before: [call('apply', { ...acme(OLD), ...hub(OLD) })],
    call: call('apply --credentials helper', { ...acme(OLD), ...hub(OLD) }),
    gone: [OLD],
  },
  {
    name: 'a codespace that is made from a prebuild',
    files: { ...LINKED, 'shared/config.json': ODD },
    before: [call('hook onCreate', { CODESPACES: 'true', ...acme(OLD) })],
    call: call('hook postCreate', { ...CODESPACE, ...acme(NEW), ...hub(NEW) }),
  },
  {
    name: 'a credsStore',
    files: { [CONFIG]: CREDS_STORE },
    call: call('hook updateContent', { ...acme(NEW), ...hub(NEW) }),
  },
  {
    name: 'a login by hand through the helper',
    files: { [CONFIG]: CREDS_STORE },
    before: [call('apply', acme(OLD))],
    call: helper('store', BY_HAND, acme(OLD)),
  },
  {
    name: 'a login by hand, then the next start',
    files: { [CONFIG]: CREDS_STORE },
    before: [call('apply', acme(OLD))],
    call: helper('store', BY_HAND, acme(OLD)),
    next: call('hook postStart', acme(OLD)),
  },
  {
    name: 'a login by hand in place of another',
    files: { [CONFIG]: ODD },
    before: [call('apply --credentials helper', acme(OLD)), helper('store', OLD, acme(NEW))],
    call: helper('store', BY_HAND, acme(NEW)),
    gone: [OLD],
  },
  {
    name: 'a logout by hand through the helper',
    files: { [CONFIG]: ODD },
    before: [call('apply --credentials helper', acme(NEW)), helper('store', OLD, acme(NEW))],
    call: helper('erase', OLD, acme(NEW)),
    gone: [OLD],
  },
  {
    name: 'logout, where a login of somebody comes back',
    files: { [CONFIG]: THEIRS },
    before: [call('apply', { ...acme(OLD), ...hub(OLD) })],
    call: call('logout', {}),
    gone: [OLD],
  },
  {
    name: "npm's own file, for GitHub's packages",
    files: { [CONFIG]: ODD, '.npmrc': '; mine\r\ncolor = false' },
    call: call('hook postStart', { ...CODESPACE, GITHUB_TOKEN: NEW, ...acme(NEW) }),
    options: { githubNpm: true },
  },
  {
    name: 'the lock of a process that was killed, with half a file in it',
    files: { [CONFIG]: ODD, ...deadLock(CONFIG) },
    call: call('apply', acme(NEW)),
    gone: [OLD],
  },
  {
    name: 'both locks of a process that was killed while it wrote a login',
    files: { [CONFIG]: HELPED, ...deadLock(CONFIG), ...deadLock(LOGINS) },
    call: helper('store', BY_HAND, acme(NEW)),
    gone: [OLD],
  },
  {
    name: 'a login through the helper that becomes an entry, and its file, which goes',
    files: { [CONFIG]: ODD },
    before: [call('apply --credentials helper', acme(NEW)), helper('store', BY_HAND, acme(NEW))],
    call: call('apply', { ...acme(NEW), ...hub(NEW) }),
  },
  {
    name: 'a login through the helper that a rotated secret supersedes',
    files: { [CONFIG]: CREDS_STORE },
    before: [call('apply', acme(OLD)), helper('store', BY_HAND, acme(OLD))],
    call: call('hook postStart', { ...acme(NEW), ...hub(NEW) }),
    gone: [OLD],
  },
  {
    name: 'our record, which another program dropped, before a rotation',
    files: { [CONFIG]: ODD },
    before: [call('apply', { ...acme(OLD), ...hub(OLD) }), 'drop the record'],
    call: call('hook postStart', { ...acme(NEW), ...hub(OLD) }),
  },
  {
    name: 'our record, which another program dropped in a codespace, before a rotation',
    files: { ...LINKED, 'shared/config.json': THEIRS },
    before: [
      call('hook postCreate', { ...CODESPACE, ...acme(OLD), ...hub(OLD) }),
      'drop the record',
    ],
    call: call('hook postStart', { ...CODESPACE, ...acme(NEW), ...hub(NEW) }),
    gone: [OLD],
  },
  {
    name: 'an older config.json that comes back after a rotation and a login through the helper',
    files: { [CONFIG]: CREDS_STORE },
    before: [
      ...[call('apply', acme(OLD)), 'remember the file' as const],
      ...[call('apply', { ...acme(NEW), ...hub(NEW) }), helper('store', BY_HAND, acme(NEW))],
      'bring the file back',
    ],
    call: call('hook postStart', { ...acme(NEW), ...hub(NEW) }),
    gone: [OLD],
  },
];

/** What a process of ours leaves that is killed while it writes a file. */
function deadLock(path: string): NonNullable<Scenario['files']> {
  return {
    [`${path}.lock`]: { kind: 'directory' },
    [`${path}.lock/3f9k2m`]: `{"auths":{"${HOST}":${JSON.stringify(entry('ada', OLD))}`,
  };
}
