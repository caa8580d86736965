import type { Problem } from '../domain/problem.ts';

/**
 * Wire strings of docker-credential-helpers: clients compare them byte by byte, on stdout
 * (docs/clients.md, Credential helpers).
 */
export const NOT_FOUND = 'credentials not found in native keychain';
export const NO_SERVER = 'no credentials server URL';
export const NO_USER = 'no credentials username';

/** stdout is the wire: one JSON object, or the words that say why not. */
export type HelperAnswer = {
  readonly stdout: string;
  /**
   * What a person should read: docker's client shows this stream, and of a helper that fails
   * nothing else.
   */
  readonly stderr?: string;
  readonly status: 0 | 1;
};

export function ok(stdout = ''): HelperAnswer {
  return { stdout, status: 0 };
}

export function fail(message: string): HelperAnswer {
  return { stdout: `${message}\n`, status: 1 };
}

/** In one line: docker quotes a helper's words in the middle of its own. */
export function failFor(problem: Problem): HelperAnswer {
  return fail(inOneLine(problem));
}

/** "Not found", which clients pass over in silence, with a word for the person who waits. */
export function notFoundFor(problem: Problem): HelperAnswer {
  return { ...fail(NOT_FOUND), stderr: `${inOneLine(problem)}\n` };
}

function inOneLine({ subject, what, fix, code }: Problem): string {
  return `registry-auth: ${subject}: ${what}; fix: ${fix} [${code}]`;
}
