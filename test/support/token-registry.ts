import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Access } from './token-registry-access.ts';
import { answer, type Call, openRepository } from './token-registry-api.ts';
import { type Artefact, putArtefact, type Repository } from './token-registry-content.ts';

/** A small OCI registry on loopback that never answers an anonymous request with content. */
export interface TokenRegistry {
  /** `localhost:PORT`, as it stands in front of a repository name. */
  host: string;
  /** What was asked so far; no header, no query and hence no secret is kept. */
  requests: RecordedRequest[];
  /** Stores an artefact without a request and returns the digest of its manifest. */
  publish(repository: string, tag: string, artefact: Artefact): string;
  close(): Promise<void>;
}

export interface RecordedRequest {
  method: string;
  path: string;
  /** Who the request was answered for; undefined when it was refused. */
  user: string | undefined;
  status: number;
}

export interface TokenRegistryOptions {
  /** User names and their passwords; each may pull and push everything. */
  users: Record<string, string>;
  scheme?: 'bearer' | 'basic';
  tokenLifetimeSeconds?: number;
}

export async function startTokenRegistry(options: TokenRegistryOptions): Promise<TokenRegistry> {
  const { users, scheme = 'bearer', tokenLifetimeSeconds = 300 } = options;
  const requests: RecordedRequest[] = [];
  const repositories = new Map<string, Repository>();
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const access: Access = { scheme, host, users, tokenLifetimeSeconds, grants: new Map() };
  server.on('request', async (message, response) => {
    const call = await readCall(message, host);
    const { status, headers = {}, body = '', user } = answer({ access, repositories }, call);
    requests.push({ method: call.method, path: call.url.pathname, user, status });
    response.writeHead(status, {
      'Content-Length': Buffer.byteLength(body),
      // Docker before 23 takes a registry without it for an old one.
      'Docker-Distribution-Api-Version': 'registry/2.0',
      ...headers,
    });
    response.end(call.method === 'HEAD' ? undefined : body);
  });
  return {
    host,
    requests,
    publish: (name, tag, artefact) =>
      putArtefact(openRepository(repositories, name), tag, artefact),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readCall(message: IncomingMessage, host: string): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  const { method = 'GET', url = '/', headers } = message;
  return { method, url: new URL(url, `http://${host}`), headers, body: Buffer.concat(chunks) };
}
