import type { Messages } from '../problem.ts';
import { shownUser } from '../providers/secrets.ts';
import { type ClientLogin, OUR_PROGRAM } from './clients.ts';
import { KEY_STATES, WELL_STATES } from './ready.ts';
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
