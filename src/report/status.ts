import type { AddressStatus, ClientLogin } from '../domain/tell/clients.ts';
import { OUR_PROGRAM } from '../domain/tell/clients.ts';
import type { KeyState, Status, StatusKey } from '../domain/tell/status.ts';
import { programsOf } from '../resolve/look-up.ts';
import { renderDocument, renderTime } from './json.ts';
import { type Paint, plain, type Report, renderProblem } from './text.ts';

const STATES: Record<KeyState, string> = {
  file: 'ready: in the file',
  helper: 'ready: our helper answers',
  login: "somebody's own login",
  unasked: 'not asked for: a helper answers for the whole host',
  'other-helper': "somebody's own helper is asked",
  'logged-out': 'logged out by hand; the next start or apply logs in again',
  expired: 'expired',
  'no-secret': 'our helper is asked, and its secrets are not in this shell',
  'no-helper': 'our helper is asked, and is not on PATH',
  missing: 'not written yet',
  unknown: 'not known, because the files cannot be read',
};

/** No login of ours, and nobody's will. */
const BAD: ReadonlySet<KeyState> = new Set<KeyState>([
  'logged-out',
  'expired',
  'no-secret',
  'no-helper',
  'missing',
  'unknown',
]);

/** For a person at a terminal. */
export function renderStatus(status: Status, paint: Paint): Report {
  return render(status, paint, renderKeys(status, paint));
}

/** The same with the clients of one registry or image. */
export function renderAddress(status: AddressStatus, paint: Paint): Report {
  return render(status, paint, renderClients(status));
}

function render({ config, credsStore, problems, notices }: Status, paint: Paint, rows: string) {
  const stderr = [
    ...problems.map((problem) => renderProblem(problem, paint, 'red')),
    ...notices.map((notice) => renderProblem(notice, paint, 'yellow')),
  ].join('');
  if (config === '') return { stdout: '', stderr };
  const store = credsStore === undefined ? '' : plain(` (credsStore: ${credsStore})`);
  return { stdout: `${paint('bold', plain(config))}${store}\n${rows}`, stderr };
}

function renderKeys({ keys, hasTriples }: Status, paint: Paint): string {
  if (keys.length === 0) {
    return hasTriples
      ? '  nothing written\n'
      : '  no registry secrets found, and nothing written\n';
  }
  const width = Math.max(2, ...keys.map(({ id }) => id.length));
  const keyWidth = Math.max(3, ...keys.map(({ key }) => key.length));
  const rows = keys.map(({ id, provider, key, state, source, expiresAt }) => {
    const word = state === 'expired' ? 'its token ended' : 'token until';
    const until = expiresAt === undefined ? '' : `, ${word} ${renderTime(expiresAt)}`;
    const from = source === undefined ? 'in no source of this shell' : plain(`from ${source}`);
    const columns = [id.padEnd(width), provider.padEnd(10), key.padEnd(keyWidth)].join('  ');
    const colour = BAD.has(state) ? 'yellow' : 'green';
    return `  ${plain(columns)}  ${paint(colour, STATES[state])}${until}; ${from}\n`;
  });
  return rows.join('');
}

function renderClients({ address, clients }: AddressStatus): string {
  const { host, repository } = address;
  const rows = clients.map(({ client, login }) => [
    programsOf(client).join(', '),
    userOf(login),
    placeOf(login),
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `    ${plain(cells.join('  ').trimEnd())}\n`;
  });
  return `  ${plain(repository === undefined ? host : `${host}/${repository}`)}\n${lines.join('')}`;
}

function userOf(login: ClientLogin['login']): string {
  if (login.source === 'error') return 'fails';
  const credential = 'credential' in login ? login.credential : undefined;
  if (!credential) return login.source === 'nothing' ? 'nobody' : '?';
  return credential.user;
}

function placeOf(login: ClientLogin['login']): string {
  switch (login.source) {
    case 'nothing':
      return 'no login';
    case 'error':
      return `${login.where}: ${login.why}`;
    case 'helper':
      if (login.program === OUR_PROGRAM) return `our helper, which ${login.where} names`;
      return `${login.program}, which ${login.where} names; not asked`;
    default:
      return `${login.key} in ${login.where}`;
  }
}

type Shown = Omit<Status, 'hasTriples'>;

/** The document of `status --json`. */
export function renderStatusJson({ hasTriples: _, ...status }: Status): string {
  return renderDocument(toDocument(status));
}

/** The document of `status HOST|IMAGE --json`. */
export function renderAddressJson({ hasTriples: _, address, clients, ...status }: AddressStatus) {
  const { host, repository = null } = address;
  const shown = clients.map(({ client, login }) => ({
    client,
    programs: programsOf(client),
    ...toLogin(login),
  }));
  return renderDocument({ ...toDocument(status), address: { host, repository }, clients: shown });
}

function toLogin({ source, ...login }: ClientLogin['login']): object {
  const { credential, ...place } = { credential: undefined, ...login };
  return { source, user: credential?.user ?? null, ...place };
}

function toDocument({ keys, credsStore, ...status }: Shown): object {
  const shown = keys.map(({ source, expiresAt, ...key }: StatusKey) => ({
    ...key,
    source: source ?? null,
    expiresAt: renderTime(expiresAt),
  }));
  return { ...status, credsStore: credsStore ?? null, keys: shown };
}
