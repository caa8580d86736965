import type { Notice, Problem } from '../problem.ts';
import {
  MAX_LENGTH,
  type Part,
  type Parts,
  type Source,
  type Triple,
  variableName,
} from './triple.ts';

/** Values that config.json cannot store, or that no registry accepts. */
export function findWrongParts({ id, user, password }: Triple): Problem[] {
  const problems: Problem[] = [];
  const subject = variableName(id, 'USER');
  if (user.includes(':')) problems.push({ ...COLON, subject });
  if (hasControlCharacter(user)) problems.push({ ...CONTROL_CHARACTER, subject });
  if (password.includes('\0')) problems.push({ ...NUL, subject: variableName(id, 'PASSWORD') });
  return problems;
}

const COLON = {
  code: 'USER_HAS_COLON',
  what: 'contains ":", which no Docker configuration can store',
  fix: 'use a user name without ":"',
} as const;
const CONTROL_CHARACTER = {
  code: 'USER_HAS_CONTROL_CHARACTER',
  what: 'contains a control character',
  fix: 'set it again without line breaks, tabs or other invisible characters',
} as const;
const NUL = {
  code: 'PASSWORD_HAS_NUL',
  what: 'contains a NUL character, where clients cut it off',
  fix: 'set it again as plain text',
} as const;

/** Without a pattern, because compiling one takes longer than all else here. */
function hasControlCharacter(text: string): boolean {
  return [...text].some((one) => one < ' ' || (one >= '\x7f' && one <= '\x9f'));
}

/** Zero-width characters, marks of direction, soft hyphens and byte order marks. */
export const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;

/** Every beginning that odd.ts reports, but for white space. */
const ODD_BEGINNINGS = [
  ...[
    '"',
    "'",
    '`',
    '\u201c',
    '\u2018',
    '\u00ab',
    '$',
    '%',
    '<',
    '{{',
    '***',
    '...',
    'xxx',
    'your',
  ],
  ...[
    'paste',
    'insert',
    'enter',
    'replace',
    'put',
    'change',
    'todo',
    'token',
    'pat',
    'bearer',
    'basic',
  ],
];
const ODD_LETTERS = lettersOf(ODD_BEGINNINGS);

/** Whether a password looks odd enough to load odd.ts, which examines it. */
export function mayBeOdd(password: string): boolean {
  const text = password.toLowerCase();
  const begins =
    beginsLike(text, ODD_LETTERS) && ODD_BEGINNINGS.some((word) => text.startsWith(word));
  return begins || text !== text.trim() || text.includes('${{') || text.search(INVISIBLE) >= 0;
}

export function lettersOf(beginnings: readonly string[]): ReadonlySet<string> {
  return new Set(beginnings.map((one) => one.slice(0, 2)));
}

/**
 * Whether a text in lower case begins with one of these pairs of letters, or with neither an ASCII
 * letter nor a digit. Most do not, and skip a long pattern, which V8 compiles slowly.
 */
export function beginsLike(text: string, letters: ReadonlySet<string>): boolean {
  const first = text.charAt(0);
  const isPlain = (first >= 'a' && first <= 'z') || (first >= '0' && first <= '9');
  return !isPlain || letters.has(text.slice(0, 2));
}

/** Quotes that copying from a shell, YAML, a chat or a page leaves around a value. */
export const QUOTED = /^(?:".*"|'.*'|`.*`|\u201c.*\u201d|\u2018.*\u2019|\u00ab.*\u00bb)$/s;
const QUOTES = '"\'`\u201c\u2018\u00ab';

/** Removes outer white space, one pair of quotes around the text, and invisible characters. */
export function unquote(text: string): string {
  const trimmed = text.replace(INVISIBLE, '').trim();
  const isQuoted = QUOTES.includes(trimmed.charAt(0)) && QUOTED.test(trimmed);
  return isQuoted ? trimmed.slice(1, -1).trim() : trimmed;
}

/** Strips line breaks and a byte order mark, but no spaces: a password may end in one. */
export function withoutLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end -= 1;
  return text.slice(text.startsWith('\ufeff') ? 1 : 0, end);
}

/** Why a value is unusable: it is too long, or Node could not decode it as UTF-8. */
export function findUnusable(part: Part, value: string): Omit<Problem, 'subject'> | undefined {
  const max = MAX_LENGTH[part];
  const fix = 'set it again, as the registry gave it to you';
  if (value.length > max)
    return { code: 'VALUE_TOO_LONG', what: `is longer than ${max} characters`, fix };
  if (!value.includes('\ufffd')) return undefined;
  return { code: 'VALUE_NOT_UTF8', what: 'is not valid UTF-8 text', fix };
}

/** A triple from its variables' text, with a notice for each correction. */
export function cleanTriple(id: string, parts: Parts, source: Source, notices: Notice[]): Triple {
  const clean = (part: Part) => {
    const given = parts[part];
    if (given === undefined) return undefined;
    const text = part === 'PASSWORD' ? cleanPassword(given, parts) : cleanPart(part, given);
    if (text !== given) notices.push(trimmed(id, part, given));
    return text;
  };
  return {
    id,
    server: clean('SERVER') ?? '',
    user: clean('USER') ?? '',
    password: clean('PASSWORD') ?? '',
    command: parts.PASSWORD_COMMAND,
    sessionToken: clean('SESSION_TOKEN'),
    roleArn: clean('ROLE_ARN'),
    externalId: clean('EXTERNAL_ID'),
    source: source.name,
    file: source.file,
  };
}

/** Quotes may belong to a password, but not if SERVER or USER has the same ones. */
function cleanPassword(given: string, { SERVER = '', USER = '' }: Parts): string {
  const text = withoutLineEnd(given);
  const mark = text.charAt(0);
  const isSame = (other: string) =>
    other.trim().startsWith(mark) && unquote(other) !== other.trim();
  const isQuoted = QUOTES.includes(mark) && mark !== '' && [SERVER, USER].some(isSame);
  // A password cannot be empty.
  return (isQuoted && unquote(text)) || text;
}

function trimmed(id: string, part: Part, given: string): Notice {
  const subject = variableName(id, part);
  const isMarked = given.search(INVISIBLE) >= 0;
  const marked = 'has a byte order mark or another invisible character; used without it';
  const visible =
    isSecret(part) && /[\r\n]$/.test(given)
      ? 'ends with a line break; used without it'
      : 'has white space or quotes around it; used without them';
  return { code: 'VALUE_TRIMMED', subject, what: isMarked ? marked : visible };
}

export function cleanPart(part: Part, text: string): string {
  return isSecret(part) ? withoutLineEnd(text) : unquote(text);
}

/** White space and quotes may belong to it. */
function isSecret(part: Part): boolean {
  return part === 'PASSWORD' || part === 'SESSION_TOKEN';
}
