import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loginName } from '../../src/registries/keys.ts';
import { type ApplyOptions, Desk, type DockerJson, encode, type Triples } from '../support/desk.ts';

/**
 * Everything that may happen to config.json, in any order: secrets come, change and go; somebody
 * logs in and out, past our helper and through it; a credsStore comes and goes, our helper is
 * missing, tokens expire, a prebuild runs, any older config.json comes back at any point, another
 * program drops our record, and a run is killed between two writes.
 */
const IDS = ['A', 'B', 'C', 'D', 'E', 'F'] as const;
const ECR = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const SERVERS = ['r.io', 'docker.io', 'q.io/team', 's.io:443', ECR] as const;
const KEYS = ['r.io', 'docker.io', 'https://index.docker.io/v1/', 'q.io', 's.io', ECR, 'ghcr.io'];
const FOREIGN = ['foreign.io', 'https://other.io/v1/', 'f.io:5000'];
const TOKEN_LIFE = 10;

type Mode = 'file' | 'helper' | 'prebuild';
type Op =
  | { do: 'set'; id: (typeof IDS)[number]; server: (typeof SERVERS)[number] }
  | { do: 'unset'; id: (typeof IDS)[number] }
  | { do: 'github' }
  | { do: 'login' | 'store' | 'erase' | 'docker logout'; key: string }
  | { do: 'credsStore'; name: string | undefined }
  | { do: 'foreign helper'; key: string }
  | { do: 'wait' | 'drop' | 'logout' }
  | { do: 'older'; back: number }
  | {
      do: 'apply';
      mode: Mode;
      prune: boolean;
      force: boolean;
      hasHelper: boolean;
      killedAt: number;
    };

const key = fc.constantFrom(...KEYS);
const apply = fc.record({
  do: fc.constant('apply' as const),
  mode: fc.constantFrom<Mode>('file', 'file', 'file', 'helper', 'prebuild'),
  prune: fc.boolean(),
  force: fc.constantFrom(false, false, false, true),
  hasHelper: fc.constantFrom(true, true, true, false),
  killedAt: fc.constantFrom(99, 99, 99, 1, 2, 3),
});
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: apply },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      id: fc.constantFrom(...IDS),
      server: fc.constantFrom(...SERVERS),
    }),
  },
  fc.record({ do: fc.constant('unset' as const), id: fc.constantFrom(...IDS) }),
  fc.record({ do: fc.constantFrom('login', 'store', 'erase', 'docker logout'), key }),
  fc.record({
    do: fc.constant('credsStore' as const),
    name: fc.constantFrom('desktop', undefined),
  }),
  fc.record({ do: fc.constant('foreign helper' as const), key: fc.constantFrom('r.io', 'q.io') }),
  fc.record({ do: fc.constantFrom('github', 'wait', 'drop', 'logout') }),
  fc.record({ do: fc.constant('older' as const), back: fc.nat({ max: 30 }) }),
);

/** The desk, and what a person would know of it. */
class World {
  readonly desk: Desk;
  readonly triples: Record<string, readonly [string, string, string]> = {};
  github: string | undefined;
  /** Secrets that were ours and are nowhere wanted any more. */
  readonly retired = new Set<string>();
  readonly #start: DockerJson;
  /** The secret that was made last. */
  last = '';
  now = 1;
  #count = 0;
  readonly #owners = new Map<string, string>();
  /** Every config.json that there was. */
  readonly #older: (string | undefined)[] = [];
  /**
   * Secrets whose record another program took away: then nobody knows that they are ours, and they
   * count as somebody's login. Only this judge may say so.
   */
  readonly orphaned = new Set<string>();

  constructor(config: string | undefined) {
    this.desk = new Desk(config);
    this.#start = this.desk.config;
  }

  get env(): Triples {
    const codespace = { CODESPACES: 'true', GITHUB_USER: 'octocat', GITHUB_TOKEN: this.github };
    return { ...this.triples, ...(this.github ? (codespace as Record<string, string>) : {}) };
  }

  /** The secrets that stand for the triples now, tokens in place of AWS keys. */
  get secrets(): string[] {
    const ours = Object.values(this.triples).map(([, , secret]) => secret);
    return [
      ...ours,
      ...ours.map((secret) => this.#token(secret)),
      ...((this.github ?? '') ? [this.github ?? ''] : []),
    ];
  }

  #token(secret: string): string {
    return `token-${this.now - (this.now % TOKEN_LIFE)}-of-${secret}`;
  }

  fresh(kind: string): string {
    this.#count += 1;
    this.last = `${kind}-${this.#count}-${kind}`;
    return this.last;
  }

  options({ mode, prune, force, hasHelper }: Extract<Op, { do: 'apply' }>): ApplyOptions {
    const keys = Object.entries(this.triples).filter(([, [server]]) => server === ECR);
    const expiresAt = this.now - (this.now % TOKEN_LIFE) + TOKEN_LIFE;
    return {
      mode: mode === 'file' ? 'file' : 'helper',
      isPrebuild: mode === 'prebuild',
      prune,
      force,
      canUseHelper: hasHelper,
      now: this.now,
      credentials: new Map(
        keys.map(([id, [, , secret]]) => [
          id,
          { user: 'AWS', secret: this.#token(secret), expiresAt },
        ]),
      ),
    };
  }

  do(op: Op): void {
    this.#older.push(this.desk.texts.config);
    this.#act(op);
  }

  #act(op: Op): void {
    const { desk } = this;
    switch (op.do) {
      case 'set':
        this.#change(() => {
          const user = op.server === ECR ? 'AKIAIOSFODNN7EXAMPLE' : 'ours';
          const secret = this.fresh('secret');
          this.triples[op.id] = [op.server, user, secret];
          this.#owners.set(secret, op.id);
        });
        break;
      case 'unset':
        this.#change(() => delete this.triples[op.id]);
        break;
      case 'github':
        this.#change(() => {
          this.github = `ghu_${this.fresh('token').replaceAll('-', '')}`;
        });
        break;
      case 'wait':
        this.#change(() => {
          this.now += TOKEN_LIFE;
        });
        break;
      case 'login':
        desk.login(op.key, 'hand', this.fresh('by-hand'));
        break;
      case 'store':
        // Docker asks our helper only where it stands.
        if (desk.config.credHelpers?.[op.key] === 'registry-auth')
          desk.store(op.key, 'hand', this.fresh('by-hand'), this.env);
        break;
      case 'erase':
        if (desk.config.credHelpers?.[op.key] === 'registry-auth') desk.erase(op.key, this.env);
        break;
      case 'docker logout':
        desk.rewrite((config) => delete config.auths?.[op.key]);
        break;
      case 'credsStore':
        desk.rewrite((config) => {
          delete config.credsStore;
          if (op.name) config.credsStore = op.name;
        });
        break;
      case 'foreign helper':
        desk.rewrite((config) => {
          config.credHelpers = { ...config.credHelpers, [op.key]: 'pass' };
        });
        break;
      case 'older':
        desk.texts = { ...desk.texts, config: this.#older.at(-1 - op.back) ?? this.#older[0] };
        break;
      case 'drop':
        for (const secret of [...this.retired, ...this.secrets])
          if (holds(desk.texts.config, secret)) this.orphaned.add(secret);
        desk.dropPlugins();
        break;
      case 'logout':
        desk.logout();
        break;
      case 'apply':
        desk.writesLeft = op.killedAt;
        desk.apply(this.env, this.options(op));
        break;
    }
  }

  #change(action: () => void): void {
    const before = this.secrets;
    action();
    for (const secret of before) this.retired.add(secret);
    for (const secret of this.secrets) this.retired.delete(secret);
  }

  /** Secrets that may be nowhere any more. */
  get dead(): string[] {
    return [...this.retired].filter((secret) => this.#isJudged(secret));
  }

  /** Secrets that may not be in the file while our helper answers. */
  get resting(): string[] {
    return this.secrets.filter((secret) => this.#isJudged(secret));
  }

  /** What an ID held that loses to another one now is neither wanted nor gone. */
  #isJudged(secret: string): boolean {
    const owner = this.#owners.get(secret.replace(/^token-\d+-of-/, ''));
    const server = owner && this.triples[owner]?.[0];
    const isLoser = Object.entries(this.triples).some(
      ([id, [other]]) => owner !== undefined && id < owner && other === server,
    );
    return !isLoser && !this.orphaned.has(secret);
  }

  /** What is none of ours, at keys that no triple here can want. */
  foreignPart(): unknown {
    const { auths = {}, credHelpers = {}, credsStore: _, ...rest } = this.desk.others;
    const pick = (record: object) =>
      Object.entries(record).filter(([one]) => FOREIGN.includes(one));
    return [pick(auths), pick(credHelpers), Object.entries(rest)];
  }

  startPart(): unknown {
    const { auths = {}, credHelpers = {}, credsStore: _, ...rest } = this.#start;
    const pick = (record: object) =>
      Object.entries(record ?? {}).filter(([one]) => FOREIGN.includes(one));
    return [pick(auths ?? {}), pick(credHelpers ?? {}), Object.entries(rest)];
  }
}

/** Whether a secret is in a file as we write it: plain, or in base64 after any user. */
function holds(text: string | undefined, secret: string): boolean {
  if (text === undefined) return false;
  const users = ['ours', 'AWS', 'octocat', 'hand', 'AKIAIOSFODNN7EXAMPLE'];
  return text.includes(secret) || users.some((user) => text.includes(encode(user, secret)));
}

function whereIs(secrets: Iterable<string>, { texts }: Desk): string[] {
  return [...secrets].flatMap((secret) => [
    ...(holds(texts.config, secret) ? [`config.json: ${secret}`] : []),
    ...(holds(texts.logins, secret) ? [`logins: ${secret}`] : []),
  ]);
}

const THEIR_ENTRY = { auth: 'Zm9yOmVpZ24=' };
const start = fc.constantFrom(
  undefined,
  '',
  '{}',
  JSON.stringify(
    { auths: { 'foreign.io': THEIR_ENTRY, 'r.io': THEIR_ENTRY }, psFormat: 'x' },
    null,
    2,
  ),
  JSON.stringify(
    { credsStore: 'desktop', auths: { 'docker.io': THEIR_ENTRY, 'r.io': {} } },
    null,
    '\t',
  ),
  JSON.stringify({
    credHelpers: { 'q.io': 'gcloud', 'foreign.io': 'pass' },
    auths: { 'https://index.docker.io/v1/': { auth: encode('codespacesdev', 'github-made-this') } },
  }),
);

/** More of them than a test run needs: WALKS=20000 npx jest walk. */
const walks = { numRuns: Number(process.env.WALKS ?? 200), size: 'max' } as const;
const steps = fc.array(op, { maxLength: 25 });

describe('after any walk', () => {
  const complete = (mode: Mode): Extract<Op, { do: 'apply' }> => ({
    do: 'apply',
    mode,
    prune: true,
    force: false,
    hasHelper: true,
    killedAt: 99,
  });

  test('what is not ours is as it was', () => {
    fc.assert(
      fc.property(start, steps, (config, ops) => {
        const world = new World(config);
        const before = world.startPart();
        for (const one of ops) world.do(one);
        expect(world.foreignPart()).toEqual(before);
      }),
      walks,
    );
  });

  test('a complete run leaves no secret that is no longer wanted', () => {
    fc.assert(
      fc.property(start, steps, fc.constantFrom<Mode>('file', 'helper'), (config, ops, mode) => {
        const world = new World(config);
        for (const one of ops) world.do(one);
        world.do(complete(mode));
        expect(whereIs(world.dead, world.desk)).toEqual([]);
      }),
      walks,
    );
  });

  test('a run in helper mode, a prebuild included, leaves no secret of ours anywhere', () => {
    fc.assert(
      fc.property(
        start,
        steps,
        fc.constantFrom<Mode>('helper', 'prebuild'),
        (config, ops, mode) => {
          const world = new World(config);
          for (const one of ops) world.do(one);
          world.do(complete(mode));
          expect(whereIs(world.resting, world.desk)).toEqual([]);
        },
      ),
      walks,
    );
  });

  test('a record has more than 16 bits of a secret only beside the secret itself', () => {
    fc.assert(
      fc.property(start, steps, apply, (config, ops, last) => {
        const world = new World(config);
        for (const one of ops) world.do(one);
        world.do({ ...last, killedAt: 99 });
        const { auths = {}, plugins = {} } = world.desk.config;
        const long = Object.entries(plugins['registry-auth'] ?? {}).filter(([, text]) =>
          /:[0-9a-f]{8}/.test(text),
        );
        const hasEntry = ([name]: [string, string]) =>
          Object.entries(auths).some(([one, { auth }]) => auth && loginName(one) === name);
        expect(long.filter((one) => !hasEntry(one))).toEqual([]);
      }),
      walks,
    );
  });

  test('a second run changes nothing', () => {
    fc.assert(
      fc.property(start, steps, apply, (config, ops, last) => {
        const world = new World(config);
        for (const one of ops) world.do(one);
        world.do({ ...last, killedAt: 99 });
        const again = world.desk.apply(world.env, world.options({ ...last, force: false }));
        expect(again.texts).toEqual({});
      }),
      walks,
    );
  });

  test('a run that was killed after any write ends, once repeated, as one that was not', () => {
    fc.assert(
      fc.property(start, steps, apply, fc.constantFrom(1, 2, 3), (config, ops, last, killedAt) => {
        const world = new World(config);
        for (const one of ops) world.do(one);
        const begin = world.desk.texts;
        const whole = { ...last, killedAt: 99 };
        world.do({ ...last, killedAt });
        if (world.desk.texts.logins === begin.logins && world.desk.texts.config === begin.config)
          return;
        world.do(whole);
        const repeated = world.desk.texts;
        world.desk.texts = begin;
        world.do(whole);
        expect(repeated).toEqual(world.desk.texts);
      }),
      walks,
    );
  });

  test('a login by hand is what docker uses from then on, until the secret changes', () => {
    const host = fc.constantFrom('r.io', 'https://index.docker.io/v1/', 'q.io', 's.io', 'ghcr.io');
    const modes = fc.array(fc.constantFrom<Mode>('file', 'helper'), { maxLength: 3 });
    fc.assert(
      fc.property(start, steps, host, modes, (config, ops, at, later) => {
        const world = new World(config);
        for (const one of ops) world.do(one);
        world.do(complete('file'));
        const helper = world.desk.config.credHelpers?.[at];
        const isElsewhere = helper === undefined ? world.desk.config.credsStore : helper !== OURS;
        if (isElsewhere) return;
        world.do({ do: helper === OURS ? 'store' : 'login', key: at });
        const login = `hand:${world.last}`;
        expect(whatDockerUses(world, at)).toBe(login);
        // An entry decides nothing where our helper is asked first.
        const isMeant = (mode: Mode) => helper === OURS || mode === 'file';
        for (const mode of later.filter(isMeant)) world.do(complete(mode));
        expect(whatDockerUses(world, at)).toBe(login);
      }),
      walks,
    );
  });

  test('a secret that is new or has changed is what docker uses after the next run', () => {
    const registry = fc.constantFrom(
      ...([
        ['r.io', 'r.io'],
        ['docker.io', 'https://index.docker.io/v1/'],
        ['s.io:443', 's.io:443'],
      ] as const),
    );
    const mode = fc.constantFrom<Mode>('file', 'helper');
    fc.assert(
      fc.property(start, steps, registry, mode, (config, ops, [server, at], how) => {
        const world = new World(config);
        for (const one of ops) world.do(one);
        for (const id of IDS) world.do({ do: 'unset', id });
        // A login that was made where nothing was known of a triple is newer than the first one.
        if ([...world.desk.state.logins.values()].some(({ triple }) => !triple)) {
          world.do({ do: 'set', id: 'A', server });
          world.do(complete(how));
        }
        world.do({ do: 'set', id: 'A', server });
        world.do(complete(how));
        expect(whatDockerUses(world, at)).toBe(`ours:${world.last}`);
      }),
      walks,
    );
  });

  test('a logout gives back what stood there before, where nobody else wrote', () => {
    const ours = op.filter((one) => ['apply', 'set', 'unset', 'wait'].includes(one.do));
    fc.assert(
      fc.property(start, fc.array(ours, { maxLength: 15 }), (config, ops) => {
        const world = new World(config);
        const before = membersOf(world.desk.config);
        for (const one of ops) world.do(one);
        // A run that was killed is repeated first: a logout doesn't know what it had in mind.
        world.do({ ...complete('file'), prune: false });
        world.do({ do: 'logout' });
        expect(membersOf(world.desk.config)).toEqual(before);
        expect(world.desk.texts.logins).toBeUndefined();
      }),
      walks,
    );
  });

  test('a walk of 200 steps keeps all of it', () => {
    fc.assert(
      fc.property(start, fc.array(op, { minLength: 200, maxLength: 200 }), (config, ops) => {
        const world = new World(config);
        const before = world.startPart();
        for (const one of ops) world.do(one);
        world.do(complete('file'));
        expect(world.foreignPart()).toEqual(before);
        expect(whereIs(world.dead, world.desk)).toEqual([]);
        expect(world.desk.apply(world.env, world.options(complete('file'))).texts).toEqual({});
        world.do(complete('helper'));
        expect(whereIs([...world.dead, ...world.resting], world.desk)).toEqual([]);
        world.do({ do: 'logout' });
        expect(world.desk.config.plugins).toBeUndefined();
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});

const OURS = 'registry-auth';

/** As docker looks a credential up: a helper for the host, else a credsStore, else the file. */
function whatDockerUses({ desk, env, now }: World, key: string): string | undefined {
  const { credHelpers = {}, credsStore } = desk.config;
  if (credHelpers[key] === OURS) return desk.get(key, env, now);
  return credHelpers[key] || credsStore ? undefined : desk.logins[key];
}

/**
 * The members of a config.json whatever their order; docker makes no difference between no `auths`
 * and an empty one.
 */
function membersOf({ auths, credHelpers, ...rest }: DockerJson): unknown {
  return { ...rest, auths: auths ?? {}, credHelpers: credHelpers ?? {} };
}
