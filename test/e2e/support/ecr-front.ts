import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { EcrStandIn } from '../../support/ecr-stand-in.ts';
import { ECR, ECR_API } from './ecr-names.ts';

/** A request: for which name, and what became of it. */
export type Visit = { readonly host: string; readonly outcome: 'api' | 'asked' | 'refused' | 'in' };

export type EcrFront = {
  readonly address: string;
  readonly visits: Visit[];
  close(): Promise<void>;
};

export type FrontParts = {
  readonly key: string;
  readonly cert: string;
  readonly standIn: EcrStandIn;
  /** `host:port` of the registry, which lets everybody in. */
  readonly registry: string;
};

type Behind = FrontParts & { readonly visits: Visit[]; readonly bearers: Set<string> };

/**
 * TLS under AWS's names: the API, which the stand-in answers, and registries that let in whom the
 * stand-in gave a token.
 */
export async function startEcrFront(parts: FrontParts): Promise<EcrFront> {
  const { key, cert } = parts;
  const visits: Visit[] = [];
  const bearers = new Set<string>();
  const server = createServer({ key, cert }, (message, response) => {
    answer({ ...parts, visits, bearers }, message, response);
  });
  // The names have AWS's port, so a second run at the same time needs another address.
  const address = `127.${100 + (process.pid % 100)}.${(process.pid >> 8) & 255}.${(process.pid & 127) + 1}`;
  await once(server.listen(443, address), 'listening');
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { address, visits, close };
}

function answer(behind: Behind, message: IncomingMessage, response: ServerResponse): void {
  const { standIn, registry, visits } = behind;
  const host = message.headers.host ?? '';
  const outcome = judge(behind, host, message.headers.authorization);
  visits.push({ host, outcome });
  if (outcome === 'api') forward(new URL(standIn.url).host, message, response);
  else if (outcome === 'asked') {
    refuse(response, 401, 'UNAUTHORIZED', { 'WWW-Authenticate': challenge(host) });
  } else if (outcome === 'refused') refuse(response, 403, 'DENIED');
  else if (host === ECR.public && message.url?.startsWith('/token/')) grant(behind, response);
  else forward(registry, message, response);
}

function judge(behind: Behind, host: string, login: string | undefined): Visit['outcome'] {
  if ((ECR_API as readonly string[]).includes(host)) return 'api';
  if (login === undefined) return 'asked';
  return isWelcome(behind, host, login) ? 'in' : 'refused';
}

/** A private registry takes the login itself; ECR Public has it swapped for a bearer token. */
function challenge(host: string): string {
  const isPublic = host === ECR.public;
  return isPublic
    ? `Bearer realm="https://${host}/token/",service="${host}",scope="aws"`
    : `Basic realm="https://${host}/",service="ecr.amazonaws.com"`;
}

function isWelcome({ standIn, bearers }: Behind, host: string, login: string): boolean {
  const [scheme = '', value = ''] = login.split(' ');
  if (scheme === 'Bearer') return host === ECR.public && bearers.has(value);
  const [user = '', ...password] = `${Buffer.from(value, 'base64')}`.split(':');
  // Not by the product's own rules: an account's token opens that account's registry and no other.
  const owner = host === ECR.public ? 'ecr-public' : host.slice(0, 12);
  return scheme === 'Basic' && standIn.accepts(user, password.join(':'), owner);
}

function grant({ bearers }: Behind, response: ServerResponse): void {
  const token = randomUUID();
  bearers.add(token);
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ token }));
}

function refuse(response: ServerResponse, status: number, code: string, headers = {}): void {
  const body = JSON.stringify({ errors: [{ code, message: 'Not Authorized' }] });
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body);
}

/** Passes a request on as it came, the name that it asks for included: a signature covers it. */
function forward(to: string, message: IncomingMessage, response: ServerResponse): void {
  const [host, port] = to.split(':');
  const { method, url: path, headers } = message;
  const onward = request({ host, port, method, path, headers }, (given) => {
    given.pipe(response.writeHead(given.statusCode ?? 502, given.headers));
  });
  onward.on('error', () => response.destroy());
  message.pipe(onward);
}
