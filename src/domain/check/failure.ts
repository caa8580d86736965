import type { Failure } from './ask.ts';
import type { ProxyAddress } from './proxy.ts';

/** What is left of an error when a request fails. */
export type RequestError = {
  /** Node's or OpenSSL's. */
  readonly code: string;
  /** Where a connection failed to. */
  readonly port?: number | undefined;
  /** What a proxy answered. */
  readonly status?: number | undefined;
  /** Whose address was not found. */
  readonly host?: string | undefined;
};

type Rule = readonly [pattern: RegExp, failure: Failure['failure']];

/** By code; the first that fits. */
const RULES: readonly Rule[] = [
  [/^(?:ENOTFOUND|EAI_FAIL|EAI_NODATA|EAI_NONAME)$/, 'name-unknown'],
  [/^ETIMEDOUT$/, 'timeout'],
  [/^ERR_PROXY_\w+$/, 'proxy-failed'],
  [
    /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|EPROTO)/,
    'tls-failed',
  ],
  // What answers, but not as HTTP has it, or with headers without an end.
  [/^HPE_/, 'not-a-registry'],
];

/**
 * Why there is no answer, from the error and the proxies in use. Of the error's text nothing is
 * repeated but a code.
 */
export function explainRequestError(
  error: RequestError,
  proxies: readonly ProxyAddress[],
): Failure {
  const { port, host } = error;
  const word = /^[A-Z][A-Z0-9_]+$/.test(error.code) ? error.code : '';
  const detail = [word, error.status].filter(Boolean).join(' ');
  if (proxies.some((proxy) => proxy.port === port || proxy.host === host))
    return { failure: 'proxy-failed', detail };
  const [, failure] = RULES.find(([pattern]) => pattern.test(word)) ?? [];
  return { failure: failure ?? 'unreachable', detail };
}
