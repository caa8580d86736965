import { findNearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { parseQuestion } from './question.ts';

/**
 * The logins that words on the command line name, and the words that name nothing. A word is an ID;
 * a host, with all its namespaces; or a namespace, with its host if that has the same triple.
 * Without words, it is every login. `logins` maps a login's name to its IDs.
 */
export function findNamed(
  words: readonly string[],
  logins: ReadonlyMap<string, readonly string[]>,
) {
  if (words.length === 0) return { names: new Set(logins.keys()), unknown: [] };
  const found = words.map((word) => findOne(word, logins));
  const unknown = words.filter((_, index) => found[index]?.length === 0);
  return { names: new Set(found.flat()), unknown };
}

function findOne(word: string, logins: ReadonlyMap<string, readonly string[]>): string[] {
  const { names: [exact] = [], hostName: host } = parseQuestion(word) ?? {};
  const owners = logins.get(exact ?? '') ?? [];
  const isNamed = (name: string, ids: readonly string[]) => {
    if (ids.includes(word) || name === exact) return true;
    if (exact === host) return exact !== undefined && name.startsWith(`${host}/`);
    return name === host && ids.some((id) => owners.includes(id));
  };
  return [...logins].flatMap(([name, ids]) => (isNamed(name, ids) ? name : []));
}

/** For a word that names nothing. */
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

/** A word of the command line, if it is safe to repeat: an address may contain a password. */
export function repeatable(word: string, otherwise: string): string {
  return /^[\w.:/[\]-]{1,255}(?:@sha\d+:\w+)?$/.test(word) ? word : otherwise;
}
