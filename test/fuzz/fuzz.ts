import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { hostile, repeat, type Shape, shapes } from '../support/hostile.ts';
import type { Input, Parser } from './parser.ts';

export type Fuzzing = { readonly seed: number; readonly runs: number };

/** What was done; rejects where a case breaks a property or takes too long. */
export type Done = { readonly cases: number; readonly shapes: number; readonly slowestMs: number };

/** One text of 64 KiB for so many cases. */
const CASES_PER_SHAPE = 10;

/** Tries a parser on hostile cases, the same ones for the same seed. */
export async function fuzz(parser: Parser, { seed, runs }: Fuzzing): Promise<Done> {
  const folder = mkdtempSync(join(scratch(), 'registry-auth-fuzz-'));
  let slowestMs = 0;
  const cases = fc.asyncProperty(hostile(parser.valid), parser.extra, async (content, extra) => {
    const input = { ...content, folder: emptied(folder) };
    const took = await costOf(() => tryAll(parser, input, extra));
    slowestMs = Math.max(slowestMs, took);
    if (took > MOST_MS) await confirm(parser, { ...input, folder: emptied(folder) });
  });
  const growth = fc.asyncProperty(shapes(parser.valid, parser.around), (shape) =>
    expectLinear(parser, shape, folder),
  );
  const count = Math.ceil(runs / CASES_PER_SHAPE);
  try {
    await run(parser, cases, { seed, runs }, runs);
    await run(parser, growth, { seed, runs }, count);
    return { cases: runs, shapes: count, slowestMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In memory where there is such a place: many parsers write files, and wait for the disk. */
function scratch(): string {
  return statSync('/dev/shm', { throwIfNoEntry: false })?.isDirectory() ? '/dev/shm' : tmpdir();
}

function emptied(folder: string): string {
  // Most readers write nothing, and to make it anew would take them a tenth of their time.
  if (existsSync(folder) && readdirSync(folder).length === 0) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

async function tryAll(parser: Parser, input: Input, extra: unknown): Promise<void> {
  await attempt('reads any text', () => parser.read(input));
  for (const [says, property] of Object.entries(parser.properties)) {
    emptied(input.folder);
    await attempt(says, () => property(input, extra));
  }
}

async function attempt(says: string, action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw new Error(`${says}: ${error instanceof Error ? error.message : error}`);
  }
}

/** For a case of a few KiB: a hundred times what one takes. */
const MOST_MS = 2_000;

/** Whether it was the text: the first time of something takes longer, and a machine is shared. */
async function confirm(parser: Parser, input: Input): Promise<void> {
  const took = await leastCost(() => parser.read(input), 3);
  if (took > MOST_MS) throw new Error(`takes ${Math.round(took)} ms`);
}

const SHORT = 8 << 10;
const LONG = 8 * SHORT;
/**
 * What a text of 64 KiB may take whatever its shape: a linear reader has taken 50 on a busy machine.
 * Where one step is a nanosecond, a quadratic reader takes thirty times that.
 */
const FREE_MS = 150;
/** Eight times the text takes a linear reader eight times as long, a quadratic one 64 times. */
const MOST_GROWTH = 24;

async function expectLinear(parser: Parser, { before, piece, after }: Shape, folder: string) {
  const read = (size: number) => {
    const text = before + repeat(piece, size) + after;
    const input = { text, bytes: Buffer.from(text), folder: emptied(folder) };
    return () => attempt('reads any text', () => parser.read(input));
  };
  if ((await costOf(read(LONG))) <= FREE_MS) return;
  const long = await leastCost(read(LONG), 3);
  const short = await leastCost(read(SHORT), 3);
  if (long <= FREE_MS || (long < MOST_MS && long <= short * MOST_GROWTH)) return;
  const times = `${short.toFixed(1)} ms for 8 KiB, ${long.toFixed(1)} ms for 64 KiB`;
  throw new Error(`time grows faster than the text: ${times}`);
}

/** Milliseconds of the processor's time, which other processes on the machine do not add to. */
async function costOf(action: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function leastCost(action: () => unknown, times: number): Promise<number> {
  const costs: number[] = [];
  for (let time = 0; time < times; time += 1) costs.push(await costOf(action));
  return Math.min(...costs);
}

const MOST_SHOWN = 2_000;

async function run<T>(
  { name }: Parser,
  property: fc.IAsyncProperty<T>,
  { seed, runs }: Fuzzing,
  count: number,
): Promise<void> {
  // A shape is small as it is, and each costs time.
  const endOnFailure = count < runs;
  const result = await fc.check(property, { seed, numRuns: count, endOnFailure });
  if (!result.failed) return;
  const { errorInstance: error, counterexample, numRuns } = result;
  // Bytes are the text's, as far as they are text.
  const shown = JSON.stringify(counterexample, (name, value) =>
    name === 'bytes' ? undefined : value,
  ).slice(0, MOST_SHOWN);
  const what = error instanceof Error ? error.message : 'gave up';
  const again = `npm run fuzz -- --only '${name}' --seed ${seed} --runs ${runs}`;
  throw new Error(`${name}: ${what}\ncase ${numRuns}: ${shown}\nagain: ${again}`);
}
