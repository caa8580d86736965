import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SHOWN } from '../../src/io/shown.ts';
import { LIB } from '../support/built.ts';
import { canRunInside, runInside } from '../support/inside.ts';

/** One call of ours. */
export type Call = {
  readonly program: 'registry-auth' | 'docker-credential-registry-auth';
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
};

/** How it ended; without a status where a signal ended it. */
export type Ended = {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
};

/** Where calls run: their home, the folder of the bundles, and what all of them share. */
export type Place = {
  readonly home: string;
  readonly lib?: string;
  readonly env: Readonly<Record<string, string>>;
};

export type Disturbance = {
  /** A program before ours, with its words: strace. */
  readonly before?: readonly string[];
  /** Ends ours by SIGKILL so long after its start. */
  readonly killAfterMs?: number;
};

/** No call of ours may take as long as that, even where it waits for a lock. */
const LIMIT_MS = 60_000;

/** One that runs. */
export type Running = { readonly pid: number; readonly ended: Promise<Ended> };

/** Runs a call to its end, whatever that is. */
export function launch(call: Call, place: Place, disturbance: Disturbance = {}): Promise<Ended> {
  return start(call, place, disturbance).ended;
}

/**
 * The same for a call that is neither disturbed nor beside another one in its place: without a
 * process of its own, which would take most of the time. What waits for a lock would hold up the
 * whole test, so it needs `launch`.
 */
export async function launchInside(call: Call, place: Place): Promise<Ended> {
  const { program, args, input = '' } = call;
  const { lib = LIB } = place;
  const options = { ...settingsOf(call, place), input };
  if (!canRunInside(options)) return launch(call, place);
  forgetShown(place.env.XDG_RUNTIME_DIR);
  const begin = performance.now();
  const ended = await runInside(join(lib, `${program}.cjs`), args, options);
  return { ...ended, ms: performance.now() - begin };
}

function settingsOf({ env }: Call, { home, env: common }: Place) {
  // Not the home, which a trace would name for every relative path.
  return { cwd: dirname(home), env: { ...common, HOME: home, ...env } };
}

/** Each call is in a start of its own: a problem that the one before showed is shown again. */
function forgetShown(memory: string | undefined): void {
  if (memory === undefined || !existsSync(memory)) return;
  for (const path of readdirSync(memory, { recursive: true, encoding: 'utf8' }))
    if (basename(path).startsWith(SHOWN)) rmSync(join(memory, path), { force: true });
}

export function start(
  call: Call,
  place: Place,
  { before = [], killAfterMs = LIMIT_MS }: Disturbance = {},
): Running {
  const { program, args, input = '' } = call;
  const { lib = LIB, env: common } = place;
  const words = [...before, process.execPath, join(lib, `${program}.cjs`), ...args];
  forgetShown(common.XDG_RUNTIME_DIR);
  const begin = performance.now();
  const child = spawn(words[0] ?? '', words.slice(1), settingsOf(call, place));
  // A process that is killed reads no more.
  child.stdin.on('error', () => undefined).end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const ends = [text(child.stdout), text(child.stderr), once(child, 'close')] as const;
  const ended = Promise.all(ends).then(([stdout, stderr, [status]]) => {
    clearTimeout(timer);
    return { status, stdout, stderr, ms: performance.now() - begin };
  });
  return { pid: child.pid ?? 0, ended };
}
