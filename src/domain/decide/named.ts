import { findHostKeys } from '../registries/keys.ts';
import { parseQuestion } from './answer.ts';
import type { Ledger, Row } from './ledger.ts';

/** What of the ledger a person's words name, and the words that name nothing. */
export type NamedKeys = {
  readonly keys: ReadonlySet<string>;
  /** Login keys. */
  readonly logins: ReadonlySet<string>;
  readonly unknown: readonly string[];
};

/**
 * A word is an ID; or a host, with every namespace of it; or a namespace, with the host's own key
 * where that is the same triple's. No word names everything.
 */
export function findNamed(words: readonly string[], ledger: Ledger): NamedKeys {
  const { rows, logins } = ledger;
  if (words.length === 0) {
    return { keys: new Set(Object.keys(rows)), logins: new Set(Object.keys(logins)), unknown: [] };
  }
  const named = words.map((word) => ({ word, ...findOne(word, ledger) }));
  return {
    keys: new Set(named.flatMap(({ keys }) => keys)),
    logins: new Set(named.flatMap(({ login }) => login ?? [])),
    unknown: named.flatMap(({ word, keys, login }) => (keys.length === 0 && !login ? word : [])),
  };
}

function findOne(word: string, { rows, logins }: Ledger) {
  const keys = Object.entries(rows).flatMap(([key, row]) =>
    isNamed(word, key, row, rows) ? key : [],
  );
  const loginKey = parseQuestion(word)?.loginKey;
  return { keys, login: loginKey !== undefined && loginKey in logins ? loginKey : undefined };
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
