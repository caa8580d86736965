import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { explainRequestError, type ProxyAddress } from './network.ts';
import type { HttpRequest, Send, SendResult } from './request.ts';
import { isLoopback } from './scheme.ts';

type Limits = {
  /** For one request, including its response. */
  readonly requestMs: number;
  /** The time left for all requests to one registry. */
  readonly leftMs: () => number;
  /** The proxies that Node uses: a failure there is not the registry's fault. */
  readonly proxies: readonly ProxyAddress[];
  /** Authorities that docker trusts for this registry; read only if Node trusts none. */
  readonly findAuthorities?: () => readonly string[];
};

/** More than any token needs, and go-containerregistry's limit. */
const MAX_BODY_BYTES = 64 << 10;
const MAX_HEADER_BYTES = 16 << 10;
/** Limits responses such as 103 before the final one; Node has no limit. */
const MAX_EARLY = 10;

const RETRY_MS = 500;
/** We do not retry if a registry requires a longer pause. */
const MAX_RETRY_MS = 3000;

/** Sends over the network, and retries once if the registry was too busy. */
export function sendWithin(limits: Limits): Send {
  return async (request) => {
    const first = await sendOnce(request, limits);
    // No retry after a refusal: it may lock the account.
    if ('outcome' in first || (first.status !== 429 && first.status < 500)) return first;
    const { retryAfter } = first;
    // A date is not a number, and counts as too long.
    const waitMs = retryAfter === undefined ? RETRY_MS : Number(retryAfter) * 1000;
    if (!(waitMs <= Math.min(MAX_RETRY_MS, limits.leftMs()))) return first;
    await sleep(waitMs);
    return sendOnce(request, limits);
  };
}

/** A certificate is checked before the request is sent, so a retry sends nothing twice. */
async function sendOnce(request: HttpRequest, limits: Limits): Promise<SendResult> {
  const first = await sendTrusting(request, limits);
  if (!('outcome' in first) || !UNTRUSTED.test(first.because ?? '')) return first;
  const ca = limits.findAuthorities?.() ?? [];
  if (ca.length === 0) return first;
  const second = await sendTrusting(request, limits, ca);
  return 'outcome' in second ? first : second;
}

/** OpenSSL's codes for a chain that ends at no trusted authority. */
const UNTRUSTED = /^(?:DEPTH_ZERO_SELF_|SELF_SIGNED_|UNABLE_TO_(?:GET_ISSUER|VERIFY))/;

async function sendTrusting(
  request: HttpRequest,
  limits: Limits,
  ca?: readonly string[],
): Promise<SendResult> {
  // Not AbortSignal.any: Node 20 can garbage-collect its sources, and then nothing aborts.
  const controller = new AbortController();
  const limitMs = Math.max(0, Math.min(limits.requestMs, limits.leftMs()));
  const timer = setTimeout(() => controller.abort(), limitMs);
  try {
    const message = await open(request, controller.signal, ca);
    const body = request.isRead ? await readBody(message) : skipBody(message);
    const { statusCode: status = 0, headers } = message;
    const { 'www-authenticate': challenge = '', 'content-type': contentType = '' } = headers;
    return { status, challenge, contentType, body, retryAfter: headers['retry-after'] };
  } catch (error) {
    // An abort during a body looks as if the server had closed the connection.
    if (controller.signal.aborted) return { outcome: 'timeout', because: '' };
    return explainRequestError(error, isDirect(request) ? [] : limits.proxies);
  } finally {
    clearTimeout(timer);
  }
}

/** Like docker, unlike Node: requests to this machine may lack TLS, so they bypass proxies. */
function isDirect({ url }: HttpRequest): boolean {
  return isLoopback(new URL(url).hostname);
}

/** Follows no redirect: the credential is for this address. fetch would load too slowly. */
function open(
  request: HttpRequest,
  signal: AbortSignal,
  ca?: readonly string[],
): Promise<IncomingMessage> {
  const { method, url, authorization, accept, form } = request;
  const body = form && new URLSearchParams(form).toString();
  const headers = {
    'User-Agent': 'registry-auth',
    ...(accept ? { Accept: accept } : {}),
    ...(authorization ? { Authorization: authorization } : {}),
    ...(body ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
  };
  // Loaded only for the first request.
  const isSecure = url.startsWith('https:');
  const client: typeof import('node:http') = require(isSecure ? 'node:https' : 'node:http');
  // Only Node's global agents use proxies.
  const agent = isDirect(request) ? { agent: false } : {};
  const trust = ca ? { ca: [...ca] } : {};
  const limits = { signal, maxHeaderSize: MAX_HEADER_BYTES };
  const options = { method, headers, ...limits, ...agent, ...trust };
  return new Promise((resolve, reject) => {
    let early = 0;
    const sent = client
      .request(url, options, resolve)
      .on('information', () => {
        early += 1;
        if (early > MAX_EARLY) sent.destroy(Object.assign(new Error(), { code: 'HPE_EARLY' }));
      })
      // Without a listener Node drops the connection and emits no other event.
      .on('upgrade', (message, socket) => {
        socket.destroy();
        message.push(null);
        resolve(message);
      })
      .on('error', reject);
    sent.end(body);
  });
}

/** Drains a short body, so that the connection can be reused; cuts off a longer one. */
function skipBody(message: IncomingMessage): string {
  message.on('error', () => undefined);
  const length = Number(message.headers['content-length'] ?? Number.NaN);
  if (length <= MAX_BODY_BYTES) message.resume();
  else message.destroy();
  return '';
}

/** A body over the limit counts as empty, because half a document is useless. */
async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    // Leaving the loop closes the connection.
    if (size > MAX_BODY_BYTES) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
