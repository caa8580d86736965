import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { ANONYMOUS } from './logins.ts';

/**
 * What programs need of an engine to look a credential up and send it: it pulls any image and
 * builds any, has no container, and tells what it was sent, which no real engine does.
 */
export type Engine = {
  /** For DOCKER_HOST. */
  readonly address: string;
  /** Each image that was pulled, by what is after its last slash, without tag; and who pulled it. */
  readonly pulls: ReadonlyMap<string, string>;
  /** For each build all logins that came with it, by the key that the program gave each. */
  readonly builds: readonly Readonly<Record<string, string>>[];
  readonly close: () => Promise<void>;
};

type Login = Readonly<Record<string, string>>;

const INDEX = 'https://index.docker.io/v1/';
const VERSION = { ApiVersion: '1.44', MinAPIVersion: '1.24', Version: '28.0.0' };
const IPAM = { Config: [{ Gateway: '127.0.0.1' }] };
const NETWORK = { Name: 'bridge', Id: 'bridge', Driver: 'bridge', IPAM };
const INFO = { IndexServerAddress: INDEX, OperatingSystem: 'Debian', OSType: 'linux', NCPU: 2 };

/** Starts one on a socket in the folder. */
export async function startEngine(folder: string): Promise<Engine> {
  const pulls = new Map<string, string>();
  const builds: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response));
  });
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(`${request.url}`, 'http://engine');
    const path = pathname.replace(/^\/v\d[\d.]*/, '');
    if (path === '/images/create') {
      const image = basename(`${searchParams.get('fromImage')}`).replace(/:.*/, '');
      pulls.set(image, nameOf(decode(request.headers['x-registry-auth'])));
    }
    if (path === '/build') {
      const all = Object.entries<Login | null>(decode(request.headers['x-registry-config']));
      builds.push(Object.fromEntries(all.map(([key, login]) => [key, nameOf(login)])));
    }
    send(response, path);
  };
  const socket = join(folder, 'engine.sock');
  await once(server.listen(socket), 'listening');
  return {
    address: `unix://${socket}`,
    pulls,
    builds,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, path: string): void {
  const answers: Readonly<Record<string, unknown>> = {
    '/_ping': 'OK',
    '/version': { ...VERSION, Os: 'linux', Arch: 'amd64' },
    '/info': INFO,
    '/networks': [NETWORK],
    '/networks/bridge': NETWORK,
    '/images/json': [],
    '/containers/json': [],
    '/images/create': { status: 'pulled' },
    '/build': { stream: 'Successfully built 0123456789ab\n' },
    '/images/0123456789ab/json': { Id: 'sha256:0123456789ab', RepoTags: [] },
  };
  const found = answers[path];
  response.writeHead(found === undefined ? 404 : 200, {
    'content-type': 'application/json',
    'api-version': VERSION.ApiVersion,
    ostype: 'linux',
  });
  response.end(`${JSON.stringify(found ?? { message: 'No such image' })}\n`);
}

/** URL-safe or not, with padding or without. */
function decode(header: string | string[] | undefined) {
  return header ? JSON.parse(Buffer.from(`${header}`, 'base64').toString('utf8')) : {};
}

/**
 * An engine takes `auth` where there is no user name, names of members in any case, and the null
 * that docker-py sends for a login that a helper does not have.
 */
function nameOf(login: Login | null): string {
  const members = Object.entries(login ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const { username, password, identitytoken, auth }: Login = Object.fromEntries(members);
  if (identitytoken) return `<token>:${identitytoken}`;
  if (username) return `${username}:${password}`;
  return auth ? Buffer.from(auth, 'base64').toString('utf8') : ANONYMOUS;
}
