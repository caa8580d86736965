import { findHostKeys } from '../registries/server.ts';
import { parseQuestion } from './answer.ts';
import type { Ledger, Row } from './ledger.ts';

/** The keys of the ledger that a person's words name, and the words that name none. */
export type NamedKeys = { readonly keys: ReadonlySet<string>; readonly unknown: readonly string[] };

/**
 * A word is an ID; or a host, with every namespace of it; or a namespace, with the host's own key
 * where that is the same triple's. No word names everything.
 */
export function findNamed(words: readonly string[], { rows }: Ledger): NamedKeys {
  const all = Object.entries(rows);
  if (words.length === 0) return { keys: new Set(all.map(([key]) => key)), unknown: [] };
  const named = words.map((word) => ({
    word,
    keys: all.flatMap(([key, row]) => (isNamed(word, key, row, rows) ? key : [])),
  }));
  return {
    keys: new Set(named.flatMap(({ keys }) => keys)),
    unknown: named.flatMap(({ word, keys }) => (keys.length === 0 ? word : [])),
  };
}

function isNamed(word: string, key: string, row: Row, rows: Ledger['rows']): boolean {
  if (word === row.id) return true;
  const question = parseQuestion(word);
  if (question === undefined) return false;
  const hostKeys = findHostKeys(question.host);
  if (!hostKeys.some((host) => key === host || key.startsWith(`${host}/`))) return false;
  const exact = question.keys[0] ?? '';
  return hostKeys.includes(exact) || rows[exact]?.id === row.id;
}
