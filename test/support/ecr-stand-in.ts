import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './ecr-stand-in-answer.ts';
import { clock, type Settings, type State } from './ecr-stand-in-state.ts';
import { answerSts, isOfSts } from './ecr-stand-in-sts.ts';

/**
 * The ECR and ECR Public API on loopback, as far as `GetAuthorizationToken` goes, and STS as far as
 * `AssumeRole` does.
 */
export interface EcrStandIn extends State {
  readonly url: string;
  /** How many requests ended with a token. */
  readonly exchanges: number;
  /** Whether a registry (of this account, of ECR Public) should let that login in now. */
  accepts(user: string, password: string, owner?: string): boolean;
  close(): Promise<void>;
}

export type EcrStandInOptions = Partial<Settings> &
  Pick<Settings, 'identities'> & { address?: string; port?: number };

export async function startEcrStandIn(options: EcrStandInOptions): Promise<EcrStandIn> {
  const { address = '127.0.0.1', port = 0, ...settings } = options;
  const server = createServer();
  await once(server.listen(port, address), 'listening');
  const standIn: EcrStandIn = {
    roles: [],
    mode: 'ok',
    spoils: undefined,
    lifetimeSeconds: 12 * 3600,
    delayMs: 0,
    clockOffsetMs: 0,
    sendsDate: true,
    region: undefined,
    rawBody: undefined,
    ...settings,
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    requests: [],
    tokens: [],
    get exchanges() {
      return this.tokens.length;
    },
    accepts: (user, password, owner) => user === 'AWS' && hasToken(standIn, password, owner),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  server.on('request', (message, response) => void serve(standIn, message, response));
  return standIn;
}

function hasToken(state: State, password: string, owner: string | undefined): boolean {
  return state.tokens.some(({ token, service, account, expiresAt }) => {
    const isOwner = owner === undefined || owner === (service === 'ecr' ? account : service);
    return token === password && expiresAt > clock(state) && isOwner;
  });
}

async function serve(state: State, message: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const headers = message.headers as Record<string, string>;
  const { method = '', url: path = '' } = message;
  const request = { method, path, headers, body: Buffer.concat(chunks) };
  const given = isOfSts(request) ? answerSts(state, request) : answer(state, request);
  if (given === undefined) return;
  if (state.delayMs > 0) await sleep(state.delayMs);
  response.sendDate = false;
  if (state.sendsDate) response.setHeader('Date', new Date(clock(state)).toUTCString());
  response.setHeader('x-amzn-requestid', randomUUID());
  response.setHeader('Content-Type', given.type ?? 'application/x-amz-json-1.1');
  if (given.error !== undefined) response.setHeader('x-amzn-ErrorType', given.error);
  if (state.retryAfter !== undefined) response.setHeader('Retry-After', state.retryAfter);
  response.writeHead(given.status).end(given.body);
}
