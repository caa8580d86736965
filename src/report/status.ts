import type { Status, StatusKey } from '../domain/tell/status.ts';
import { renderDocument, renderTime } from './json.ts';
import { type Paint, plain, type Report, renderProblem } from './text.ts';

const STATES: Record<StatusKey['state'], string> = {
  file: 'ready: in the file',
  helper: 'ready: our helper answers',
  login: "somebody's own login",
  'logged-out': 'logged out by hand; the next start or apply logs in again',
  expired: 'expired',
  missing: 'not written yet',
};

/** For a person at a terminal. */
export function renderStatus(
  { config, credsStore, keys, problems, notices }: Status,
  paint: Paint,
): Report {
  const stderr = [
    ...problems.map((problem) => renderProblem(problem, paint, 'red')),
    ...notices.map((notice) => renderProblem(notice, paint, 'yellow')),
  ].join('');
  if (config === '') return { stdout: '', stderr };
  const width = Math.max(2, ...keys.map(({ id }) => id.length));
  const keyWidth = Math.max(3, ...keys.map(({ key }) => key.length));
  const rows = keys.map(({ id, provider, key, state, source, expiresAt }) => {
    const until = expiresAt === undefined ? '' : `, token until ${renderTime(expiresAt)}`;
    const from = source === undefined ? 'in no source of this shell' : plain(`from ${source}`);
    const colour = state === 'missing' || state === 'expired' ? 'yellow' : 'green';
    const columns = [id.padEnd(width), provider.padEnd(10), key.padEnd(keyWidth)].join('  ');
    return `  ${plain(columns)}  ${paint(colour, STATES[state])}${until}; ${from}\n`;
  });
  const store = credsStore === undefined ? '' : plain(` (credsStore: ${credsStore})`);
  const none = keys.length === 0 ? '  no registry secrets found, and nothing written\n' : '';
  return { stdout: `${paint('bold', plain(config))}${store}\n${none}${rows.join('')}`, stderr };
}

/** The document of `status --json`. */
export function renderStatusJson({
  keys,
  credsStore = null,
  ...status
}: Omit<Status, 'credsStore'> & { credsStore?: string | null }): string {
  const shown = keys.map(
    ({
      source = null,
      expiresAt,
      ...key
    }: Omit<StatusKey, 'source'> & { source?: string | null }) => ({
      ...key,
      source,
      expiresAt: renderTime(expiresAt),
    }),
  );
  return renderDocument({ ...status, credsStore, keys: shown });
}
