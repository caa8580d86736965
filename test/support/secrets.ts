import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The secret of the tests: long enough to be unmistakable, and different in every form that is searched for. */
export const CANARY = 'canary~Zk7?"+/&=%<é>>>???-9fQx';

/** A bare secret, or one with the user it belongs to. */
export type Secret = string | { user: string; password: string };

/** Asserts that no secret occurs in a text, or in any file below a folder except the allowed paths (relative to it). */
export function expectNoSecret(
  subject: string | { folder: string },
  secrets: readonly Secret[],
  { allow = [] }: { allow?: readonly string[] } = {},
): void {
  const pieces = typeof subject === 'string' ? [textPiece(subject)] : filePieces(subject.folder);
  for (const { name, bytes } of pieces) {
    if (allow.includes(name)) continue;
    const form = findSecret(bytes, secrets);
    if (form) throw new Error(`${name}: holds a secret (${form})`);
  }
}

/** Finds the first secret in the bytes and returns the name of the form it has there, never the secret. */
export function findSecret(bytes: Buffer, secrets: readonly Secret[]): string | undefined {
  for (const secret of secrets) {
    const found = [...formsOf(secret)].find(([needle]) => bytes.includes(needle));
    if (found) return found[1];
  }
  return undefined;
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

/** Every spelling under which a secret may turn up, with the name of that spelling. */
function formsOf(secret: Secret): Map<string, string> {
  const password = typeof secret === 'string' ? secret : secret.password;
  if (password.length < 8)
    throw new Error('a secret of fewer than 8 characters cannot be searched for');
  const forms = new Map([
    ...base64Forms(password).map((form) => [form, 'base64'] as const),
    ...urlForms(password).map((form) => [form, 'URL-encoded'] as const),
    ...jsonForms(password).map((form) => [form, 'JSON-escaped'] as const),
    [password, 'plain'],
  ]);
  if (typeof secret !== 'string') {
    const login = Buffer.from(`${secret.user}:${password}`);
    forms.set(login.toString('base64'), 'base64 of user:password');
    forms.set(login.toString('base64url'), 'base64 of user:password');
  }
  return forms;
}

/** Inside a longer text the secret may begin at any of three offsets; bits shared with neighbours are cut off. */
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
  return [path, form].flatMap((it) => [it, it.replace(/%../g, (code) => code.toLowerCase())]);
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
