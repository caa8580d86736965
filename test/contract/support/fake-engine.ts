import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * What docker's command line needs of an engine to look a credential up and send it. It tells what
 * it was sent, which no real engine does.
 */
export type FakeEngine = {
  /** For DOCKER_HOST. */
  readonly address: string;
  /** The user that each pull or login came with. */
  readonly users: (string | undefined)[];
  /** The token beside it, or in its place. */
  readonly tokens: (string | undefined)[];
  readonly close: () => Promise<void>;
};

/** An engine that pulls any image for these users and for nobody else. */
export async function startFakeEngine(passwords: Record<string, string>): Promise<FakeEngine> {
  const users: FakeEngine['users'] = [];
  const tokens: FakeEngine['tokens'] = [];
  const server = createServer(async (request, response) => {
    const { username, password, identitytoken, registrytoken } = await readLogin(request);
    const isWelcome = username !== undefined && passwords[username] === password;
    const path = request.url ?? '';
    if (path.endsWith('/_ping')) return answer(response, 200, {});
    users.push(username);
    tokens.push(identitytoken ?? registrytoken);
    if (path.endsWith('/auth'))
      return isWelcome
        ? answer(response, 200, { Status: 'Login Succeeded' })
        : answer(response, 401, { message: 'unauthorized' });
    return answer(
      response,
      200,
      isWelcome ? { status: 'pulled' } : { errorDetail: { message: 'unauthorized' } },
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    users,
    tokens,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A pull's login is in a header, a login's in the body. */
async function readLogin(
  request: IncomingMessage,
): Promise<Partial<Record<'username' | 'password' | 'identitytoken' | 'registrytoken', string>>> {
  const body = await text(request);
  const header = `${request.headers['x-registry-auth'] ?? ''}`;
  return JSON.parse(Buffer.from(header, 'base64url').toString() || body || '{}');
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Api-Version': '1.45', Ostype: 'linux' });
  response.end(`${JSON.stringify(body)}\n`);
}
