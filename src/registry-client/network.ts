import { attempt } from '../attempt.ts';
import type { Environment } from '../providers/provider.ts';
import type { CheckOutcome, CheckResult } from './result.ts';
import { hostnameOf, isLoopback } from './scheme.ts';

export type ProxyAddress = { readonly host: string; readonly port: number };

/** How Node uses the proxies in the environment. */
export type Proxies = {
  readonly used: readonly ProxyAddress[];
  /** Why none is used for a host although one is set. */
  readonly whyIgnored: (host: string) => IgnoredProxy | undefined;
  /** Variables for Node's agent, which would crash on an invalid URL and print it. */
  readonly env: Environment;
};

/** Node is too old to use one, or this variable's value is not the address of an HTTP proxy. */
export type IgnoredProxy = 'old-node' | (typeof FOR_HTTPS)[number];

const FOR_HTTPS = ['HTTPS_PROXY', 'https_proxy'] as const;
const VARIABLES = [...FOR_HTTPS, 'HTTP_PROXY', 'http_proxy'] as const;
const EXCEPTIONS = ['NO_PROXY', 'no_proxy'] as const;

/** Node's agents can use them since 22.21 and 24.5. */
export function findProxies(env: Environment, version: string): Proxies {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const canUse = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
  const valid = VARIABLES.flatMap((name) => {
    const url = toUrl(env[name] ?? '');
    const address = addressOf(url);
    return address ? [{ name, url, address }] : [];
  });
  const unfit = FOR_HTTPS.find(
    (name) => env[name] && !valid.some((one) => /^https/i.test(one.name)),
  );
  const ignored = valid.length > 0 && !canUse ? 'old-node' : unfit;
  const exceptions = EXCEPTIONS.map((name) => [name, env[name]]);
  return {
    used: canUse ? valid.map(({ address }) => address) : [],
    whyIgnored: (host) => (needsNone(host, env) ? undefined : ignored),
    env: Object.fromEntries([...valid.map(({ name, url }) => [name, url]), ...exceptions]),
  };
}

/** A request to this machine, or to what NO_PROXY may name. */
function needsNone(host: string, env: Environment): boolean {
  const name = hostnameOf(host);
  const excepted = EXCEPTIONS.flatMap((one) => (env[one] ?? '').split(/[\s,]+/).filter(Boolean));
  return (
    isLoopback(name) || excepted.some((one) => name.endsWith(one.replace(/^\*?\.?|:\d+$/g, '')))
  );
}

/** docker and curl read `proxy.example:3128` as an HTTP proxy; Node would refuse it. */
function toUrl(proxy: string): string {
  const hasScheme = /^[a-z][\w+.-]*:\//i.test(proxy);
  const isHost = /^[^/]*[.:]/.test(proxy);
  return isHost && !hasScheme ? `http://${proxy}` : proxy;
}

function addressOf(url: string): ProxyAddress | undefined {
  return attempt(() => {
    const { hostname: host, port, protocol, username, password } = new URL(url);
    // Node decodes them too, for a header.
    decodeURIComponent(username + password);
    const isHttp = protocol === 'http:' || protocol === 'https:';
    const defaultPort = protocol === 'https:' ? 443 : 80;
    return isHttp && host !== '' ? { host, port: Number(port) || defaultPort } : undefined;
  });
}

/** By the code of Node's or OpenSSL's error; the first match wins. */
const OUTCOMES: readonly (readonly [code: RegExp, outcome: CheckOutcome])[] = [
  [/^(?:ENOTFOUND|EAI_FAIL|EAI_NODATA|EAI_NONAME)$/, 'name-unknown'],
  [/^ETIMEDOUT$/, 'timeout'],
  [/^ERR_PROXY_\w+$/, 'proxy-failed'],
  [
    /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|EPROTO)/,
    'tls-failed',
  ],
  // The response is not HTTP, or its headers have no end.
  [/^HPE_/, 'not-a-registry'],
];

/** Why there is no response, from Node's error. Repeats only its code. */
export function explainRequestError(
  error: unknown,
  proxies: readonly ProxyAddress[],
): CheckResult & { readonly because: string } {
  // Several errors if each address of one name was tried.
  const { code, port, hostname, statusCode } = Object(error).errors?.[0] ?? Object(error);
  const word = /^[A-Z][A-Z0-9_]+$/.test(code) ? code : '';
  const because = [word, statusCode].filter(Boolean).join(' ');
  if (proxies.some((proxy) => proxy.port === port || proxy.host === hostname))
    return { outcome: 'proxy-failed', because };
  const [, outcome = 'unreachable'] = OUTCOMES.find(([pattern]) => pattern.test(word)) ?? [];
  return { outcome, because };
}
