import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * The secret of the tests: long enough to be unmistakable, and different in every form that is
 * searched for.
 */
export const CANARY = 'canary~Zk7?"+/&=%<é>>>???-9fQx';

/** A bare secret, or one with the user it belongs to. */
export type Secret = string | { user: string; password: string };

/** Secrets, by names if a leak is to tell them apart. */
export type Secrets = readonly Secret[] | Readonly<Record<string, Secret>>;

/**
 * Asserts that no secret occurs in a text, or in any file below a folder except the allowed paths
 * (relative to it).
 */
export function expectNoSecret(
  subject: string | { folder: string },
  secrets: Secrets,
  { allow = [] }: { allow?: readonly string[] } = {},
): void {
  const { findIn } = searchFor(secrets);
  const pieces = typeof subject === 'string' ? [textPiece(subject)] : filePieces(subject.folder);
  for (const { name, bytes } of pieces) {
    const [leak] = allow.includes(name) ? [] : findIn(bytes);
    if (leak) throw new Error(`${name}: holds ${leak}`);
  }
}

function textPiece(text: string) {
  return { name: 'the text', bytes: Buffer.from(text) };
}

function filePieces(folder: string) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path).split(sep).join('/');
      // The name belongs to what is searched: a secret must not become a file name either.
      return { name, bytes: Buffer.concat([Buffer.from(`${name}\n`), readFileSync(path)]) };
    });
}

/** A search for secrets in every form. */
export type Search = {
  /** As many bytes of the end of one piece of a stream are to be searched with the next piece. */
  readonly overlap: number;
  /** The name and the form of each secret in the bytes, never the secret. */
  readonly findIn: (bytes: Buffer) => string[];
};

const searches = new Map<string, Search>();

/** A search for secrets; the same one for the same secrets. */
export function searchFor(secrets: Secrets): Search {
  const key = JSON.stringify(secrets);
  const known = searches.get(key);
  if (known) return known;
  const search = makeSearch(secrets);
  searches.set(key, search);
  return search;
}

/** It passes once over the bytes, however many forms there are. */
function makeSearch(secrets: Secrets): Search {
  const needles = [...needlesOf(secrets)];
  // Bytes are characters here. Not whole needles: an expression can be too long.
  const beginnings = new Set(needles.map(([needle]) => escapeBytes(needle.slice(0, 16))));
  const pattern = new RegExp([...beginnings].join('|') || '(?!)', 'g');
  const findIn = (bytes: Buffer): string[] => {
    const text = bytes.toString('latin1');
    const found = startsOf(pattern, text).flatMap((start) =>
      needles.filter(([needle]) => text.startsWith(needle, start)).map(([, leak]) => leak),
    );
    return [...new Set(found)];
  };
  return { overlap: Math.max(1, ...needles.map(([{ length }]) => length)) - 1, findIn };
}

/** Where a pattern matches, in another match too. */
function startsOf(pattern: RegExp, text: string): number[] {
  const starts: number[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    starts.push(match.index);
    pattern.lastIndex = match.index + 1;
  }
  return starts;
}

/** Every spelling under which the secrets may turn up, and what to say of it. */
function needlesOf(secrets: Secrets): Map<string, string> {
  const needles = new Map<string, string>();
  for (const [key, secret] of Object.entries(secrets)) {
    const name = Array.isArray(secrets) ? 'a secret' : key;
    const password = typeof secret === 'string' ? secret : secret.password;
    // The simpler forms come first, and name what looks the same in others.
    for (const [form, text] of spellingsOf(password))
      if (!needles.has(text)) needles.set(text, `${name} (${form})`);
  }
  return needles;
}

type Spelling = readonly [form: string, text: string];
const spellings = new Map<string, readonly Spelling[]>();

/** Kept, because a test file searches for the same secrets hundreds of times. */
function spellingsOf(password: string): readonly Spelling[] {
  const known = spellings.get(password);
  if (known) return known;
  const forms = linesOf(password).flatMap((line) => Object.entries(formsOf(line)));
  const all = forms.flatMap(([form, texts]) =>
    texts.map((each): Spelling => [form, Buffer.from(each).toString('latin1')]),
  );
  spellings.set(password, all);
  return all;
}

/** Whoever finds a secret's lines finds all of it; that a key begins or ends is no secret. */
function linesOf(secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const telling = lines.filter((line) => line.length >= 8 && !line.startsWith('-----'));
  if (telling.length === 0 && secret.length < 8)
    throw new Error('a secret of fewer than 8 characters cannot be searched for');
  return telling.length > 0 ? telling : [secret];
}

/** A login in base64 is among them: it holds the password's. */
function formsOf(secret: string): Record<string, string[]> {
  const base64 = base64Forms(secret);
  const json = jsonForms(secret);
  const hex = Buffer.from(secret).toString('hex');
  return {
    plain: [secret],
    base64,
    hex: [hex, hex.toUpperCase()],
    'URL-encoded': urlForms(secret),
    'JSON-escaped': json,
    'JSON in JSON': json.flatMap(jsonForms),
    'base64 of JSON': json.flatMap(base64Forms),
    'base64 of base64': base64.flatMap(base64Forms),
  };
}

/**
 * Inside a longer text the secret may begin at any of three offsets; bits shared with neighbours
 * are cut off.
 */
function base64Forms(password: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.from('\0'.repeat(offset) + password);
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor((bytes.length * 8) / 6);
    return [
      bytes.toString('base64').slice(start, end),
      bytes.toString('base64url').slice(start, end),
    ];
  });
}

function urlForms(password: string): string[] {
  const path = encodeURIComponent(password);
  const form = new URLSearchParams({ '': password }).toString().slice(1);
  const login = Object.assign(new URL('http://host'), { password }).password;
  return [path, form, login].flatMap((it) => [
    it,
    it.replace(/%../g, (code) => code.toLowerCase()),
  ]);
}

function jsonForms(password: string): string[] {
  const plain = JSON.stringify(password).slice(1, -1);
  const escapeCharacter = (character: string) =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  // Go's encoder also escapes what HTML would read; others escape all that is not ASCII.
  const html = plain.replace(/[<>&]/g, escapeCharacter);
  return [
    plain,
    html,
    plain.replace(/[^ -~]/g, escapeCharacter),
    html.replace(/[^ -~]/g, escapeCharacter),
  ];
}

function escapeBytes(text: string): string {
  return text.replace(/\W/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
