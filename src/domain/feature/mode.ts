/** What a hook's name says of the moment. */
export const PHASES = ['onCreate', 'updateContent', 'postCreate', 'postStart'] as const;
export type Phase = (typeof PHASES)[number];

/** The file in which Codespaces says what it is doing; undocumented (codespaces.md 1.3). */
export const CODESPACE_ACTION_FILE = '/workspaces/.codespaces/shared/environment-variables.json';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether what is written now ends in a snapshot that others get. Only the first two hooks run in a
 * prebuild. Inside a codespace a signal that can't be read counts as a prebuild, because a secret
 * too many in a snapshot can't be taken back.
 */
export function isPrebuild(
  phase: Phase,
  env: Environment,
  actionFile: string | undefined,
): boolean {
  if (phase !== 'onCreate' && phase !== 'updateContent') return false;
  const isUnknown = env.CODESPACES === 'true' && findAction(actionFile) === undefined;
  return isUnknown || hasPrebuildSignal(env, actionFile);
}

/** Whether anything says that this is a prebuild; for what is not run by a hook. */
export function hasPrebuildSignal(env: Environment, actionFile: string | undefined): boolean {
  const hasToken = env.CODESPACES === 'true' && Boolean(env.ACTIONS_ID_TOKEN_REQUEST_URL);
  return hasToken || findAction(actionFile) === 'createPrebuildTemplate';
}

function findAction(text: string | undefined): string | undefined {
  try {
    const action: unknown = JSON.parse(text ?? '').ACTION_NAME;
    return typeof action === 'string' ? action : undefined;
  } catch {
    return undefined;
  }
}
