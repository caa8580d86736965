import { DEAD_LOCK } from '../support/lock.ts';
import { CANARY } from '../support/secrets.ts';
import { configWith, entry, triple } from '../support/triples.ts';
import type { Item } from './folder.ts';
import type { Call } from './launch.ts';

/** What is there at first, which call is disturbed, and which call comes after it. */
export type Scenario = {
  readonly name: string;
  /** Of the home: a file's text, or an item. */
  readonly files?: Readonly<Record<string, string | Partial<Item>>>;
  /** Undisturbed, one after the other. */
  readonly before?: readonly Call[];
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
const CODESPACE = { CODESPACES: 'true', GITHUB_USER: 'ada' };
const acme = (password: string) => triple('ACME', HOST, 'ada', password);
const hub = (password: string) => triple('HUB', 'docker.io', 'ada', password);

const call = (args: string, env: Record<string, string>): Call => ({
  program: 'registry-auth',
  args: args.split(' '),
  env,
});

const helper = (verb: 'store' | 'erase', secret: string, env: Record<string, string>): Call => ({
  program: 'docker-credential-registry-auth',
  args: [verb],
  env,
  input:
    verb === 'erase' ? HOST : JSON.stringify({ ServerURL: HOST, Username: 'eve', Secret: secret }),
});

/** As no program of ours or docker's writes it. */
const ODD = `{
    "credsStoreOfTomorrow" : { "ä": [1,2 , 3] },
    "auths":{"other.example":${JSON.stringify(entry('bob', FOREIGN))} , "b.example" : {
        "auth":"${entry('bob', FOREIGN).auth}", "note": "kept"}},\r
  "HttpHeaders": {"User-Agent": "x"},
  "credHelpers": {"a.example":"else"}
}

`;
const THEIRS = configWith({ [HOST]: ['bob', FOREIGN], 'other.example': ['bob', FOREIGN] });
const CREDS_STORE = JSON.stringify({ credsStore: 'dev-containers-1', auths: {} });
/** As Codespaces has it: the directory is a link. */
const LINKED = {
  '.docker': { kind: 'link', text: 'shared' },
  shared: { kind: 'directory' },
} as const;
const SOMEBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const OWNED = isRoot ? { mode: 0o640, uid: SOMEBODY, gid: SOMEBODY } : { mode: 0o640 };

export const SCENARIOS: readonly Scenario[] = [
  { name: 'a home without anything', call: call('apply', { ...acme(NEW), ...hub(NEW) }) },
  {
    name: "foreign entries in odd formatting, in another user's file",
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
    name: 'the lock of somebody who was killed',
    files: { [CONFIG]: ODD, '.docker/registry-auth.json.lock': DEAD_LOCK },
    call: call('apply', acme(NEW)),
  },
];
