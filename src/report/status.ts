import { findNearest } from '../nearest.ts';
import type { Messages } from '../problem.ts';
import { shownUser } from '../providers/secrets.ts';
import { type ClientLogin, OUR_PROGRAM } from './clients.ts';
import { KEY_STATES, READY_STATES, WELL_STATES } from './ready.ts';
import type { Status } from './status-keys.ts';
import { type Paint, plain, type Report, renderTable, renderTime, reportOf } from './text.ts';

/** For a terminal: everything configured, or the clients of one registry or image. */
export function renderStatus(status: Status, paint: Paint): Report {
  const { config, credsStore, asked } = status;
  const store = credsStore === undefined ? '' : plain(` (credsStore: ${credsStore})`);
  const rows = asked ? renderClients(asked, paint) : renderKeys(status, paint);
  const text = config === '' ? '' : `${paint('bold', plain(config))}${store}\n${rows}`;
  return reportOf(text, status, paint);
}

function renderKeys({ keys, ids: known }: Status, paint: Paint): string {
  if (keys.length === 0)
    return `  ${known.length > 0 ? 'nothing written' : 'no registry secrets found, and nothing written'}\n`;
  const rows = keys.map(({ ids, provider, key, state, source, expiresAt }) => {
    const isWell = WELL_STATES.includes(state);
    const token = state === 'command' ? 'kept until' : isWell ? 'token until' : 'token ended';
    // The token in our record does not concern other states.
    const isTimed = expiresAt !== undefined && (isWell || state === 'expired');
    const until = isTimed ? `, ${token} ${renderTime(expiresAt)}` : '';
    const from = source === undefined ? 'secret not set in this shell' : plain(`from ${source}`);
    const shown = paint(isWell ? 'green' : 'yellow', KEY_STATES[state]);
    return { cells: [ids.join(', '), provider, key], words: `${shown}${until}; ${from}` };
  });
  return renderTable(rows, [2, 10, 3], paint);
}

function renderClients({ address, clients }: NonNullable<Status['asked']>, paint: Paint): string {
  const { host, repository } = address;
  const rows = clients.map(({ programs, login }) => {
    const { user, place } = wordsFor(login);
    return { cells: ['', programs.join(', '), user], words: plain(place) };
  });
  const title = repository === undefined ? host : `${host}/${repository}`;
  return `  ${plain(title)}\n${renderTable(rows, [0, 0, 0], paint)}`;
}

function wordsFor(login: ClientLogin['login']): { readonly user: string; readonly place: string } {
  switch (login.source) {
    case 'nothing':
      return { user: 'anonymous', place: 'why' in login ? warningFor(login) : 'no login' };
    case 'error':
      return { user: 'fails', place: `${login.where}: ${login.why}` };
    case 'helper': {
      const { program, where, credential } = login;
      const isOurs = program === OUR_PROGRAM;
      const place = `${isOurs ? 'our helper' : program}, which ${where} names`;
      return {
        user: credential ? shownUser(credential.user) : '?',
        place: isOurs ? place : `${place}; not asked`,
      };
    }
    default:
      return { user: shownUser(login.credential.user), place: `${login.key} in ${login.where}` };
  }
}

function warningFor({ where, why }: { readonly where: string; readonly why: string }): string {
  return `${where}: ${why}; it warns, and continues without a login`;
}

export function toStatusDocument(status: Status): Messages {
  const { config, credsStore = null, keys, problems, notices, asked } = status;
  const shown = keys.map(({ source = null, expiresAt, ...key }) => ({
    ...key,
    source,
    expiresAt: renderTime(expiresAt),
  }));
  const document = { config, problems, notices, credsStore, keys: shown };
  return { ...document, ...(asked ? toAskedDocument(asked) : {}) };
}

function toAskedDocument({ address, clients }: NonNullable<Status['asked']>): object {
  const { host, repository = null } = address;
  const shown = clients.map(({ client, programs, login }) => {
    const { source, credential, ...place } = { credential: undefined, ...login };
    const user = credential ? shownUser(credential.user) : null;
    return { client, programs, source, user, ...place };
  });
  return { address: { host, repository }, clients: shown };
}

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
