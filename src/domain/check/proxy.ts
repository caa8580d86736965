export type ProxyAddress = { readonly host: string; readonly port: number };

/** What Node does with the proxies that the environment names. */
export type Proxies = {
  readonly used: readonly ProxyAddress[];
  /** There are some, and this Node does not use them. */
  readonly areIgnored: boolean;
};

const VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const;

/** Node uses them from 22.21 and 24.5 on, and where it is told to, as our wrapper does. */
export function findProxies(
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Proxies {
  const named = VARIABLES.flatMap((name) => env[name] || []);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const canUse = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
  const isUsed = canUse && env.NODE_USE_ENV_PROXY === '1';
  return { used: isUsed ? named.flatMap(addressOf) : [], areIgnored: named.length > 0 && !isUsed };
}

function addressOf(proxy: string): ProxyAddress[] {
  if (!URL.canParse(proxy)) return [];
  const { hostname: host, port, protocol } = new URL(proxy);
  return host === '' ? [] : [{ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) }];
}
