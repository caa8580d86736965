import { fstatSync } from 'node:fs';
import { styleText } from 'node:util';
import { apply } from '../commands/apply.ts';
import { hook } from '../commands/hook.ts';
import { logout } from '../commands/logout.ts';
import type { Summary } from '../domain/tell/summary.ts';
import { writeAll } from '../io/descriptor.ts';
import { renderSummaryJson } from '../report/json.ts';
import {
  type Paint,
  type Report,
  renderHook,
  renderProblem,
  renderSummary,
} from '../report/text.ts';
import { readWorld, type World, type WorldInput } from '../world.ts';
import { type Command, HELP, parseCommand } from './command-line.ts';
import {
  ecrAccess,
  environment,
  isOnPath,
  loadBundle,
  readFeature,
  readOptions,
  uid,
} from './machine.ts';

declare const VERSION: string;

/** All of a hook's network traffic together (design: a container must not wait for a registry). */
const BUDGET_MS = 10_000;

const HELPER_PROGRAM = 'docker-credential-registry-auth';

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  switch (command.name) {
    case 'help':
      return print({ stdout: HELP, stderr: '' }, 0);
    case 'version':
      return print({ stdout: `${VERSION}\n`, stderr: '' }, 0);
    case 'usage':
      return print({ stdout: '', stderr: renderProblem(command.problem, paint, 'red') }, 2);
    case 'configure':
      return runConfigure();
    case 'hook':
      return runHook(command);
    case 'apply':
      return runApply(command);
    case 'logout':
      return runLogout(command);
    case 'status':
      return runStatus(command);
    case 'check':
      return runCheck(command);
    case 'export':
      return runExport(command);
  }
}

type WorldWords = Pick<WorldInput, 'phase' | 'credentials' | 'envFiles'>;

function readWorldFor(words: WorldWords = {}, ecr = ecrAccess(BUDGET_MS)): World {
  return readWorld({ ...readFeature(), ...words, environment, uid, ecr, now: Date.now });
}

/** Whether docker will find our helper. */
function canUseHelper(): boolean {
  return isOnPath(HELPER_PROGRAM);
}

type Of<Name extends Command['name']> = Extract<Command, { name: Name }>;

async function runConfigure(): Promise<number> {
  // zod takes longer to load than a hook may take, so options are checked here, once.
  const { readFeatureOptions }: typeof import('../domain/feature/configure.ts') =
    loadBundle('configure');
  const { options, problems, lines } = readFeatureOptions(process.env);
  const told = problems.map((problem) => renderProblem(problem, paint, 'red')).concat(lines);
  // Our name in each line: a build's log is long.
  const all = told.flatMap((text) => text.trimEnd().split('\n'));
  const stderr = all.map((line) => `registry-auth: ${line}\n`).join('');
  return print({ stdout: `${JSON.stringify(options)}\n`, stderr }, problems.length > 0 ? 1 : 0);
}

async function runHook({ phase }: Of<'hook'>): Promise<number> {
  const { options } = readFeature();
  // Hooks run in the workspace's folder.
  const base = { directory: process.cwd(), isWorkspace: true };
  const world = readWorldFor({ phase, envFiles: { names: options.envFiles, base } });
  const summary = await hook(world, canUseHelper());
  const isChecked = options.check && phase === 'postStart';
  const checked = isChecked ? await checkInHook().catch(() => UNASKED) : undefined;
  const report = renderHook(summary, paint, checked);
  return print(report, options.strict && summary.problems.length > 0 ? 1 : 0);
}

async function runApply({ envFiles: names, json, credentials, ...words }: Of<'apply'>) {
  const envFiles = { names, base: { directory: process.cwd() } };
  const world = readWorldFor({ credentials, envFiles });
  const summary = await apply(world, { ...words, canUseHelper: canUseHelper() });
  return tell(summary, json, 'no registry secrets found; nothing to do');
}

async function runLogout({ names, json }: Of<'logout'>): Promise<number> {
  const summary = await logout(readWorldFor(), names);
  return tell(summary, json, 'nothing of ours to remove');
}

function tell(summary: Summary, json: boolean, nothing: string): number {
  const text = json ? renderSummaryJson(summary) : undefined;
  const report = text ? { stdout: text, stderr: '' } : renderSummary(summary, paint, nothing);
  return print(report, summary.problems.length > 0 ? 1 : 0);
}

function runStatus(words: Of<'status'>): number {
  const { report, status } = inspect().inspectStatus(readWorldFor(), words, paint);
  return print(report, status);
}

/** For one request, and for all that one registry is asked. */
const CHECK_LIMITS = { requestMs: 10_000, totalMs: 13_000 };

async function runCheck({ words, json: isJson }: Of<'check'>): Promise<number> {
  const manner = { isJson, paint, show: (line: string) => writeAll(1, line) };
  const input = { proxies: findProxies(), words, limits: CHECK_LIMITS };
  const { report, status } = await checker().runCheck(readWorldFor(), input, manner);
  return print(report, status);
}

/** A check that cannot be made costs a hook nothing. */
const UNASKED = { stdout: '', stderr: 'registry-auth: the registries could not be asked\n' };

/** What is left of the budget since the process started: the container waits. */
async function checkInHook(): Promise<Report> {
  const leftMs = Math.max(0, Math.round(BUDGET_MS - performance.now()));
  const limits = { requestMs: leftMs, totalMs: leftMs };
  // Read anew: the hook has written since.
  const world = readWorldFor({}, ecrAccess(leftMs));
  return checker().runCheckInHook(world, { proxies: findProxies(), words: [], limits }, paint);
}

function findProxies() {
  return checker().findProxies(process.env, process.versions.node);
}

function checker(): typeof import('./check.ts') {
  return loadBundle('check');
}

async function runExport({ secret, names, force }: Of<'export'>): Promise<number> {
  const isShown = !force && isTerminal(1);
  const words = { secret, names, isShown };
  const { report, status } = await inspect().inspectExport(readWorldFor(), words, paint);
  return print(report, status);
}

function inspect(): typeof import('./inspect.ts') {
  return loadBundle('inspect');
}

/** Colour only where a person reads both streams, and without NO_COLOR. */
const paint: Paint = (format, text) => {
  canColour ??= !process.env.NO_COLOR && [1, 2].every(isTerminal);
  return canColour ? styleText(format, text) : text;
};
let canColour: boolean | undefined;

/**
 * Loading node:tty costs a hook more than everything it does, so it is asked only for what can be a
 * terminal.
 */
function isTerminal(descriptor: number): boolean {
  return (
    fstatSync(descriptor).isCharacterDevice() &&
    (require('node:tty') as typeof import('node:tty')).isatty(descriptor)
  );
}

function print({ stdout, stderr }: Report, status: number): number {
  writeAll(1, stdout);
  writeAll(2, stderr);
  return status;
}

// Where nothing is left to wait for and nobody has said that all is well, it is not.
process.exitCode = 1;
main().then(
  (status) => {
    // All is written, and a name look-up that nobody waits for any more must not hold the container
    // up.
    process.exit(status);
  },
  (error: unknown) => {
    // Our own bug or a broken machine. The message may hold anything, a secret too, so only its
    // kind and place are told.
    const { name, code } = error as NodeJS.ErrnoException;
    writeAll(2, `registry-auth: unexpected ${name ?? 'error'} ${code ?? ''}\n`);
    process.exit(process.argv[2] === 'hook' && !readOptions().strict ? 0 : 1);
  },
);
