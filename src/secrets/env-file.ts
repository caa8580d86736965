import { parse } from 'dotenv';
import type { Messages, Notice, Problem } from '../problem.ts';
import { findForm } from './env-form.ts';

/** A bundle of its own: most starts have no env file. */

export type ParsedFile = Messages & { readonly variables: Readonly<Record<string, string>> };

/** A name at the start of a line, up to its value. */
const NAME = /^[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)(?:[^\S\n]*=|(:)(?=\s|$))/;
/** What may follow a quote that closes a value. */
const AFTER = /(?:[^\S\n]+#[^\n]*|[^\S\n]*)(?=\n|$)/y;
const OURS = /CONTAINER_REGISTRY_/i;
/** One of our names inside a value. */
const SECOND = /(?<!\$\{?)\b\w+_CONTAINER_REGISTRY_\w+/;
const ASSIGNED = /\w_CONTAINER_REGISTRY_\w{1,30}=/;

/** Parses NAME=value lines with dotenv; as in a shell, a comment needs white space before `#`. */
export function parseEnvFile(given: string, file: string): ParsedFile {
  const text = given.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const variables: Record<string, string> = {};
  const notices: Notice[] = [];
  const strays: number[] = [];
  for (let at = 0, line = 1; at < text.length; ) {
    const one = findLine(text, at);
    const { name = '', end, isStray } = one;
    const whole = text.slice(at, end);
    const read = parse(one.quoted ? `${name}=${one.quoted}` : whole, { fast: true });
    if (isStray) strays.push(line);
    else if (OURS.test(name))
      notices.push(...findDoubts(one, `${name} in ${file}`, read[name], variables[name]));
    Object.assign(variables, read);
    line += whole.split('\n').length;
    at = end + 1;
  }
  const form = findForm(text, strays, Object.keys(variables));
  const problems = form ? [{ code: 'ENV_FILE_FORM', subject: file, ...form } as const] : [];
  return { variables, problems, notices };
}

type Line = {
  readonly name?: string;
  /** The quote around its value. */
  readonly quote?: string | undefined;
  /** Whether a comment follows a value without quotes. */
  readonly isCut?: boolean;
  /** Its value in quotes, if it has none and a `#`, where dotenv would cut it. */
  readonly quoted?: string;
  /** Whether it contains one of our names, but is not a single assignment. */
  readonly isStray?: boolean;
  /** Where the line ends; a quoted value may span several lines. */
  readonly end: number;
};

function findLine(text: string, at: number): Line {
  const end = endOf(text, at);
  const line = text.slice(at, end);
  const [start = '', name, colon] = NAME.exec(line) ?? [];
  if (name === undefined) return { end, isStray: OURS.test(line) && !/^\s*[#;]/.test(line) };
  const rest = line.slice(start.length);
  const open = at + start.length + rest.search(/\S|$/);
  const quote = /['"`]/.exec(text[open] ?? '')?.[0];
  const close = quote && findClose(text, open, quote);
  if (quote && close) {
    const value = text.slice(open + 1, close);
    const hasBreak = value.includes('\n') || (quote === '"' && value.includes('\\n'));
    const isStray = OURS.test(name) && hasBreak && SECOND.test(value);
    return { name, quote, isStray, end: endOf(text, close) };
  }
  const isStray = (colon || OURS.test(name) ? SECOND : ASSIGNED).test(rest);
  return { name, ...findBare(rest), isStray, end };
}

function endOf(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** A value that is not a single quoted text. */
function findBare(rest: string): Pick<Line, 'quote' | 'isCut' | 'quoted'> {
  const comment = rest.search(/\s#/);
  const isCut = comment >= 0;
  const value = (isCut ? rest.slice(0, comment) : rest).trim();
  const quote = /^(['"`]).*\1$/.exec(value)?.[1];
  if (quote || !value.includes('#')) return { quote, isCut };
  const free = ["'", '`', '"'].find((one) => !value.includes(one)) ?? '';
  return { isCut, quoted: free + value + free };
}

/** The last quote that may close the value, up to the first without a backslash before it. */
function findClose(text: string, open: number, quote: string): number | undefined {
  let found: number | undefined;
  for (let at = text.indexOf(quote, open + 1); at >= 0; at = text.indexOf(quote, at + 1)) {
    AFTER.lastIndex = at + 1;
    if (AFTER.test(text)) found = at;
    if (text[at - 1] !== '\\') break;
  }
  return found;
}

/** Syntax that programs read differently, and how we read it. */
function findDoubts(
  { name = '', quote, isCut }: Line,
  subject: string,
  value = '',
  before = value,
): Notice[] {
  const doubts: Notice[] = [];
  const doubt = (what: string, fix: string) =>
    doubts.push({ code: 'ENV_FILE_VALUE', what, fix, subject });
  if (before !== value) doubt('is set more than once; the last one is used', 'remove the others');
  if (isCut && value !== '' && /_(?:PASSWORD|SESSION_TOKEN)$/i.test(name))
    doubt(
      'ends before a #, because # after white space starts a comment',
      'put the value in single quotes if # is part of it, otherwise put the comment on a line of its own',
    );
  if (quote === undefined && /^['"`]/.test(value))
    doubt(
      'begins with a quote that is never closed, so the quote is part of the value',
      'close the quote, or remove it',
    );
  if (quote === '`')
    doubt('is in backticks, which are quotes here: no command is run', 'write the value itself');
  // nvcr.io has a user $oauthtoken, and Harbor names robots robot$NAME.
  const hasReference =
    /\$[{($A-Z_]|`/.test(value) || (/^\$\w+$/.test(value) && value !== '$oauthtoken');
  if (quote !== "'" && quote !== '`' && hasReference)
    doubt(
      'has a $ that is kept as it is: no variable or command is substituted',
      'write the value itself, or put it in single quotes if $ is part of it',
    );
  if (quote === '"' && value.includes('\\'))
    doubt(
      'has a backslash in double quotes, which is kept here, though other programs remove it',
      'put the value in single quotes',
    );
  return doubts;
}

const AS_UTF8 = 'save it as UTF-8';

const ERRNO: Readonly<Record<string, readonly [what: string, fix?: string]>> = {
  ENOENT: ['does not exist'],
  EISDIR: ['is a directory'],
  ENXIO: ['is not a regular file'],
  EACCES: ['is not readable by this user'],
  ETOOBIG: ['is larger than 1 MiB'],
  FULL: [
    'has more than 1,000 variables together with the files before it',
    'keep registries in a file of their own',
  ],
  EILSEQ: ['is not UTF-8 text', AS_UTF8],
  EUTF16: ['is UTF-16 text, as PowerShell writes it, not UTF-8', AS_UTF8],
  EXDEV: ['leads out of the workspace'],
};

export function unreadable(subject: string, errno: string): Problem {
  const [what, fix = 'correct the path, or stop naming the file (option envFiles, --env-file)'] =
    ERRNO[errno] ?? [`cannot be read (${errno})`];
  const code = errno === 'EUTF16' ? 'ENV_FILE_FORM' : 'ENV_FILE_UNREADABLE';
  return { code, subject, what: `${what}; none of its variables is used`, fix };
}

export function exposed(subject: string, isNamed: boolean): Notice {
  const what = isNamed
    ? 'can be changed by other users, so it is read only when you name it'
    : 'can now be changed by other users; it is not read any more';
  const fix =
    'make sure that you own it and nobody else can write to it (chmod go-w), then run registry-auth apply';
  return { code: 'ENV_FILE_EXPOSED', subject, what, fix };
}
