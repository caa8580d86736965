import { parseArgs } from 'node:util';
import type { ApplyWords } from '../commands/apply.ts';
import type { ExportWords } from '../commands/export.ts';
import { PHASES, type Phase } from '../feature/mode.ts';
import { findNearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import type { CredentialsMode } from '../reconcile/request.ts';
import { COMMANDS, renderHelp } from './help.ts';

export { wrapLine } from '../report/wrap.ts';

/** A bundle of its own: a hook of the Feature needs none of it. */

/** IDs, hosts or images, as they were typed; none for all that is configured. */
export type Query = { readonly words: readonly string[]; readonly json: boolean };
/** `require`: IDs that must be ready. */
export type StatusQuery = Query & { readonly require?: readonly string[] };

/** What the words on the command line ask for. */
export type Command =
  /** `configure` is install.sh's own: options from its environment in, options.json out. */
  | { readonly name: 'configure' }
  | { readonly name: 'help'; readonly topic?: string }
  | { readonly name: 'version'; readonly json: boolean }
  | { readonly name: 'usage'; readonly problem: Problem; readonly json: boolean }
  | { readonly name: 'hook'; readonly phase: Phase; readonly json?: boolean }
  | ({ readonly name: 'check' | 'logout' } & Query)
  | ({ readonly name: 'status' } & StatusQuery)
  | ({ readonly name: 'export'; readonly force: boolean; readonly json: boolean } & Omit<
      ExportWords,
      'isShown'
    >)
  | ({
      readonly name: 'apply';
      readonly envFiles: readonly string[];
      readonly credentials: CredentialsMode | undefined;
      readonly json: boolean;
      /** IDs and hosts to remove. */
      readonly prune: readonly string[] | undefined;
    } & Omit<ApplyWords, 'removal'>);

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

/** What `docker` and other programs call it. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ...{ login: 'apply', sync: 'apply', ls: 'status', list: 'status', show: 'status' },
  ...{ doctor: 'check', test: 'check', verify: 'check', rm: 'logout', remove: 'logout' },
};

declare const REPOSITORY: string;

export function helpFor(topic: string | undefined): string {
  return renderHelp(topic, REPOSITORY);
}

/** Parses the words after the program's name. Never throws. */
export function parseCommand(words: readonly string[]): Command {
  // An option of every command may come first.
  const [first, ...rest] = words;
  const [name = '', ...args] = first === '--json' ? [...rest, first] : words;
  const json = words.includes('--json');
  const isHelp = args.includes('--help') || args.includes('-h');
  if (['', '--help', '-h'].includes(name)) return { name: 'help' };
  if (name === 'help') return parseHelp(args.find((one) => !one.startsWith('-')));
  if (isHelp) return parseHelp(name);
  if (['--version', '-v', '-V', 'version'].includes(name)) return { name: 'version', json };
  try {
    const parsed = parseWords(name, args);
    return 'problem' in parsed ? { name: 'usage', ...parsed, json } : parsed;
  } catch (error) {
    return { name: 'usage', problem: misused(name, error), json };
  }
}

type Misused = { readonly problem: Problem };

function parseWords(name: string, args: string[]): Command | Misused {
  switch (name) {
    case 'configure':
      return args.length === 0 ? { name } : unknownCommand(name);
    case 'apply':
      return parseApply(args);
    case 'hook':
      return parseHook(args);
    case 'export':
      return parseExport(args);
    case 'status':
      return parseStatus(args);
    case 'check':
    case 'logout': {
      const options = OPTIONS[name];
      const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
      return { name, words: positionals, json: values.json };
    }
    default:
      return unknownCommand(name);
  }
}

function parseHelp(topic: string | undefined): Command {
  if (topic === undefined) return { name: 'help' };
  if (COMMANDS.includes(topic)) return { name: 'help', topic };
  return { name: 'usage', ...unknownCommand(topic), json: false };
}

function parseApply(args: string[]): Command | Misused {
  const options = OPTIONS.apply;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const {
    'dry-run': dryRun,
    'env-file': envFiles,
    credentials,
    prune: isPruning,
    ...flags
  } = values;
  if (positionals.length > 0 && !isPruning) return usage('apply', 'takes names only with --prune');
  const prune = isPruning ? positionals : undefined;
  if (credentials !== undefined && credentials !== 'file' && credentials !== 'helper')
    return usage('apply', '--credentials must be file or helper', [
      credentials,
      ['file', 'helper'],
      '--credentials ',
    ]);
  return { name: 'apply', dryRun, envFiles, credentials, prune, ...flags };
}

function parseStatus(args: string[]): Command | Misused {
  const options = OPTIONS.status;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { json, require: given } = values;
  if (given.length === 0) {
    if (positionals.length > 1) return usage('status', 'takes one ID, registry or image');
    return { name: 'status', words: positionals, json };
  }
  const ids = [...given, ...positionals].flatMap((list) => list.split(/[,\s]+/)).filter(Boolean);
  if (ids.length === 0) return usage('status', '--require needs IDs, separated by commas');
  return { name: 'status', words: [], json, require: ids };
}

/** Kubernetes's names, RFC 1123: a namespace is one label, a Secret's name may have several. */
const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';

const FORMATS: readonly ExportWords['format'][] = ['docker-config', 'kubernetes'];

/** What people call them. */
const OTHER_FORMATS: Readonly<Record<string, ExportWords['format']>> = {
  ...{ k8s: 'kubernetes', secret: 'kubernetes' },
  ...{ docker: 'docker-config', config: 'docker-config', 'config.json': 'docker-config' },
};

function parseExport(args: string[]): Command | Misused {
  const options = OPTIONS.export;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [word = '', ...names] = positionals;
  const { force, json, name: given, namespace } = values;
  const format = FORMATS.find((one) => one === word);
  if (format === undefined) {
    const typo = [OTHER_FORMATS[word] ?? word, FORMATS, 'export '] as const;
    return usage('export', `needs one of ${FORMATS.join(', ')}`, typo);
  }
  if (format !== 'kubernetes' && (given !== undefined || namespace !== undefined))
    return usage('export', '--name and --namespace are for kubernetes only');
  const name = given ?? 'registry-auth';
  if (name.length > 253 || !new RegExp(`^${LABEL}(?:\\.${LABEL})*$`).test(name))
    return usage('export', "--name is not a valid name of a Secret: use a-z, 0-9, '-' and '.'");
  if (
    namespace !== undefined &&
    (namespace.length > 63 || !new RegExp(`^${LABEL}$`).test(namespace))
  )
    return usage(
      'export',
      "--namespace is not a valid namespace: use a-z, 0-9 and '-', at most 63 characters",
    );
  return { name: 'export', format, secret: { name, namespace }, names, force, json };
}

function parseHook(args: string[]): Command | Misused {
  const options = OPTIONS.hook;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [word = '', ...others] = positionals;
  const phase = PHASES.find((one) => one === word);
  if (phase && others.length === 0) return { name: 'hook', phase, ...values };
  const typed = word.replace(/Command$/i, '');
  return usage('hook', `needs one of ${PHASES.join(', ')}`, [typed, PHASES, 'hook ']);
}

/** A word that was typed, what it may have been meant to be, and what stands before that. */
type Typo = readonly [word: string, names: readonly string[], before: string];

function usage(subject: string, what: string, typo?: Typo): Misused {
  const [word, names, before] = typo ?? ['', [], ''];
  const nearest = findNearest(word, names);
  const fix = nearest
    ? `did you mean ${before}${nearest}?`
    : `run registry-auth ${COMMANDS.includes(subject) ? `${subject} ` : ''}--help`;
  return { problem: { code: 'USAGE', subject, what, fix } };
}

/** What was typed may be a password that missed its place: only what looks like a word is shown. */
function unknownCommand(word: string): Misused {
  const isWord = /^-{0,2}[a-z-]{1,20}$/i.test(word);
  const meant = OTHER_NAMES[word.toLowerCase()] ?? word;
  const what = 'is not a registry-auth command';
  return usage(isWord ? word : 'the first argument', what, [meant, COMMANDS, 'registry-auth ']);
}

/** Of parseArgs's message the first sentence, which names the option and never its value. */
function misused(name: string, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
    return usage(name, 'takes options only').problem;
  const [first = ''] = message.split(/\.\s/);
  const [, typed = ''] = /'(--?[^' ]+)/.exec(first) ?? [];
  const known = Object.keys(OPTIONS[name as keyof typeof OPTIONS] ?? {}).map((one) => `--${one}`);
  const what = first.charAt(0).toLowerCase() + first.slice(1);
  return usage(name, what, known.includes(typed) ? undefined : [typed, known, '']).problem;
}
