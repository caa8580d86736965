import { parseQuestion } from './question.ts';

/**
 * The logins that a person's words name, and the words that name nothing. A word is an ID; or a
 * host, with every namespace of it; or a namespace, with the host itself where that is the same
 * triple's. No word names everything. `logins` has the IDs of each by its name.
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
