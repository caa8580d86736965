/** Who answers docker, or a client that knows namespaces; and whether that is well. */
export const KEY_STATES = {
  file: { words: 'ready (in config.json)', isWell: true },
  helper: { words: 'ready (from our helper)', isWell: true },
  command: { words: 'ready (from its command)', isWell: true },
  login: { words: 'your own login', isWell: true },
  unasked: { words: 'not used: a helper answers for the whole host', isWell: true },
  'other-helper': { words: 'your own credential helper is used', isWell: true },
  'logged-out': {
    words: 'logged out by hand; the next start or apply logs in again',
    isWell: false,
  },
  outdated: {
    words: 'config.json has an older secret; the next start or apply writes the new one',
    isWell: false,
  },
  shadowed: {
    words: 'in config.json, but docker does not read it: credsStore is set',
    isWell: false,
  },
  expired: { words: 'expired', isWell: false },
  'no-token': { words: 'no token; our helper asks AWS for one at each pull', isWell: false },
  'no-secret': {
    words: 'our helper is used, but its secrets are not set in this shell',
    isWell: false,
  },
  'no-helper': { words: 'our helper is used, but is not on PATH', isWell: false },
  missing: { words: 'not written yet', isWell: false },
  blocked: { words: 'cannot be written, see below', isWell: false },
  unknown: { words: 'unknown, because the files cannot be read', isWell: false },
} as const;

export type KeyState = keyof typeof KEY_STATES;

/** The IDs whose credential cannot work: a token that ended, and keys without a token. */
export type Tokenless = {
  readonly dead: ReadonlySet<string>;
  readonly unavailable: ReadonlySet<string>;
};

export const ALL_HAVE_TOKENS: Tokenless = { dead: new Set(), unavailable: new Set() };

/**
 * Why what is written for an ID is not ready, wherever it is written. The one answer for apply,
 * hooks and status.
 */
export function findBlock(
  id: string,
  { dead, unavailable }: Tokenless,
  lacksHelper = false,
): KeyState | undefined {
  if (lacksHelper) return 'no-helper';
  if (dead.has(id)) return 'expired';
  return unavailable.has(id) ? 'no-token' : undefined;
}

/** Whether a client that looks there logs in with the triple. */
export function isReadyState(state: KeyState): boolean {
  return state === 'file' || state === 'helper' || state === 'command';
}
