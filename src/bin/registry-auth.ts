import { fstatSync } from 'node:fs';
import { attempt } from '../attempt.ts';
import { apply, applyInHook } from '../commands/apply.ts';
import { PHASES, type Phase } from '../feature/mode.ts';
import { writeAll, writeLast } from '../io/files/descriptor.ts';
import { takeNew } from '../io/shown.ts';
import type { Messages } from '../problem.ts';
import { findMeant } from '../providers/registry.ts';
import { renderHook, renderSummary } from '../report/summary.ts';
import { type Paint, type Report, renderDocument, renderMisuse } from '../report/text.ts';
import { tellHints } from '../secrets/hints.ts';
import { readWorld, type World, type WorldInput } from '../world.ts';
import type { Command } from './command-line.ts';
import {
  canUseHelper,
  ecrAccess,
  loadBundle,
  readFeature,
  readOptions,
  readOptionsFile,
  SELF,
} from './machine.ts';

declare const VERSION: string;
declare const REPOSITORY: string;
const PRODUCT = { version: VERSION, node: process.versions.node };

/** For all network traffic of a hook: a container must not wait for a registry. */
const BUDGET_MS = 10_000;

async function run(command: Command): Promise<Report> {
  switch (command.name) {
    case 'help': {
      const stdout = loadBundle('command-line').renderHelp(command.topic, REPOSITORY);
      return { stdout, stderr: '', status: 0 };
    }
    case 'version':
      return loadBundle('inspect').runVersion(readOptionsFile(), PRODUCT);
    case 'usage':
      return renderMisuse(command.problem, paint);
    case 'configure':
      return loadBundle('configure').runConfigure(process.env, paint);
    case 'hook':
      return runHook(command);
    case 'apply':
      return runApply(command);
    case 'logout': {
      const summary = await loadBundle('inspect').logout(readWorldFor(), command.words);
      return renderSummary(summary, paint, 'nothing of ours to remove');
    }
    case 'status':
      return loadBundle('inspect').runStatus(readWorldFor(), command, paint, readOptionsFile());
    case 'export': {
      const isShown = !command.force && isTerminal(1);
      return loadBundle('inspect').runExport(readWorldToAsk(), { ...command, isShown }, paint);
    }
    case 'check':
      return loadBundle('check').runCheck(readWorldToAsk(), command, paint);
  }
}

function readWorldFor(words: Partial<WorldInput> = readFeature()): World {
  return readWorld({ ...SELF, ecr: ecrAccess(BUDGET_MS), canUseHelper, tellHints, ...words });
}

/** For a command that may run the commands of triples. */
function readWorldToAsk(): World {
  return readWorldFor({ ...readFeature(), ecr: ecrAccess(BUDGET_MS, true) });
}

async function runHook({ phase, json }: Extract<Command, { name: 'hook' }>): Promise<Report> {
  const feature = readFeature();
  const { options } = feature;
  // Hooks run in the workspace's folder.
  const base = { directory: readHere(), isWorkspace: true };
  const world = readWorldFor({ ...feature, phase, envFiles: { names: options.envFiles, base } });
  const summary = await applyInHook(world);
  const isChecked = options.check && phase === 'postStart';
  const checked = isChecked ? await checkInHook() : undefined;
  const news = json ? summary : newsOf(summary, world, phase);
  const report = renderHook(summary, paint, checked, news);
  return options.strict ? report : { ...report, status: 0 };
}

/** The current folder; if it was removed, a path in which nothing is found. */
function readHere(): string {
  return attempt(() => process.cwd()) ?? '/proc/self/cwd';
}

/**
 * The messages that no hook of this start has shown. At a first start four hooks run, and none
 * reads what another printed. Without storage in memory each hook shows all.
 */
function newsOf(summary: Messages, { ecr, environment }: World, phase: Phase): Messages {
  if (summary.problems.length + summary.notices.length === 0) return summary;
  const { cache } = ecr;
  if (!cache) return summary;
  const { HOME, DOCKER_CONFIG } = environment.variables;
  return takeNew(summary, cache, `${HOME}\n${DOCKER_CONFIG}`, phase === 'onCreate');
}

/** Uses what is left of the budget since the process started: the container waits. Never fails. */
async function checkInHook(): Promise<Report> {
  try {
    const leftMs = Math.max(0, Math.round(BUDGET_MS - performance.now()));
    // Read again: the hook has written since.
    const world = readWorldFor({ ...readFeature(), ecr: ecrAccess(leftMs) });
    return await loadBundle('check').runCheckInHook(world, leftMs, paint);
  } catch {
    const stderr = 'registry-auth: the registries could not be asked\n';
    return { stdout: '', stderr, status: 0 };
  }
}

async function runApply(command: Extract<Command, { name: 'apply' }>): Promise<Report> {
  const { envFiles: names, credentials } = command;
  const envFiles = { names, base: { directory: readHere() } };
  const world = readWorldFor({ ...readFeature(), credentials, envFiles });
  const summary = command.prune
    ? await loadBundle('inspect').prune(world, command.prune, command)
    : await apply(world, { ...command, removal: 'none' });
  return renderSummary(summary, paint, 'no registry secrets found; nothing to do');
}

/** Colour only if both streams are terminals, and without NO_COLOR. */
const paint: Paint = Object.assign(
  (format: Parameters<Paint>[0], text: string) => {
    canColour ??= !process.env.NO_COLOR && [1, 2].every(isTerminal);
    return canColour ? util().styleText(format, text) : text;
  },
  { wrap },
);
let canColour: boolean | undefined;
const util = (): typeof import('node:util') => require('node:util');

/** Wraps at words, to the terminal's width. */
function wrap(stream: 1 | 2, line: string, indent: number): string {
  if (!isTerminal(stream)) return line;
  const { columns } = stream === 1 ? process.stdout : process.stderr;
  return loadBundle('command-line').wrapLine(line, columns, indent);
}

/**
 * Loading node:tty takes longer than the rest of a hook, so we load it only for what can be a
 * terminal.
 */
function isTerminal(descriptor: number): boolean {
  return (
    fstatSync(descriptor).isCharacterDevice() &&
    (require('node:tty') as typeof import('node:tty')).isatty(descriptor)
  );
}

/** A hook does not load the command line's parser, because a container waits for it. */
function readCommand(words: readonly string[]): Command {
  const [name, word, ...others] = words;
  const phase = name === 'hook' ? PHASES.find((one) => one === word) : undefined;
  if (phase && others.length === 0) return { name: 'hook', phase, json: false };
  const command = loadBundle('command-line').parseCommand(words);
  return 'words' in command ? { ...command, words: command.words.map(findMeant) } : command;
}

async function main(): Promise<never> {
  const command = readCommand(process.argv.slice(2));
  const { stdout, stderr, status, document } = await run(command);
  const shown = document && command.json ? document() : undefined;
  writeAll(1, shown ? renderDocument(shown, PRODUCT) : stdout);
  writeAll(2, shown ? '' : stderr);
  // A pending name look-up must not delay the container.
  process.exit(status);
}

// The status if Node runs out of work before main has ended.
process.exitCode = 1;
main().catch((error: unknown) => {
  // Our own bug or a broken machine. The message may hold a secret, so we print only its kind.
  const { name, code } = error as NodeJS.ErrnoException;
  writeLast(2, `registry-auth: unexpected ${name ?? 'error'} ${code ?? ''}\n`);
  process.exit(process.argv[2] === 'hook' && !readOptions().strict ? 0 : 1);
});
