import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as a server gets it. */
export type Heard = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: string;
};

/** What to answer; a function does it all by itself. */
export type Said =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string | string[]>>;
      readonly body?: string;
    }
  | ((response: ServerResponse) => void);

export type Loopback = {
  /** `localhost:PORT`. */
  readonly host: string;
  readonly port: number;
  readonly heard: Heard[];
  readonly close: () => Promise<void>;
};

/** A server on this machine that answers as it is told, and remembers what it was sent. */
export async function startLoopback(
  answer: (heard: Heard, host: string) => Said,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Loopback> {
  const heard: Heard[] = [];
  const server = tls ? createTlsServer(tls) : createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const host = `localhost:${port}`;
  server.on('request', async (message: IncomingMessage, response: ServerResponse) => {
    const { pathname: path, searchParams: query } = new URL(message.url ?? '/', `http://${host}`);
    const { method = 'GET', headers } = message;
    const { authorization } = headers;
    const one = { method, path, query, authorization, body: await text(message) };
    heard.push(one);
    const said = answer(one, host);
    if (typeof said === 'function') return said(response);
    response.writeHead(said.status, said.headers ?? {});
    response.end(method === 'HEAD' ? undefined : (said.body ?? ''));
  });
  return {
    host,
    port,
    heard,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The answer of a registry that wants a token from this address. */
export function bearer(realm: string, more = ''): Said {
  const challenge = `Bearer realm="${realm}",service="registry"${more}`;
  return { status: 401, headers: { 'WWW-Authenticate': challenge } };
}

export const BASIC: Said = { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };

export function json(body: object, status = 200): Said {
  const headers = { 'Content-Type': 'application/json' };
  return { status, headers, body: JSON.stringify(body) };
}
