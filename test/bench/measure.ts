import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOrThrow } from '../support/run.ts';

/** One process. */
export type Program = {
  readonly command: readonly [program: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Where the next run finds a home of its own. */
  readonly findPlace?: () => Readonly<Record<string, string>>;
};

export type Measured = {
  /** The time from its start to its end in each round, in milliseconds. */
  readonly times: readonly number[];
  /** The most memory that it, or a child of its, ever had; undefined without GNU time. */
  readonly mb: number | undefined;
};

/** The first rounds fill the disk cache. */
const WARM_UP = 2;
const PEAKS = 3;

/** How often each program runs, in all. */
export function countRuns(rounds: number): number {
  return 1 + WARM_UP + rounds + PEAKS;
}

/**
 * Measures all programs in as many rounds, in which they take turns: machines are shared and noisy,
 * and what disturbs one of them shall disturb all. Each round has an order of its own, because a
 * Node after another one starts 1 ms faster than after a small program. Throws where one fails.
 */
export async function measure<Name extends string>(
  programs: Readonly<Record<Name, Program>>,
  rounds: number,
): Promise<Record<Name, Measured>> {
  const names = Object.keys(programs) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  const folder = mkdtempSync(join(tmpdir(), 'registry-auth-bench-'));
  try {
    for (const name of names) await tryOut(programs[name]);
    for (let round = -WARM_UP; round < rounds; round += 1)
      for (const name of shuffled(names)) {
        const ms = await time(programs[name], join(folder, 'input'));
        if (round >= 0) times.get(name)?.push(ms);
      }
    const results: Partial<Record<Name, Measured>> = {};
    for (const name of names) {
      const mb = await findPeak(programs[name], folder);
      results[name] = { times: times.get(name) ?? [], mb };
    }
    return results as Record<Name, Measured>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Says its own words when it fails. */
async function tryOut({ command: [program, ...args], env, input = '', findPlace }: Program) {
  await runOrThrow(program, args, { env: { ...env, ...findPlace?.() }, input });
}

/** Milliseconds of a whole process, with as little of ours about it as can be. */
async function time(program: Program, file: string): Promise<number> {
  const { command, input = '', findPlace } = program;
  const env = { ...program.env, ...findPlace?.() };
  writeFileSync(file, input);
  const stdin = openSync(file, 'r');
  const [name, ...args] = command;
  const start = performance.now();
  const child = spawn(name, args, { env, stdio: [stdin, 'ignore', 'ignore'] });
  const [status, signal] = await once(child, 'exit');
  const ms = performance.now() - start;
  closeSync(stdin);
  if (status !== 0) throw new Error(`${command.join(' ')}: ended with ${status ?? signal}`);
  return ms;
}

/** GNU's, of Debian's package `time`; a shell's own has no such words. */
const TIME = '/usr/bin/time';

/** In MB of 1,000,000 bytes; the most of some runs. */
async function findPeak(program: Program, folder: string): Promise<number | undefined> {
  if (!existsSync(TIME)) return undefined;
  const report = join(folder, 'peak');
  const command = [TIME, '--format=%M', `--output=${report}`, ...program.command] as const;
  let most = 0;
  for (let run = 0; run < PEAKS; run += 1) {
    await tryOut({ ...program, command });
    most = Math.max(most, Number(readFileSync(report, 'utf8')) * 1024);
  }
  return most / 1e6;
}

function shuffled<T>(all: readonly T[]): T[] {
  const keyed = all.map((one) => ({ one, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ one }) => one);
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
