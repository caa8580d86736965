import { findNearest } from '../nearest.ts';
import { KEY_STATES, READY_STATES, WELL_STATES } from './ready.ts';
import type { Status } from './status-keys.ts';
import { plain, type Report } from './text.ts';

/** Whether a required ID is ready, and if not, why. */
type Required = { readonly id: string; readonly ready: boolean; readonly why: string | null };

/** One result for each given ID, in any case. */
export function findRequired(ids: readonly string[], status: Status): Required[] {
  const known = [...new Set([...status.ids, ...status.keys.flatMap((key) => key.ids)])];
  const idOf = (word: string) =>
    known.find((one) => one === word) ??
    known.find((one) => one.toUpperCase() === word.toUpperCase());
  return [...new Set(ids)].map((word) => {
    const id = idOf(word);
    const why = id === undefined ? whyUnknown(word, known) : findWhy(id, status);
    return { id: id ?? word, ready: why === null, why };
  });
}

/** The whole output for required IDs, one line; the exit status is 1 if one is not ready. */
export function renderRequired(required: readonly Required[]): Report {
  const ready = required.filter((one) => one.ready).map(({ id }) => id);
  const others = required.filter((one) => !one.ready).map(({ id, why }) => `${id} (${why})`);
  const parts = [
    ...(ready.length > 0 ? [`ready: ${ready.join(', ')}`] : []),
    ...(others.length > 0 ? [`not ready: ${others.join('; ')}`] : []),
  ];
  const status = others.length > 0 ? 1 : 0;
  return { stdout: `${plain(parts.join('; '))}\n`, stderr: '', status };
}

function whyUnknown(word: string, known: readonly string[]): string {
  const nearest = findNearest(word, known);
  return `none of its three variables is set here${nearest ? `; did you mean ${nearest}?` : ''}`;
}

function findWhy(id: string, { keys, problems }: Status): string | null {
  const own = problems.find((problem) => problem.id === id || problem.subject === id);
  if (own) return `${own.subject === id ? '' : `${own.subject} `}${own.what} [${own.code}]`;
  const rows = keys.filter(({ ids }) => ids.includes(id));
  const bad = rows.find(({ state }) => !WELL_STATES.includes(state));
  const ready = rows.some(({ state }) => READY_STATES.includes(state));
  if (ready && !bad) return null;
  const [first] = rows;
  const words = KEY_STATES[bad?.state ?? first?.state ?? 'missing'];
  // Only the problems explain why states are unknown.
  const [cause] = first === undefined || bad?.state === 'unknown' ? problems : [];
  return cause ? `${cause.subject} ${cause.what} [${cause.code}]` : words;
}
