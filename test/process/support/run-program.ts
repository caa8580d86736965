import { execFile } from 'node:child_process';
import type { Finished } from '../../support/run-node.ts';

export type ProgramOptions = {
  readonly env: Record<string, string | undefined>;
  readonly cwd: string;
  readonly input?: string;
  /** Another user, for root only. */
  readonly uid?: number;
  readonly gid?: number;
};

const TIME_LIMIT_MS = 20_000;

/** Runs any program with only the given environment; rejects when it cannot start or takes too long. */
export function runProgram(
  program: string,
  args: readonly string[],
  { input = '', ...options }: ProgramOptions,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL' } as const;
    const child = execFile(program, args, { ...options, ...limits }, (error, stdout, stderr) => {
      const status = error ? error.code : 0;
      if (typeof status === 'number') resolve({ status, stdout, stderr });
      else reject(error);
    });
    // A program that ends early reads nothing, which breaks the pipe.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
