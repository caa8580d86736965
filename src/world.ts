import { type ConfigDir, chooseConfigDir, openConfig } from './dockerconfig/file.ts';
import { filesOf } from './dockerconfig/managed.ts';
import { decideMode, type Mode, type Phase } from './feature/mode.ts';
import { DEFAULT_OPTIONS, type Options } from './feature/options.ts';
import type { Problem } from './problem.ts';
import type { ExchangeAccess } from './providers/exchange.ts';
import { type CredentialsMode, NO_REQUEST, type Request } from './reconcile/request.ts';
import { NO_STATE, type State } from './reconcile/state.ts';
import { discover, type Found } from './registries/discover.ts';
import type { tellHints } from './secrets/hints.ts';
import { type Base, type EnvFiles, readEnvFiles } from './secrets/sources.ts';
import type { Source } from './secrets/triple.ts';

export type WorldInput = {
  readonly environment: Source;
  /** The Feature's; without any, the defaults. */
  readonly options?: Options;
  /** The text of the file in which Codespaces records what it does. */
  readonly actionFile?: string | undefined;
  readonly uid: number;
  readonly ecr: ExchangeAccess;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Names variables that are almost those of a triple; our credential helper does without. */
  readonly tellHints?: typeof tellHints;
  readonly phase?: Phase | 'apply';
  /** A mode that was asked for on the command line. */
  readonly credentials?: CredentialsMode | undefined;
  /** Env files that are named in this run. */
  readonly envFiles?: { readonly names: readonly string[]; readonly base: Base };
};

/**
 * Everything that a command looks at, read once. Nothing below reads any of it again; a second look
 * happens only under the lock, in the writer.
 */
export type World = Required<
  Pick<WorldInput, 'environment' | 'options' | 'uid' | 'ecr' | 'now'>
> & {
  readonly phase: Phase | 'apply';
  readonly isCodespace: boolean;
  /** Where config.json is; or why it cannot be read. */
  readonly place: { readonly dir: ConfigDir } | { readonly problem: Problem };
  /** What it holds, and the logins beside it. */
  readonly state: State;
  readonly mode: Mode;
  readonly envFiles: EnvFiles;
  readonly found: Found;
};

/** Reads it all. What cannot be read is a problem in it: never throws for what a user can mend. */
export function readWorld(input: WorldInput): World {
  const { environment, uid, ecr, now, actionFile, phase = 'apply' } = input;
  const { options = DEFAULT_OPTIONS, credentials, envFiles: named } = input;
  const { variables } = environment;
  const opened = openConfig(() => chooseConfigDir(variables, uid));
  const state = 'state' in opened ? opened.state : NO_STATE;
  const { records } = state.config;
  const signals = { env: variables, actionFile, isPostCreated: records.isPostCreated };
  const { names, base } = named ?? { names: [], base: { directory: '/' } };
  const envFiles = readEnvFiles(names, base, uid, filesOf(records));
  const sources = [environment, ...envFiles.sources];
  const all = discover(sources, options);
  const found = input.tellHints
    ? { ...all, ...input.tellHints(sources, all, options.ignore) }
    : all;
  return {
    ...{ environment, options, uid, ecr, now, phase, state, envFiles },
    isCodespace: variables.CODESPACES === 'true',
    place: opened,
    mode: decideMode(phase, options, credentials, signals),
    found,
  };
}

/** What the triples ask of config.json, before any token is exchanged. */
export function requestOf(world: World): Request {
  const { found, envFiles, mode, isCodespace, now } = world;
  return {
    ...NO_REQUEST,
    desired: found.desired,
    broken: { ...found.broken, files: new Set(envFiles.unread) },
    mode: mode.mode === 'file' ? 'file' : 'helper',
    isPrebuild: mode.isPrebuild,
    isCodespace,
    environment: found.environment,
    unfitFiles: envFiles.unfit,
    now: now(),
  };
}
