import { expect, jest } from '@jest/globals';
import { callBundle } from '../../support/process.ts';
import type { Finished, RunOptions } from '../../support/run.ts';

// Several processes of ours in one test, on a machine that may be busy.
jest.setTimeout(30_000);

const HELPER = 'docker-credential-registry-auth';

/** What a client does: starts the helper with one word, writes to it, and reads the answer. */
export function helper(
  verb: string,
  input: string,
  options: RunOptions,
  call = callBundle,
): Promise<Finished> {
  return call(HELPER, [verb], { ...options, input });
}

/** Clients compare this byte by byte (docker-credential-helpers, credentials/error.go). */
export const NOT_FOUND: Finished = {
  status: 1,
  stdout: 'credentials not found in native keychain\n',
  stderr: '',
};

/** The same, with a word for the person who waits: whose secrets this shell lacks. */
export function absent(id: string): Finished {
  const stderr = new RegExp(`^registry-auth: ${id}: .+; fix: .+ \\[SECRETS_NOT_HERE\\]\n$`);
  return { ...NOT_FOUND, stderr: expect.stringMatching(stderr) as unknown as string };
}

export const SILENT: Finished = { status: 0, stdout: '', stderr: '' };

/** The whole answer to `get`: one line, and nothing on stderr. */
export function found(ServerURL: string, Username: string, Secret: string): Finished {
  const stdout = `${JSON.stringify({ ServerURL, Username, Secret })}\n`;
  return { status: 0, stdout, stderr: '' };
}

/** A refusal in the protocol: its words are on stdout, because clients show those. */
export function refused(words: string | RegExp): Finished {
  const stdout = typeof words === 'string' ? `${words}\n` : expect.stringMatching(words);
  return { status: 1, stdout: stdout as string, stderr: '' };
}
