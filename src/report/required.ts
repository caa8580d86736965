import { findNearest } from '../nearest.ts';
import { isReadyState, isWellState, KEY_STATES } from './ready.ts';
import type { Status } from './status-keys.ts';

/** Whether a required ID is ready, and if not, why. */
export type Required = { readonly id: string; readonly why?: string };

/** One result for each given ID, in any case. */
export function findRequired(ids: readonly string[], status: Status): Required[] {
  const known = [...new Set([...status.ids, ...status.keys.flatMap((key) => key.ids)])];
  const idOf = (word: string) =>
    known.find((one) => one === word) ??
    known.find((one) => one.toUpperCase() === word.toUpperCase());
  return [...new Set(ids)].map((word) => {
    const id = idOf(word);
    const why = id === undefined ? whyUnknown(word, known) : findWhy(id, status);
    return why === undefined ? { id: id ?? word } : { id: id ?? word, why };
  });
}

function whyUnknown(word: string, known: readonly string[]): string {
  const nearest = findNearest(word, known);
  return `none of its three variables is set here${nearest ? `; did you mean ${nearest}?` : ''}`;
}

function findWhy(id: string, { keys, problems }: Status): string | undefined {
  const own = problems.find((problem) => problem.id === id || problem.subject === id);
  if (own) return `${own.subject === id ? '' : `${own.subject} `}${own.what} [${own.code}]`;
  const rows = keys.filter(({ ids }) => ids.includes(id));
  const bad = rows.find(({ state }) => !isWellState(state));
  const ready = rows.some(({ state }) => isReadyState(state));
  if (ready && !bad) return undefined;
  const [first] = rows;
  const words = KEY_STATES[bad?.state ?? first?.state ?? 'missing'];
  // Only the problems explain why states are unknown.
  const [cause] = first === undefined || bad?.state === 'unknown' ? problems : [];
  return cause ? `${cause.subject} ${cause.what} [${cause.code}]` : words;
}
