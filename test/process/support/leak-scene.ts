import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from '@jest/globals';
import { installWrappers, LIB } from '../../support/built.ts';
import { AWS_KEYS, TEAM, tripleOf } from '../../support/ecr-stand-in-identities.ts';
import { canRunInside } from '../../support/inside.ts';
import { callBundle, expectNoSecret, scratchHome } from '../../support/process.ts';
import { type Finished, type RunOptions, run } from '../../support/run.ts';
import { entry, triple } from '../../support/triples.ts';
import { CONFIG, LOGINS } from './cli.ts';
import { HOST, type Scene } from './ecr-scene.ts';

const secret = (of: string) => `${of}~Zk7?"+/&=%<é>>>???-9fQx`;

/** One set of secrets, each in one place, so that a leak says where it came from. */
export const SECRETS = {
  ...AWS_KEYS,
  PASSWORD: secret('password'),
  'the password of an env file': secret('envfile'),
  'what a file holds': secret('infile'),
  'what a command prints': secret('printed'),
  GITHUB_TOKEN: 'ghu_canaryOfTheWalk0123456789',
  'a login by hand': secret('byhand'),
  'an identity token': secret('identity'),
  'a login through our helper': secret('stored'),
  // What Node repeats in the message of an error.
  'an option that is none': '4242424242424242',
} as const;
type Name = keyof typeof SECRETS;

/** In a hook's log the values of SERVER and USER are secret too. */
const MASKED = { SERVER: 'canary-host.example', USER: 'canary-user-of-acme' };

export const ENV_FILE = 'work/team.env';
const SECRET_FILE = 'work/secret';
const OURS = { ...MASKED, FOREIGN: 'foreign.example' };

/** A host whose password a command prints; its text holds only the halves. */
export const MADE_HOST = 'made.example';
const PRINTED = SECRETS['what a command prints'];
const HALVES = [PRINTED.slice(0, 12), PRINTED.slice(12)].map((half) => `'${half}'`);

/** What every case has in its environment. */
export const ENV: Readonly<Record<string, string>> = {
  ...triple('ACME', OURS.SERVER, OURS.USER, SECRETS.PASSWORD),
  ...tripleOf('APP', HOST, TEAM),
  ...triple('MADE', MADE_HOST, 'ada', ''),
  MADE_CONTAINER_REGISTRY_PASSWORD_COMMAND: `printf '%s%s' ${HALVES.join(' ')}; echo ${HALVES[1]} >&2`,
  ...triple('FILE', 'file.example', 'ada', ''),
  GITHUB_USER: 'octocat',
  GITHUB_TOKEN: SECRETS.GITHUB_TOKEN,
  CODESPACES: 'true',
  ACTION_NAME: 'create',
};

/** And on its disk. */
export const FILES: Readonly<Record<string, string>> = {
  [CONFIG]: JSON.stringify({
    auths: {
      [OURS.SERVER]: entry('bob', SECRETS['a login by hand']),
      [OURS.FOREIGN]: { auth: 'dTpw', identitytoken: SECRETS['an identity token'] },
    },
  }),
  [SECRET_FILE]: `${SECRETS['what a file holds']}\n`,
  [ENV_FILE]: Object.entries(
    triple('TEAM', 'quay.io', 'ada', SECRETS['the password of an env file']),
  )
    .map(([name, value]) => `${name}='${value}'\n`)
    .join(''),
};

/** One call of a program of ours. */
export type Call = {
  readonly words: readonly string[];
  readonly program?: 'docker-credential-registry-auth';
  readonly input?: string;
  /** Of what hands a credential out where all is well, as it was asked to: all but that. */
  readonly restOf?: (answer: string) => string;
};

/** What is wrong, or only different, while it is called. */
export type Moment = {
  readonly name: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Of the Feature. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether no secret of the environment may rest in config.json. */
  readonly isSilent?: true;
  readonly arrange?: (home: string, scene: Scene) => void;
  /** Whether each call is a process, whose command line everybody can see. */
  readonly isSeen?: true;
  /** A code, or other words, that some call says: the moment is what its name says. */
  readonly said: RegExp;
};

/** Where each secret may be, besides the files that it was put into. */
const PLACES: Readonly<Record<string, readonly Name[]>> = {
  [CONFIG]: [
    ...(['PASSWORD', 'the password of an env file', 'GITHUB_TOKEN'] as const),
    'what a file holds',
    ...(['a login by hand', 'an identity token', 'a login through our helper'] as const),
  ],
  [LOGINS]: ['a login through our helper'],
};
/** Where none of the environment may rest: what was there, and what our helper hands over. */
const SILENT: readonly Name[] = [
  ...(['a login by hand', 'an identity token', 'a login through our helper'] as const),
];

/** Our programs in a home of their own, as install.sh leaves them. */
export class LeakScene {
  readonly home = scratchHome();
  readonly #share: string;
  readonly #scene: Scene;
  readonly #moment: Moment;
  readonly #path: string;
  said = '';

  constructor(scene: Scene, moment: Moment) {
    this.#scene = scene;
    this.#moment = moment;
    const options = { envFiles: ['team.env'], githubNpm: true, ...moment.options };
    this.#share = scratchHome({ 'options.json': JSON.stringify(options) });
    cpSync(LIB, join(this.#share, 'lib'), { recursive: true });
    this.#path = installWrappers(join(this.#share, 'bin'), { share: this.#share });
  }

  /** Makes a call in the moment, and looks for every secret wherever it should not be. */
  async call(call: Call): Promise<void> {
    const { home } = this;
    const { env, files, arrange } = this.#moment;
    const given = { ...FILES, ...files };
    for (const name of ['.docker', 'tmp'])
      rmSync(join(home, name), { recursive: true, force: true });
    for (const [path, text] of Object.entries(given)) {
      mkdirSync(dirname(join(home, path)), { recursive: true, mode: 0o700 });
      writeFileSync(join(home, path), text, { mode: 0o600 });
    }
    mkdirSync(join(home, 'tmp'));
    arrange?.(home, this.#scene);
    const finished = await this.#run(call, {
      env: { ...this.#variables(), ...env },
      home,
      cwd: join(home, 'work'),
      input: call.input ?? '',
    });
    this.#searchOutput(call, finished);
    this.#searchFiles(given);
    this.said += finished.stdout + finished.stderr;
  }

  #run({ program: given, words }: Call, options: RunOptions): Promise<Finished> {
    const program = given ?? 'registry-auth';
    if (!canRunInside(options) || this.#moment.isSeen) return run(program, words, options);
    return callBundle(program, words, options, join(this.#share, 'lib'));
  }

  #variables(): Record<string, string> {
    return {
      ...ENV,
      FILE_CONTAINER_REGISTRY_PASSWORD_FILE: join(this.home, SECRET_FILE),
      PATH: this.#path,
      TMPDIR: join(this.home, 'tmp'),
      XDG_RUNTIME_DIR: this.#scene.runtime,
      AWS_ENDPOINT_URL_ECR: this.#scene.standIn.url,
    };
  }

  get #tokens(): Record<string, string> {
    const tokens = this.#scene.standIn.tokens.map(({ token }, index) => [`token ${index}`, token]);
    return Object.fromEntries(tokens);
  }

  #searchOutput({ words, restOf }: Call, { status, stdout, stderr }: Finished): void {
    const all = { ...SECRETS, ...this.#tokens, ...(words[0] === 'hook' ? MASKED : {}) };
    expectNoSecret(stderr, all);
    expectNoSecret(restOf && status === 0 ? restOf(stdout) : stdout, all);
  }

  #searchFiles(given: Readonly<Record<string, string>>): void {
    const { home } = this;
    const secrets = { ...SECRETS, ...this.#tokens };
    const own = Object.keys(PLACES);
    const others = Object.keys(given).filter((path) => !own.includes(path));
    expectNoSecret({ folder: home }, secrets, { allow: [...own, ...others] });
    for (const path of own) {
      const file = join(home, path);
      const isFile = statSync(file, { throwIfNoEntry: false })?.isFile();
      const text = isFile ? readFileSync(file, 'utf8') : '';
      // What a moment put there is somebody else's, and left alone.
      if (text === given[path]) continue;
      const isConfig = path === CONFIG && !this.#moment.isSilent;
      const allowed = path === CONFIG && !isConfig ? SILENT : (PLACES[path] ?? []);
      const unwanted = Object.entries(secrets).filter(
        ([name]) => !allowed.includes(name as Name) && !(isConfig && name.startsWith('token ')),
      );
      expectNoSecret(text, Object.fromEntries(unwanted));
    }
    expect(readdirSync(join(home, 'tmp'))).toEqual([]);
    const left = existsSync(join(home, '.docker')) ? readdirSync(join(home, '.docker')) : [];
    const strange = left.filter((name) => /\.(?:tmp|lock)$/.test(name));
    const isGiven = (name: string) => Object.keys(given).some((path) => path.includes(name));
    expect(strange.filter((name) => !isGiven(name))).toEqual([]);
  }

  /** What no single call shows: the programs, their compiled code, and the token cache. */
  searchRest(): void {
    const secrets = { ...SECRETS, ...this.#tokens };
    expectNoSecret({ folder: this.#share }, secrets, { allow: ['options.json'] });
    // The cache is for tokens, and holds nothing that they were made from.
    const { 'what a command prints': _, ...others } = SECRETS;
    expectNoSecret({ folder: this.#scene.runtime }, others);
  }
}
