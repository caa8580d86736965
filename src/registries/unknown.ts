import { findNearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { repeatable } from './reference.ts';

export function unknownName(
  word: string,
  what: string,
  known: readonly string[],
  command: 'status' | 'check',
): Problem {
  const nearest = findNearest(word, known);
  const image = /^[a-z0-9]+$/.test(word) ? ` an image of Docker Hub is docker.io/${word}` : '';
  const fix = nearest
    ? `did you mean ${nearest}?${image}`
    : 'name an ID, a host or an image; registry-auth status shows what there is';
  return { code: 'USAGE', subject: repeatable(word, command), what, fix };
}
