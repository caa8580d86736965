import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchHome } from '../../support/process.ts';
import { type Finished, run, whyNot } from '../../support/run.ts';
import type { Place } from './place.ts';

/** Runs a client where it finds only the place's home, PATH and variables. A program that cannot start rejects. */
export async function runClient(
  { env, home }: Place,
  program: string,
  args: readonly string[],
  input = '',
): Promise<Finished> {
  try {
    return await run(program, args, { env, cwd: home, input });
  } finally {
    endPauseProcess(`${env.XDG_RUNTIME_DIR}`);
  }
}

/** Without root, podman leaves a process behind that holds its user namespace. */
function endPauseProcess(runtime: string): void {
  const file = join(runtime, 'libpod', 'tmp', 'pause.pid');
  if (!existsSync(file)) return;
  try {
    process.kill(Number(readFileSync(file, 'utf8')));
  } catch {
    // Ended after an earlier run in the same place.
  }
}

/** Why a program cannot be used here; undefined where it can. */
export function whyMissing(program: string): string | undefined {
  return whyNotHere(program, '--version');
}

/** Why podman and buildah cannot work: without root they need a user namespace of their own. */
export function whyNoNamespace(program: 'podman' | 'buildah'): string | undefined {
  const missing = whyMissing(program);
  return missing || process.getuid?.() === 0 ? missing : whyNotHere(program, 'unshare', 'true');
}

function whyNotHere(program: string, ...args: string[]): string | undefined {
  const home = scratchHome();
  const why = whyNot(program, args, { env: { XDG_RUNTIME_DIR: home, TMPDIR: home }, home });
  endPauseProcess(home);
  return why;
}
