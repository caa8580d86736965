/** What a hook's name says of the moment. */
export const PHASES = ['onCreate', 'updateContent', 'postCreate', 'postStart'] as const;
export type Phase = (typeof PHASES)[number];

/** The file in which Codespaces says what it is doing; undocumented (codespaces.md 1.3). */
export const CODESPACE_ACTION_FILE = '/workspaces/.codespaces/shared/environment-variables.json';

/**
 * Whether what is written now ends in a snapshot that others get. Only the first two hooks run in a prebuild. Inside a codespace a signal that
 * can't be read counts as a prebuild, because a secret too many in a snapshot can't be taken back.
 */
export function isPrebuild(
  phase: Phase,
  env: Readonly<Record<string, string | undefined>>,
  actionFile: string | undefined,
): boolean {
  if (phase !== 'onCreate' && phase !== 'updateContent') return false;
  const isCodespace = env.CODESPACES === 'true';
  const action = findAction(actionFile);
  if (action === 'createPrebuildTemplate') return true;
  return isCodespace && (action === undefined || Boolean(env.ACTIONS_ID_TOKEN_REQUEST_URL));
}

function findAction(text: string | undefined): string | undefined {
  try {
    const action: unknown = JSON.parse(text ?? '').ACTION_NAME;
    return typeof action === 'string' ? action : undefined;
  } catch {
    return undefined;
  }
}
