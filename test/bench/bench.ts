import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installWrappers, LIB, packedSize } from '../support/built.ts';
import { startEcrStandIn } from '../support/ecr-stand-in.ts';
import { tripleOf } from '../support/ecr-stand-in-identities.ts';
import { BASIC, json, startLoopback } from '../support/loopback.ts';
import { runOrThrow } from '../support/run.ts';
import { triple } from '../support/triples.ts';

/**
 * `npm run bench`: what starting us costs, as ratios within one run. The two sides of a ratio take
 * turns, and medians are compared, because the machines that this runs on are shared and noisy.
 */
const START = join(LIB, 'start.cjs');
const HOOK = [START, 'registry-auth', 'hook', 'postStart'];
const HELPER = [START, 'docker-credential-registry-auth', 'get'];
const NOTHING = ['-e', '0'];
const folder = mkdtempSync(join(tmpdir(), 'registry-auth-bench-'));
/** Where our processes cache tokens: in memory, and not where the developer's own are. */
const memory = mkdtempSync('/dev/shm/registry-auth-bench-');

type Run = { args: string[]; env?: Record<string, string>; input?: string; before?: () => void };
type Case = { name: string; limit: number; rounds: number; measured: Run; base: Run };

function triples(count: number): Record<string, string> {
  const all = Array.from({ length: count }, (_, index) =>
    triple(`T${index}`, `registry-${index}.example.com`, 'bench', `password-${index}`),
  );
  return Object.assign({}, ...all);
}

function home(name: string): string {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}

/** Milliseconds of a whole process; it must do its work. */
async function time({ args, env = {}, input = '', before }: Run): Promise<number> {
  before?.();
  const start = performance.now();
  const all = { XDG_RUNTIME_DIR: memory, ...env };
  await runOrThrow(process.execPath, args, { env: all, input, home: folder });
  return performance.now() - start;
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function compare({ name, limit, rounds, measured, base }: Case): Promise<boolean> {
  const times: { measured: number[]; base: number[] } = { measured: [], base: [] };
  for (let round = 0; round < rounds + 2; round += 1) {
    const [one, other] = [await time(measured), await time(base)];
    // The first rounds fill the disk cache.
    if (round < 2) continue;
    times.measured.push(one);
    times.base.push(other);
  }
  const [one, other] = [median(times.measured), median(times.base)];
  const ratio = one / other;
  const verdict = ratio <= limit ? 'ok' : 'OVER';
  console.log(
    `${verdict.padEnd(4)} ${ratio.toFixed(2)} ≤ ${limit}  ${name} (${one.toFixed(0)} ms / ${other.toFixed(0)} ms)`,
  );
  return ratio <= limit;
}

/** A home in which everything is done already. */
async function settled(name: string, env: Record<string, string>): Promise<Record<string, string>> {
  const all = { ...env, HOME: home(name) };
  await time({ args: HOOK, env: all });
  return all;
}

async function main(): Promise<void> {
  const fresh = join(folder, 'fresh');
  const tokens = join(memory, 'fresh');
  const many = (count: number): Run => ({
    args: HOOK,
    env: { ...triples(count), HOME: fresh },
    before: () => void home('fresh'),
  });
  const one = await settled('one', triples(1));
  const standIn = await startEcrStandIn({ delayMs: 300, identities: identities(10) });
  const PATH = installWrappers(join(folder, 'bin'));
  const exchanges = (count: number): Run => ({
    args: HOOK,
    env: {
      ...ecrTriples(count),
      HOME: fresh,
      AWS_ENDPOINT_URL_ECR: standIn.url,
      XDG_RUNTIME_DIR: tokens,
      PATH,
    },
    before: () => {
      home('fresh');
      rmSync(tokens, { recursive: true, force: true });
      mkdirSync(tokens);
    },
  });
  const cached = { ...ecrTriples(1), HOME: home('cached'), AWS_ENDPOINT_URL_ECR: standIn.url };
  await time({ args: HELPER, env: cached, input: ecrHost(0) });
  const get = { args: HELPER, env: one, input: 'registry-0.example.com' };
  // As install.sh does it.
  for (const run of [many(1), get])
    await time({ ...run, args: [START, '--compile', ...run.args.slice(1)] });
  const login = `Basic ${Buffer.from('bench:password').toString('base64')}`;
  const registry = await startLoopback(({ authorization }) =>
    authorization === login ? json({}) : BASIC,
  );
  const reachable = await settled('check', triple('ONE', registry.host, 'bench', 'password'));
  const cases: Case[] = [
    {
      name: 'hook that writes 10 triples, against node -e 0',
      limit: 1.25,
      rounds: 21,
      measured: many(10),
      base: { args: NOTHING },
    },
    {
      name: 'hook with nothing to do, against node -e 0',
      limit: 1.2,
      rounds: 21,
      measured: { args: HOOK, env: one },
      base: { args: NOTHING },
    },
    {
      name: 'hook that writes 1,000 triples, against 1',
      limit: 1.5,
      rounds: 11,
      measured: many(1000),
      base: many(1),
    },
    {
      name: 'helper get of a static credential, against node -e 0',
      limit: 1.15,
      rounds: 21,
      measured: get,
      base: { args: NOTHING },
    },
    {
      name: 'helper get of a cached ECR token, against node -e 0',
      limit: 1.15,
      rounds: 21,
      measured: { args: HELPER, env: cached, input: ecrHost(0) },
      base: { args: NOTHING },
    },
    {
      name: 'check of one registry on this machine, against node -e 0',
      limit: 3,
      rounds: 21,
      measured: { args: [START, 'registry-auth', 'check'], env: reachable },
      base: { args: NOTHING },
    },
    {
      name: 'hook with 10 ECR exchanges of 300 ms, against 1',
      limit: 1.4,
      rounds: 5,
      measured: exchanges(10),
      base: exchanges(1),
    },
  ];
  const results: boolean[] = [];
  for (const one of cases) results.push(await compare(one));
  const packed = packedSize();
  console.log(
    `${packed <= 260_000 ? 'ok' : 'OVER'}   packed Feature: ${Math.round(packed / 1000)} kB ≤ 260 kB`,
  );
  await standIn.close();
  await registry.close();
  process.exitCode = results.every(Boolean) ? 0 : 1;
}

function account(index: number): string {
  return String(100_000_000_000 + index);
}

function ecrHost(index: number): string {
  return `${account(index)}.dkr.ecr.us-east-1.amazonaws.com`;
}

function identities(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    accessKeyId: `AKIAIOSFODNN7EXAMP${String(index).padStart(2, '0')}`,
    secretAccessKey: `bench-secret-${index}`,
    account: account(index),
  }));
}

function ecrTriples(count: number): Record<string, string> {
  const all = identities(count).map((one, index) => tripleOf(`E${index}`, ecrHost(index), one));
  return Object.assign({}, ...all);
}

await main().finally(() => {
  for (const path of [folder, memory]) rmSync(path, { recursive: true, force: true });
});
