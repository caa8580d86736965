import { loginName } from '../domain/registries/keys.ts';
import { parseQuestion } from '../domain/registries/question.ts';
import { HELPER } from './ownership.ts';
import type { State } from './state.ts';

/** The logins that a person's words name, and the words that name nothing. */
export type NamedLogins = {
  readonly names: ReadonlySet<string>;
  readonly unknown: readonly string[];
};

/**
 * A word is an ID; or a host, with every namespace of it; or a namespace, with the host itself
 * where that is the same triple's. No word names everything. `logins` has the IDs of each by its
 * name.
 */
export function findNamed(
  words: readonly string[],
  logins: ReadonlyMap<string, readonly string[]>,
): NamedLogins {
  if (words.length === 0) return { names: new Set(logins.keys()), unknown: [] };
  const named = words.map((word) => ({ word, names: findOne(word, logins) }));
  return {
    names: new Set(named.flatMap(({ names }) => names)),
    unknown: named.flatMap(({ word, names }) => (names.length === 0 ? word : [])),
  };
}

function findOne(word: string, logins: ReadonlyMap<string, readonly string[]>): string[] {
  const question = parseQuestion(word);
  const [exact = '', host = exact] = [question?.names[0], question?.names.at(-1)];
  const owners = logins.get(exact) ?? [];
  const isNamed = (name: string, ids: readonly string[]) => {
    if (ids.includes(word) || (question && name === exact)) return true;
    if (!question) return false;
    if (exact === host) return name.startsWith(`${host}/`);
    return name === host && ids.some((id) => owners.includes(id));
  };
  return [...logins].flatMap(([name, ids]) => (isNamed(name, ids) ? name : []));
}

/** Names of the logins at which anything of ours is, with the IDs that our record has of them. */
export function findOurs({ config, logins }: State): Map<string, readonly string[]> {
  const { records, credHelpers } = config;
  const helped = [...credHelpers].flatMap(([key, name]) => (name === HELPER ? key : []));
  const replaced = [...records.previous.keys()].map((place) => place.replace(/^\w+ /, ''));
  const names = [...[...helped, ...replaced].map(loginName), ...logins.keys()];
  const ours = new Map<string, readonly string[]>(names.map((name) => [name, []]));
  for (const [name, { ids }] of records.logins) ours.set(name, ids);
  return ours;
}
