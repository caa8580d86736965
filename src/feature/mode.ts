import { parseJson } from '../json.ts';
import type { Options } from './options.ts';

export const PHASES = ['onCreate', 'updateContent', 'postCreate', 'postStart'] as const;
export type Phase = (typeof PHASES)[number];

/** The file in which Codespaces names its current action (docs/clients.md, Prebuilds). */
export const CODESPACE_ACTION_FILE = '/workspaces/.codespaces/shared/environment-variables.json';

/** All that distinguishes a prebuild from a codespace. */
export type Signals = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly actionFile: string | undefined;
  /** Whether a postCreate hook has run here, by our record: then this is no prebuild. */
  readonly isPostCreated: boolean;
};

/** Where secrets may be kept now, if anywhere; and whether a snapshot will hold what we write. */
export type Mode = { readonly mode: 'file' | 'helper' | 'skip'; readonly isPrebuild: boolean };

/** `--credentials` wins; a command is never skipped in a prebuild, because it writes no secret. */
export function decideMode(
  phase: Phase | 'apply',
  options: Pick<Options, 'credentials' | 'prebuild'>,
  word: 'file' | 'helper' | undefined,
  signals: Signals,
): Mode {
  const isPrebuild = isSnapshot(phase, signals);
  if (word !== undefined) return { mode: word, isPrebuild };
  if (!isPrebuild || options.prebuild === 'file') return { mode: options.credentials, isPrebuild };
  const isSkipped = options.prebuild === 'skip' && phase !== 'apply';
  return { mode: isSkipped ? 'skip' : 'helper', isPrebuild };
}

/** A secret in a snapshot cannot be removed: without proof a codespace is a prebuild. */
function isSnapshot(phase: Phase | 'apply', { env, actionFile, isPostCreated }: Signals): boolean {
  if (phase === 'postCreate' || phase === 'postStart' || isPostCreated) return false;
  const inFile = findAction(actionFile);
  if (env.CODESPACES !== 'true') return isPrebuildName(inFile);
  if (env.ACTIONS_ID_TOKEN_REQUEST_URL) return true;
  const names = [env.ACTION_NAME, inFile].filter((name) => name?.trim());
  return names.length === 0 || names.some(isPrebuildName);
}

/** createFromPrebuild is the only such name that is no prebuild. */
function isPrebuildName(name: string | undefined): boolean {
  return name !== undefined && name !== 'createFromPrebuild' && /pre\W?build/i.test(name);
}

function findAction(text = ''): string | undefined {
  const { ACTION_NAME: name } = Object(parseJson(text));
  return typeof name === 'string' ? name : undefined;
}
