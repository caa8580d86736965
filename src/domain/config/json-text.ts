/**
 * A value's place in a JSON text; the members of an object, in their order, with every equal key.
 */
export type JsonValue = {
  readonly start: number;
  /** After the last character. */
  readonly end: number;
  readonly kind: 'object' | 'array' | 'string' | 'null' | 'other';
  readonly members: readonly JsonMember[];
};

export type JsonMember = {
  readonly key: string;
  readonly start: number;
  readonly value: JsonValue;
};

/**
 * Finds where everything stands in a JSON text, or the offset of the first fault: JSON.parse tells
 * neither. As strict as JSON.parse (RFC 8259); that both agree on every text is a test.
 */
export function parseJsonText(text: string): JsonValue | { readonly faultAt: number } {
  const scanner: Scanner = { text, at: 0 };
  try {
    const value = scanValue(scanner, next(scanner), 0);
    const rest = next(scanner);
    return rest === '' ? value : { faultAt: scanner.at - rest.length };
  } catch (error) {
    if (error instanceof Fault) return { faultAt: error.offset };
    throw error;
  }
}

class Fault extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super('not JSON');
    this.offset = offset;
  }
}

type Scanner = { readonly text: string; at: number };

const MARKS = '{}[]:,';

/** A number or a word, with nothing behind it that would make it another. */
const WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)\b/y;

/** Deeper nesting than any configuration's would end in a stack overflow. */
const MAX_DEPTH = 500;

/**
 * The next token, empty at the end; leaves the scanner behind it. What is none is a token of one
 * character, which nothing accepts, a quotation mark excepted.
 */
function next(scanner: Scanner): string {
  const { text } = scanner;
  let start = scanner.at;
  while (isSpace(text[start])) start += 1;
  const token = tokenAt(text, start);
  scanner.at = start + token.length;
  return token;
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}

/** Marks and strings without a pattern: a configuration has little else. */
function tokenAt(text: string, start: number): string {
  const first = text[start] ?? '';
  if (MARKS.includes(first)) return first;
  if (first === '"') return findString(text, start) ?? first;
  WORD.lastIndex = start;
  return WORD.exec(text)?.[0] ?? first;
}

/**
 * The string that starts there, if it is one: no pattern can tell a long one without overflowing.
 */
function findString(text: string, start: number): string | undefined {
  let end = start;
  do end = text.indexOf('"', end + 1);
  while (isEscaped(text, end));
  const token = text.slice(start, end + 1);
  try {
    JSON.parse(token);
    return token;
  } catch {
    return undefined;
  }
}

/** By an odd number of backslashes before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

function expect(scanner: Scanner, token: string, isRight: boolean): void {
  if (!isRight) throw new Fault(scanner.at - token.length);
}

function scanValue(scanner: Scanner, token: string, depth: number): JsonValue {
  const start = scanner.at - token.length;
  const kind = kindOf(token);
  expect(scanner, token, kind !== undefined && depth < MAX_DEPTH);
  const members = kind === 'object' ? scanMembers(scanner, depth) : [];
  if (kind === 'array') skipElements(scanner, depth);
  return { start, end: scanner.at, kind: kind ?? 'other', members };
}

function kindOf(token: string): JsonValue['kind'] | undefined {
  if (token === '{') return 'object';
  if (token === '[') return 'array';
  if (token === 'null') return 'null';
  if (isString(token)) return 'string';
  return /^(?:-?\d|true|false)/.test(token) ? 'other' : undefined;
}

/** A quotation mark alone is the start of a string that is none. */
function isString(token: string): boolean {
  return token.length > 1 && token.startsWith('"');
}

function scanMembers(scanner: Scanner, depth: number): JsonMember[] {
  const members: JsonMember[] = [];
  let token = next(scanner);
  while (token !== '}') {
    if (members.length > 0) {
      expect(scanner, token, token === ',');
      token = next(scanner);
    }
    expect(scanner, token, isString(token));
    const start = scanner.at - token.length;
    const colon = next(scanner);
    expect(scanner, colon, colon === ':');
    members.push({
      key: JSON.parse(token),
      start,
      value: scanValue(scanner, next(scanner), depth + 1),
    });
    token = next(scanner);
  }
  return members;
}

function skipElements(scanner: Scanner, depth: number): void {
  let token = next(scanner);
  for (let count = 0; token !== ']'; count += 1) {
    if (count > 0) {
      expect(scanner, token, token === ',');
      token = next(scanner);
    }
    scanValue(scanner, token, depth + 1);
    token = next(scanner);
  }
}
