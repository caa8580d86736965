import { beginsLike, lettersOf } from '../secrets/clean.ts';

/**
 * How a secret, an AWS key or a placeholder may begin. In lower case: a case-insensitive pattern
 * takes three times as long to compile.
 */
const BEGINNINGS = [
  ...['gh[a-z]_', 'github_', 'dckr_', 'gl[a-z]+-', 'do[opr]_', 'ya29\\.', 'aiza', 'nvapi-', 'npm_'],
  ...['hf_', 'pypi-', 'xox[a-z]-', 'sk-', 'ey', 'akia', 'asia', 'your', 'paste', 'insert', 'enter'],
  ...['replace', 'change', 'xxx+$', 'todo', 'placeholder', 'null', 'undefined'],
];
const LETTERS = lettersOf(BEGINNINGS);
export const BEGINNING = new RegExp(`^\\W*(?:${BEGINNINGS.join('|')})|^[<$%{[*]`);

/** Whether pasted.ts must examine a text: it may be a secret, or name a key file of Google's. */
export function mayBeSecret(text: string): boolean {
  const lower = text.toLowerCase();
  // Azure's client secrets have 7Q~ or 8Q~ after three characters.
  const isAzures = lower.startsWith('q~', 4);
  const isKeyFile = lower.includes('json_key') || lower.includes('jsonkey');
  return isAzures || isKeyFile || (beginsLike(lower, LETTERS) && BEGINNING.test(lower));
}

/** User names that are secrets, and are never shown. */
const SECRET =
  /^(?:gh[pousr]_|github_pat_|dckr_[a-z]+_|gl(?:pat|dt|cbt|rt|rtr|soat|oas|ft|ptt|ffct|imt|agent)-|do[opr]_v1_|ya29\.|AIza[\w-]{20}|nvapi-|npm_\w{20}|hf_\w{20}|pypi-\w{20}|xox[a-z]-|sk-[\w-]{20}|eyJ[\w-]{20}|-----BEGIN|\{)|^[\w.~-]{3}[78]Q~[\w.~-]{31,}$|^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9/+]{40}$/;

/** A user name that is safe to show: in a file you wrote by hand it may be a secret. */
export function shownUser(user: string): string {
  return SECRET.test(user) ? '(a secret)' : user;
}
