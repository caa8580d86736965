import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Ask, Conversation, Failure, Reply } from '../domain/check/ask.ts';
import { explainRequestError } from '../domain/check/failure.ts';
import type { ProxyAddress } from '../domain/check/proxy.ts';
import { isLoopback } from '../domain/check/realm.ts';

export type Limits = {
  /** For one request, its answer included. */
  readonly requestMs: number;
  /** What is left for all requests of a conversation. */
  readonly leftMs: () => number;
  /** The proxies that Node uses: what fails there is not the registry's fault. */
  readonly proxies: readonly ProxyAddress[];
};

/** Holds a conversation with a registry; gives what it comes to. Never throws. */
export async function hold<T>(conversation: Conversation<T>, limits: Limits): Promise<T> {
  let step = conversation.next();
  while (!step.done) step = conversation.next(await send(step.value, limits));
  return step.value;
}

/** More than any token takes, and what go-containerregistry reads at most. */
const MAX_BODY_BYTES = 64 << 10;
const MAX_HEADER_BYTES = 16 << 10;

const RETRY_MS = 500;
/** A registry that wants to be left alone for longer is not asked again at all. */
const MAX_RETRY_MS = 3000;

/** Once more where the registry had too much to do; never after a refusal, which may lock out. */
async function send(ask: Ask, limits: Limits): Promise<Reply> {
  const first = await request(ask, limits);
  if ('failure' in first || (first.status !== 429 && first.status < 500)) return first;
  const waitMs = first.retryAfter === undefined ? RETRY_MS : first.retryAfter * 1000;
  if (!(waitMs <= Math.min(MAX_RETRY_MS, limits.leftMs()))) return first;
  await sleep(waitMs);
  return request(ask, limits);
}

type Answered = Answer & { readonly retryAfter?: number };

/**
 * One request. No redirect is followed: what it carries is for this address alone. Not fetch:
 * loading that takes twice as long as all of Node's start.
 */
async function request(ask: Ask, limits: Limits): Promise<Answered | Failure> {
  // Not AbortSignal.any: Node 20 lets what it is made of be collected, and nothing ends.
  const controller = new AbortController();
  const limitMs = Math.max(0, Math.min(limits.requestMs, limits.leftMs()));
  const timer = setTimeout(() => controller.abort(), limitMs);
  try {
    const response = await open(ask, controller.signal);
    return answerOf(response, ask.isRead ? await readSome(response) : skip(response));
  } catch (error) {
    // In the middle of a body the error would look as if the other side had gone.
    if (controller.signal.aborted) return { failure: 'timeout', detail: '' };
    return explain(error, isDirect(ask) ? [] : limits.proxies);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Whether no proxy may see it: what goes to this machine itself may go without TLS. Node makes no
 * such exception; Docker does.
 */
function isDirect({ url }: Ask): boolean {
  return isLoopback(new URL(url).hostname);
}

function open(ask: Ask, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, url, authorization, accept, form } = ask;
  const body = form && new URLSearchParams(form).toString();
  const headers = {
    'User-Agent': 'registry-auth',
    ...(accept ? { Accept: accept } : {}),
    ...(authorization ? { Authorization: authorization } : {}),
    ...(body ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
  };
  const { request } = url.startsWith('https:') ? https() : http();
  // Node gives only its global agents the proxies.
  const direct = isDirect(ask) ? { agent: false } : {};
  const options = { method, headers, signal, maxHeaderSize: MAX_HEADER_BYTES, ...direct };
  return new Promise((resolve, reject) => {
    request(url, options, resolve)
      // Without this Node drops the connection, and says so to nobody.
      .on('upgrade', (response, socket) => {
        socket.destroy();
        response.push(null);
        resolve(response);
      })
      .on('error', reject)
      .end(body);
  });
}

/** Loaded when there is something to ask. */
const http = (): typeof import('node:http') => require('node:http');
const https = (): typeof import('node:https') => require('node:https');

function answerOf({ statusCode: status = 0, headers }: IncomingMessage, body: string): Answered {
  const retryAfter = headers['retry-after'];
  return {
    status,
    challenge: headers['www-authenticate'] ?? '',
    contentType: headers['content-type'] ?? '',
    body,
    // A date is as good as too long.
    ...(retryAfter === undefined ? {} : { retryAfter: Number(retryAfter) }),
  };
}

/** A short body is taken in, so that the connection can be used again; another one is not. */
function skip(response: IncomingMessage): string {
  response.on('error', () => undefined);
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  if (length <= MAX_BODY_BYTES) response.resume();
  else response.destroy();
  return '';
}

/** A body that is larger than it may be counts as none: half of a document is no document. */
async function readSome(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size > MAX_BODY_BYTES) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Of several attempts to connect, to the addresses of one name, the first tells it. */
function explain(error: unknown, proxies: readonly ProxyAddress[]): Failure {
  const { code, port, hostname: host, statusCode: status } = Object(error).errors?.[0] ?? error;
  return explainRequestError({ code: `${code}`, port, host, status }, proxies);
}
