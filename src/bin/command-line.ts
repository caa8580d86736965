import { parseArgs } from 'node:util';
import type { ApplyWords } from '../commands/apply.ts';
import type { ExportWords } from '../commands/export.ts';
import { PHASES, type Phase } from '../feature/mode.ts';
import { findNearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import type { CredentialsMode } from '../reconcile/request.ts';
import { COMMANDS } from '../report/help.ts';

export { renderHelp } from '../report/help.ts';
export { wrapLine } from '../report/wrap.ts';

/** A bundle of its own: hooks do not need it. */

export type Command = Words & { readonly json: boolean };

type Words =
  /** Only install.sh runs `configure`: options from its environment in, options.json out. */
  | { readonly name: 'configure' | 'version' }
  | { readonly name: 'help'; readonly topic?: string }
  | { readonly name: 'usage'; readonly problem: Problem }
  | { readonly name: 'hook'; readonly phase: Phase }
  | ({ readonly name: 'check' | 'logout' | 'status' } & Query)
  | ({ readonly name: 'export'; readonly force: boolean } & Omit<ExportWords, 'isShown'>)
  | ({
      readonly name: 'apply';
      readonly envFiles: readonly string[];
      readonly credentials: CredentialsMode | undefined;
      /** IDs and hosts to remove. */
      readonly prune: readonly string[] | undefined;
    } & Omit<ApplyWords, 'removal'>);

export type Query = {
  /** IDs, hosts or images, as they were typed; empty for all that is configured. */
  readonly words: readonly string[];
  /** For `status`: IDs that must be ready. */
  readonly require?: readonly string[];
};

const FLAG = { type: 'boolean', default: false } as const;
const TEXTS = { type: 'string', multiple: true, default: [] as string[] } as const;

const OPTIONS = {
  apply: {
    'dry-run': FLAG,
    force: FLAG,
    prune: FLAG,
    'env-file': TEXTS,
    credentials: { type: 'string' },
    json: FLAG,
  },
  status: { require: TEXTS, json: FLAG },
  check: { json: FLAG },
  logout: { json: FLAG },
  hook: { json: FLAG },
  export: {
    name: { type: 'string' },
    namespace: { type: 'string' },
    force: FLAG,
    json: FLAG,
  },
} as const;

/** What docker and other programs call our commands and formats. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  apply: ['login', 'sync'],
  status: ['ls', 'list', 'show'],
  check: ['doctor', 'test', 'verify'],
  logout: ['rm', 'remove'],
  kubernetes: ['k8s', 'secret'],
  'docker-config': ['docker', 'config', 'config.json'],
};

/** Parses the words after the program's name. Never throws. */
export function parseCommand(words: readonly string[]): Command {
  const json = words.includes('--json');
  // `--json` may stand before the command.
  const [first = '', ...rest] = words;
  const [name = '', ...args] = first === '--json' ? [...rest, first] : words;
  try {
    return { ...parseWords(name, args), json };
  } catch (error) {
    return { ...misused(name, error), json };
  }
}

function parseWords(name: string, args: string[]): Words {
  if (['', '--help', '-h'].includes(name)) return { name: 'help' };
  if (name === 'help') return parseHelp(args.find((one) => !one.startsWith('-')));
  if (args.includes('--help') || args.includes('-h')) return parseHelp(name);
  if (['--version', '-v', '-V', 'version'].includes(name)) return { name: 'version' };
  if (name === 'configure' && args.length === 0) return { name };
  if (name === 'check' || name === 'logout') return { name, words: parse(name, args).positionals };
  return PARSERS.get(name)?.(args) ?? unknownCommand(name);
}

const PARSERS = new Map<string, (args: string[]) => Words>(
  Object.entries({ apply: parseApply, export: parseExport, hook: parseHook, status: parseStatus }),
);

function parse<Name extends keyof typeof OPTIONS>(name: Name, args: string[]) {
  return parseArgs({ args, options: OPTIONS[name], allowPositionals: true });
}

function parseHelp(topic: string | undefined): Words {
  if (topic === undefined) return { name: 'help' };
  return COMMANDS.includes(topic) ? { name: 'help', topic } : unknownCommand(topic);
}

function parseApply(args: string[]): Words {
  const { values, positionals } = parse('apply', args);
  const { 'dry-run': dryRun, 'env-file': envFiles, credentials, prune: isPruning, force } = values;
  if (positionals.length > 0 && !isPruning) return usage('apply', 'takes names only with --prune');
  const prune = isPruning ? positionals : undefined;
  if (credentials !== undefined && credentials !== 'file' && credentials !== 'helper')
    return usage('apply', '--credentials must be file or helper', [
      credentials,
      ['file', 'helper'],
      '--credentials ',
    ]);
  return { name: 'apply', dryRun, force, envFiles, credentials, prune };
}

function parseStatus(args: string[]): Words {
  const { values, positionals } = parse('status', args);
  const { require: given } = values;
  if (given.length === 0) {
    if (positionals.length > 1) return usage('status', 'takes one ID, registry or image');
    return { name: 'status', words: positionals };
  }
  const ids = [...given, ...positionals].flatMap((list) => list.split(/[,\s]+/)).filter(Boolean);
  if (ids.length === 0) return usage('status', '--require needs IDs, separated by commas');
  return { name: 'status', words: [], require: ids };
}

/** Kubernetes's names, RFC 1123: a namespace is one label, a Secret's name may have several. */
const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const NAMESPACE = new RegExp(`^(?=.{1,63}$)${LABEL}$`);
const SECRET_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`);

const FORMATS: readonly ExportWords['format'][] = ['docker-config', 'kubernetes'];

function parseExport(args: string[]): Words {
  const { values, positionals } = parse('export', args);
  const [word = '', ...names] = positionals;
  const { force, name: given, namespace } = values;
  const format = FORMATS.find((one) => one === word);
  if (format === undefined)
    return usage('export', `needs one of ${FORMATS.join(', ')}`, [word, FORMATS, 'export ']);
  if (format !== 'kubernetes' && (given !== undefined || namespace !== undefined))
    return usage('export', '--name and --namespace are for kubernetes only');
  const name = given ?? 'registry-auth';
  if (!SECRET_NAME.test(name))
    return usage('export', "--name is not a valid name of a Secret: use a-z, 0-9, '-' and '.'");
  if (namespace !== undefined && !NAMESPACE.test(namespace))
    return usage(
      'export',
      "--namespace is not a valid namespace: use a-z, 0-9 and '-', at most 63 characters",
    );
  return { name: 'export', format, secret: { name, namespace }, names, force };
}

function parseHook(args: string[]): Words {
  const [word = '', ...others] = parse('hook', args).positionals;
  const phase = PHASES.find((one) => one === word);
  if (phase && others.length === 0) return { name: 'hook', phase };
  const typed = word.replace(/Command$/i, '');
  return usage('hook', `needs one of ${PHASES.join(', ')}`, [typed, PHASES, 'hook ']);
}

/** A typed word, the names that it may stand for, and the text before the suggestion. */
type Typo = readonly [word: string, names: readonly string[], before: string];

function usage(subject: string, what: string, [word, names, before]: Typo = ['', [], '']): Words {
  const others = Object.entries(OTHER_NAMES);
  const [meant = word] = others.find(([, words]) => words.includes(word.toLowerCase())) ?? [];
  const nearest = findNearest(meant, names);
  const fix = nearest
    ? `did you mean ${before}${nearest}?`
    : `run registry-auth ${COMMANDS.includes(subject) ? `${subject} ` : ''}--help`;
  return { name: 'usage', problem: { code: 'USAGE', subject, what, fix } };
}

/** You may have typed a password by mistake: shows only what looks like a command. */
function unknownCommand(word: string): Words {
  const isWord = /^-{0,2}[a-z-]{1,20}$/i.test(word);
  const what = 'is not a registry-auth command';
  return usage(isWord ? word : 'the first argument', what, [word, COMMANDS, 'registry-auth ']);
}

/** parseArgs's message in our words: the option's name, and never its value. */
function misused(name: string, error: unknown): Words {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return usage(name, 'takes options only');
  const [, typed = ''] = /'(--?[^' ]+)/.exec(message) ?? [];
  const known = Object.keys(OPTIONS[name as keyof typeof OPTIONS] ?? {}).map((one) => `--${one}`);
  if (!known.includes(typed)) return usage(name, `unknown option ${typed}`, [typed, known, '']);
  const isFlag = message.includes('does not take');
  return usage(name, `${typed} ${isFlag ? 'takes no value' : 'needs a value'}`);
}
