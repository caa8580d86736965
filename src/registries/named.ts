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
