import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readPages } from './support/markdown.ts';

const BESIDE = [
  'features/registry-auth/NOTES.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
];
const PATHS = [...readPages().map(({ path }) => path), ...BESIDE];

/** What pages once had, and no colleague would write; what stands for it is beside it. */
const PHRASES = [
  'whose names begin alike', // share a prefix you choose
  'has against a secret', // asks the registry whether it accepts the credential
  'latest word wins', // your own `docker login` is kept until the secret changes
  'is nowhere afterwards', // when a secret is removed, every copy we wrote is deleted
  'comes in empty', // unset variables arrive empty and are ignored
  'counts as not there',
  'in no source of this shell', // secret not set in this shell
  'but for nobody', // returned an anonymous token
  'one for nobody',
  'by others all the time', // is locked by another process
  'theirs', // a foreign entry
  'somebody', // you, another user, GitHub, docker
  'anybody',
  'everybody',
  'nobody',
];

/** What people do and programs do not. */
const VERBS = ['says', 'said', 'hears', 'heard', 'knows', 'wants', 'whoever'];

/** A page's prose, each line with its number: what programs print is theirs to test. */
function findProse(path: string): { line: number; text: string }[] {
  let isCode = false;
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((text, index) => {
      if (/^ *```/.test(text)) isCode = !isCode;
      return { line: index + 1, text: isCode ? '' : text.replace(/`[^`]*`/g, '') };
    });
}

function findWords(path: string, words: readonly string[]): string[] {
  const pattern = new RegExp(`\\b(?:${words.join('|')})\\b`, 'i');
  return findProse(path)
    .filter(({ text }) => pattern.test(text))
    .map(({ line, text }) => `${path}:${line}: ${text}`);
}

describe('pages', () => {
  test.each(PATHS)('%s has no phrase that must be read twice', (path) => {
    expect(findWords(path, PHRASES)).toEqual([]);
  });

  test.each(PATHS)(
    '%s lets programs print, need and support, and not say, want and know',
    (path) => {
      expect(findWords(path, VERBS)).toEqual([]);
    },
  );

  test.each(PATHS)('%s has at most 250 lines', (path) => {
    expect(readFileSync(path, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(250);
  });
});
