import { distance } from 'fastest-levenshtein';

/**
 * The name nearest to a mistyped word, in any case; undefined if none is near: two letters may be
 * wrong in a long word, one in a short one.
 */
export function findNearest(word: string, names: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  const [best] = names
    .map((name) => ({ name, errors: countErrors(typed, name.toLowerCase()) }))
    .filter(({ name, errors }) => errors <= (Math.min(typed.length, name.length) < 6 ? 1 : 2))
    .sort((a, b) => a.errors - b.errors);
  return best?.name;
}

/** Two swapped letters are one error. */
function countErrors(typed: string, name: string): number {
  const errors = distance(typed, name);
  const lettersOf = (word: string) => [...word].sort().join('');
  return errors === 2 && lettersOf(typed) === lettersOf(name) ? 1 : errors;
}
