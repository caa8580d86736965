import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { builtIn } from '../support/built.ts';
import { countRuns, type Measured, measure, median, type Program } from './measure.ts';
import { type Installed, installFor, LINES } from './node.ts';
import { type Name, programsOf, startServers } from './programs.ts';
import { measureUp } from './up.ts';
import { buildWithoutHints } from './without.ts';

/**
 * `npm run bench`: what we cost, as ratios within one run, and what that buys beside what people
 * would do otherwise. Ends with 1 where a limit is exceeded. Needs npm, docker's command line, jq
 * and Amazon's credential helper, GNU time for the memory, and for devcontainer up what the e2e
 * tests need.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    /** Only one line of Node. */
    node: { type: 'string' },
    /** Only one: programs, up. */
    part: { type: 'string' },
    /** The folder of a checkout of older code, built: some programs run from there, too. */
    before: { type: 'string' },
  },
});

const rounds = Number(values.rounds ?? 61);

/** A limit of two in a hundred needs more rounds than the others. */
const FINE_ROUNDS = 151;

/** Measured beside the programs of this checkout. */
type Other = Older | typeof WITH_HINTS | typeof WITHOUT_HINTS;

type Row = { readonly what: Name | Other; readonly against: Name | Other; readonly limit?: number };

const EMPTY = 'node -e 0';
const FIRST_10 = 'hook, 10 registries, first time';
const FIRST_100 = 'hook, 100 registries, first time';
const AGAIN_10 = 'hook, 10 registries, nothing changed';
/** What it costs to look for near names and pasted values. */
const WITH_HINTS = `${FIRST_100}, ${FINE_ROUNDS} rounds` as const;
const WITHOUT_HINTS = 'the same without a look at what people misspell';
const GET_STATIC = 'helper get, static';
const GET_CACHED = 'helper get, cached token';

const ROWS: readonly Row[] = [
  { what: 'hook, nothing to do', against: EMPTY, limit: 1.3 },
  { what: 'hook, 1 registry, first time', against: EMPTY },
  { what: FIRST_10, against: 'node -e 0, 30 secrets', limit: 1.4 },
  { what: 'the same with a home in memory', against: 'node -e 0, 30 secrets' },
  { what: FIRST_100, against: 'node -e 0, 300 secrets' },
  { what: FIRST_100, against: 'hook, 1 registry, first time', limit: 1.3 },
  { what: 'hook, 1 registry, nothing changed', against: EMPTY },
  { what: AGAIN_10, against: 'node -e 0, 30 secrets', limit: 1.3 },
  { what: 'the same without our wrapper', against: 'node -e 0, 30 secrets' },
  { what: 'hook, 100 registries, nothing changed', against: 'node -e 0, 300 secrets' },
  { what: WITH_HINTS, against: WITHOUT_HINTS, limit: 1.02 },
  { what: GET_STATIC, against: EMPTY, limit: 1.2 },
  { what: GET_CACHED, against: EMPTY, limit: 1.2 },
  { what: 'check, 1 registry', against: EMPTY, limit: 3 },
  { what: 'hook, 10 exchanges with AWS', against: 'hook, 1 exchange with AWS', limit: 1.4 },
  { what: 'docker login, 10 times', against: FIRST_10 },
  { what: 'one jq script, 10 registries', against: FIRST_10 },
  { what: 'docker-credential-ecr-login get, cached token', against: GET_CACHED },
];

/** What `--before` measures of older code, too. */
const COMPARED = [FIRST_10, AGAIN_10, GET_STATIC, GET_CACHED] as const;
type Compared = (typeof COMPARED)[number];
type Older = ReturnType<typeof olderOf>;

function olderOf(name: Compared) {
  return `${name}, before` as const;
}

type Results = Readonly<Record<Name | Other, Measured>>;

/** Homes are on the disk, where people have theirs, and token caches in memory. */
type Folders = { readonly disk: string; readonly memory: string };

async function measureLine(line: string, { disk, memory }: Folders): Promise<[Installed, Results]> {
  const servers = await startServers();
  const prepare = async (checkout: string, name: string, count = rounds) => {
    const root = join(disk, line, name);
    const [homes, caches] = [join(root, 'homes'), join(memory, line, name)];
    for (const folder of [homes, caches]) mkdirSync(folder, { recursive: true });
    const installed = await installFor(line, root, builtIn(checkout));
    const stage = { homes, caches, rounds: countRuns(count) };
    return { installed, programs: programsOf(installed, servers, stage) };
  };
  try {
    const { installed, programs } = await prepare('.', 'ours');
    const hinted = await prepare('.', 'hinted', FINE_ROUNDS);
    const without = await prepare(await buildWithoutHints(disk), 'without', FINE_ROUNDS);
    const older = values.before && (await prepare(values.before, 'before')).programs;
    const pairs = older ? COMPARED.map((name) => [olderOf(name), older[name]]) : [];
    // What was copied and made goes to the disk now, not while we measure.
    execFileSync('sync');
    const all: Record<Name | Older, Program> = { ...programs, ...Object.fromEntries(pairs) };
    const two = {
      [WITH_HINTS]: hinted.programs[FIRST_100],
      [WITHOUT_HINTS]: without.programs[FIRST_100],
    };
    return [installed, { ...(await measure(all, rounds)), ...(await measure(two, FINE_ROUNDS)) }];
  } finally {
    await servers.close();
  }
}

async function measureLines(): Promise<[Installed, Results][]> {
  const [disk, memory] = [tmpdir(), '/dev/shm'].map((folder) =>
    mkdtempSync(join(folder, 'registry-auth-bench-')),
  ) as [string, string];
  // install.sh takes no Node that others cannot get to.
  chmodSync(disk, 0o755);
  try {
    const measured: [Installed, Results][] = [];
    for (const line of LINES.filter((one) => values.node === undefined || values.node === one))
      measured.push(await measureLine(line, { disk, memory }));
    return measured;
  } finally {
    // Not before: a disk that has much to forget makes everybody wait.
    for (const folder of [disk, memory]) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The median of each round's own ratio: from one round to another a shared machine becomes faster or
 * slower by more than what we measure.
 */
function ratioOf({ what, against }: Row, results: Results): number {
  const others = results[against].times;
  return median(results[what].times.map((ms, round) => ms / (others[round] ?? Number.NaN)));
}

function isOver(row: Row, results: Results): boolean {
  return ratioOf(row, results) > (row.limit ?? Number.POSITIVE_INFINITY);
}

function costOf({ times, mb }: Measured): string {
  return `${median(times).toFixed(1)} ms${mb === undefined ? '' : `, ${mb.toFixed(0)} MB`}`;
}

function cellOf(row: Row, results: Results): string {
  const verdict = isOver(row, results) ? ' OVER' : '';
  return `${ratioOf(row, results).toFixed(2)}${verdict} (${costOf(results[row.what])})`;
}

function print(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

/** Whether no limit is exceeded. */
async function benchPrograms(): Promise<boolean> {
  const measured = await measureLines();
  const header = ['', 'against', 'limit', ...measured.map(([{ version }]) => `Node ${version}`)];
  print(header);
  print(header.map(() => '---'));
  const older: Row[] = COMPARED.map((what) => ({ what, against: olderOf(what) }));
  const rows = values.before ? [...ROWS, ...older] : ROWS;
  print([EMPTY, '', '', ...measured.map(([, results]) => costOf(results[EMPTY]))]);
  for (const row of rows) {
    const cells = measured.map(([, results]) => cellOf(row, results));
    print([
      row.what,
      row.against.replace(row.what, 'the same'),
      row.limit?.toFixed(2) ?? '',
      ...cells,
    ]);
  }
  return measured.every(([, results]) => ROWS.every((row) => !isOver(row, results)));
}

async function benchUp(): Promise<void> {
  print(['', 'a Feature that does nothing', 'more']);
  print(['---', '---', '---']);
  for (const { what, ours, empty } of await measureUp(Number(values.rounds ?? 20)))
    print([
      `${what}: ${ours.toFixed(2)} s`,
      `${empty.toFixed(2)} s`,
      `${(ours - empty).toFixed(2)} s`,
    ]);
}

if (values.part !== 'up') process.exitCode = (await benchPrograms()) ? 0 : 1;
if (values.part !== 'programs') await benchUp();
