import { type Opened, openConfig } from './dockerconfig/file.ts';
import { filesOf } from './dockerconfig/managed.ts';
import { noState, type State } from './dockerconfig/state.ts';
import { decideMode, type Mode, type Phase } from './feature/mode.ts';
import { DEFAULT_OPTIONS, type Options } from './feature/options.ts';
import type { Self } from './io/place/owner.ts';
import type { Problem } from './problem.ts';
import type { ExchangeAccess } from './providers/on-demand/exchange.ts';
import type { CredentialsMode, Request } from './reconcile/request.ts';
import { discover, type Found } from './registries/discover.ts';
import type { tellHints } from './secrets/hints.ts';
import { type Base, type EnvFiles, readEnvFiles, readPasswordFiles } from './secrets/sources.ts';
import type { Source } from './secrets/triple.ts';

export type WorldInput = {
  readonly environment: Source;
  /** The Feature's options, or the defaults. */
  readonly options?: Options;
  /** Text of the file in which Codespaces names its current action. */
  readonly actionFile?: string | undefined;
  readonly uid: number;
  /** How root acts as another user. */
  readonly become?: Self['become'];
  /** Whether docker would find our helper on PATH. */
  readonly canUseHelper?: () => boolean;
  readonly ecr: ExchangeAccess;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Finds variables whose names are almost a triple's; our credential helper omits it. */
  readonly tellHints?: typeof tellHints;
  readonly phase?: Phase | 'apply';
  /** A mode given on the command line. */
  readonly credentials?: CredentialsMode | undefined;
  /** Env files named for this run. */
  readonly envFiles?: { readonly names: readonly string[]; readonly base: Base };
};

/** Everything a command needs, read once. Only the writer reads the files again, under the lock. */
export type World = Pick<WorldInput, 'become'> &
  Required<Pick<WorldInput, 'environment' | 'options' | 'uid' | 'canUseHelper' | 'ecr' | 'now'>> & {
    readonly isCodespace: boolean;
    /** Whether the sources are complete, so that a missing secret was removed. */
    readonly hasAllSources: boolean;
    /** Where config.json is; or why it cannot be read. */
    readonly place: Opened | { readonly problem: Problem };
    /** What it holds, and the stored logins. */
    readonly state: State;
    readonly mode: Mode;
    readonly envFiles: EnvFiles;
    readonly found: Found;
  };

/** Never throws for what you can fix: a file that cannot be read is a problem in the result. */
export function readWorld(input: WorldInput): World {
  const { uid, become, ecr, now, actionFile, phase = 'apply', canUseHelper = () => true } = input;
  const environment = readPasswordFiles(input.environment);
  const { options = DEFAULT_OPTIONS, credentials } = input;
  const { variables } = environment;
  const isCodespace = variables.CODESPACES === 'true';
  const place = openConfig(variables, { uid, become });
  const read = 'state' in place ? place.state : noState();
  // Use stored logins and postCreate's record only if no other user could have written them.
  const isBelieved = 'state' in place && place.isBelieved;
  const state = isBelieved ? read : { ...read, logins: new Map() };
  const isPostCreated = isBelieved && read.config.records.isPostCreated;
  const signals = { env: variables, actionFile, isPostCreated };
  const envFiles = readAllEnvFiles(input, place, filesOf(read.config.records));
  const all = discover([environment, ...envFiles.sources], options);
  const found = { ...all, ...input.tellHints?.(all, options.ignore) };
  return {
    ...{ environment, options, uid, become, canUseHelper, ecr, now, place, state, envFiles },
    isCodespace,
    hasAllSources: isCodespace && (phase === 'postCreate' || phase === 'postStart'),
    mode: decideMode(phase, options, credentials, signals),
    found,
  };
}

/** Env files of this run and of records; not read if another user may have written the record. */
function readAllEnvFiles(
  { uid, envFiles }: WorldInput,
  place: World['place'],
  remembered: readonly string[],
): EnvFiles {
  const { names, base } = envFiles ?? { names: [], base: { directory: '/' } };
  if ('problem' in place) return readEnvFiles(names, base, uid);
  const { isBelieved, dir } = place;
  const given = readEnvFiles(names, base, uid, isBelieved ? remembered : [], dir);
  const known = given.sources.map(({ file }) => file);
  const others = isBelieved ? [] : remembered.filter((file) => !known.includes(file));
  if (others.length === 0) return given;
  // Their logins must stay.
  const unread = [...given.unread, ...others];
  return { ...given, unread, notices: [...given.notices, { ...NOT_BELIEVED, subject: dir.shown }] };
}

const NOT_BELIEVED = {
  code: 'RECORD_NOT_BELIEVED',
  what: 'names env files, and another user or a repository may have written it; they are not read',
  fix: 'name them with --env-file or the option envFiles',
} as const;

/** The input of a plan, before we exchange any keys for tokens. */
export function requestOf(world: World): Request {
  const { found, envFiles, mode, isCodespace, hasAllSources, canUseHelper, now } = world;
  return {
    desired: new Map(found.desired.map((one) => [one.name, one])),
    broken: { ...found.broken, files: new Set(envFiles.unread) },
    credentials: new Map(),
    mode: mode.mode === 'file' ? 'file' : 'helper',
    isPrebuild: mode.isPrebuild,
    isPostCreated: hasAllSources,
    isCodespace,
    force: false,
    removal: 'none',
    canUseHelper: canUseHelper(),
    environment: world.environment.variables,
    unfitFiles: envFiles.unfit,
    now: now(),
  };
}
