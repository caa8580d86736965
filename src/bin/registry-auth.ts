import { fstatSync } from 'node:fs';
import { styleText } from 'node:util';
import { apply, applyInHook } from '../commands/apply.ts';
import type { Phase } from '../domain/feature/mode.ts';
import { tellHints } from '../domain/triples/hints.ts';
import { writeAll } from '../io/descriptor.ts';
import { renderHook, renderSummary, renderSummaryJson } from '../report/summary.ts';
import { type Paint, type Report, renderProblem } from '../report/text.ts';
import { readWorld, type World, type WorldInput } from '../world.ts';
import { type Command, HELP, parseCommand } from './command-line.ts';
import {
  canUseHelper,
  ecrAccess,
  environment,
  loadBundle,
  readFeature,
  readOptions,
  uid,
} from './machine.ts';

declare const VERSION: string;

/** For all of a hook's network traffic together: a container must not wait for a registry. */
const BUDGET_MS = 10_000;

async function run(command: Command): Promise<Report> {
  switch (command.name) {
    case 'help':
      return { stdout: HELP, stderr: '', status: 0 };
    case 'version':
      return { stdout: `${VERSION}\n`, stderr: '', status: 0 };
    case 'usage':
      return { stdout: '', stderr: renderProblem(command.problem, paint), status: 2 };
    case 'configure':
      return runConfigure();
    case 'hook':
      return runHook(command.phase);
    case 'apply':
      return runApply(command);
    case 'logout': {
      const summary = await loadBundle('inspect').logout(readWorldFor(), command.words);
      if (command.json) return renderSummaryJson(summary);
      return renderSummary(summary, paint, 'nothing of ours to remove');
    }
    case 'status':
      return loadBundle('inspect').runStatus(readWorldFor(), command, paint);
    case 'export': {
      const isShown = !command.force && isTerminal(1);
      return loadBundle('inspect').runExport(readWorldFor(), { ...command, isShown }, paint);
    }
    case 'check':
      return loadBundle('check').runCheck(readWorldFor(), command, paint);
  }
}

function readWorldFor(words: Partial<WorldInput> = {}, ecr = ecrAccess(BUDGET_MS)): World {
  return readWorld({ ...readFeature(), ...words, environment, uid, ecr, tellHints, now: Date.now });
}

function runConfigure(): Report {
  // zod takes longer to load than a hook may take, so options are checked here, once.
  const { options, problems, lines } = loadBundle('configure').readFeatureOptions(process.env);
  const told = problems.map((problem) => renderProblem(problem, paint, 'red')).concat(lines);
  // Our name in each line: a build's log is long.
  const all = told.flatMap((text) => text.trimEnd().split('\n'));
  const stderr = all.map((line) => `registry-auth: ${line}\n`).join('');
  return { stdout: `${JSON.stringify(options)}\n`, stderr, status: problems.length > 0 ? 1 : 0 };
}

async function runHook(phase: Phase): Promise<Report> {
  const { options } = readFeature();
  // Hooks run in the workspace's folder.
  const base = { directory: process.cwd(), isWorkspace: true };
  const world = readWorldFor({ phase, envFiles: { names: options.envFiles, base } });
  const summary = await applyInHook(world, canUseHelper());
  const isChecked = options.check && phase === 'postStart';
  const checked = isChecked ? await checkInHook() : undefined;
  const report = renderHook(summary, paint, checked);
  return options.strict ? report : { ...report, status: 0 };
}

/** In what is left of the budget since the process started: the container waits. Never fails. */
async function checkInHook(): Promise<Report> {
  try {
    const leftMs = Math.max(0, Math.round(BUDGET_MS - performance.now()));
    // Read anew: the hook has written since.
    const world = readWorldFor({}, ecrAccess(leftMs));
    return await loadBundle('check').runCheckInHook(world, leftMs, paint);
  } catch {
    const stderr = 'registry-auth: the registries could not be asked\n';
    return { stdout: '', stderr, status: 0 };
  }
}

async function runApply(command: Extract<Command, { name: 'apply' }>): Promise<Report> {
  const { envFiles: names, credentials } = command;
  const envFiles = { names, base: { directory: process.cwd() } };
  const world = readWorldFor({ credentials, envFiles });
  const words = { ...command, canUseHelper: canUseHelper() };
  const summary = command.prune
    ? await loadBundle('inspect').prune(world, command.prune, words)
    : await apply(world, { ...words, removal: 'none' });
  if (command.json) return renderSummaryJson(summary);
  return renderSummary(summary, paint, 'no registry secrets found; nothing to do');
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

async function main(): Promise<never> {
  const { stdout, stderr, status } = await run(parseCommand(process.argv.slice(2)));
  writeAll(1, stdout);
  writeAll(2, stderr);
  // A name look-up that is still open must not hold the container up.
  process.exit(status);
}

// The status where nothing is left to wait for, although main has not ended.
process.exitCode = 1;
main().catch((error: unknown) => {
  // Our own bug or a broken machine. The message may hold a secret, so only its kind is told.
  const { name, code } = error as NodeJS.ErrnoException;
  writeAll(2, `registry-auth: unexpected ${name ?? 'error'} ${code ?? ''}\n`);
  process.exit(process.argv[2] === 'hook' && !readOptions().strict ? 0 : 1);
});
