import { spawn } from 'node:child_process';

export type Result = { readonly status: number; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly env?: Record<string, string | undefined>;
  readonly input?: string;
  readonly cwd?: string;
};

/** Runs a program to its end; without `env` it gets this process's environment. A program that can't start rejects. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: options.env ?? process.env,
      cwd: options.cwd,
      stdio: 'pipe',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const text = { stdout: `${Buffer.concat(stdout)}`, stderr: `${Buffer.concat(stderr)}` };
      resolve({ status: code ?? (signal ? 255 : 1), ...text });
    });
    // A program may end without reading its input: that is no error of ours.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** As `run`, and rejects with the program's own words when it fails. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Result> {
  const result = await run(command, args, options);
  if (result.status === 0) return result;
  const words = `${result.stderr}\n${result.stdout}`.trim().slice(-4000);
  throw new Error(`${command} ${args[0] ?? ''}: exit status ${result.status}\n${words}`);
}
