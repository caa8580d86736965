import { findProxies, type Proxies } from '../registry-client/network.ts';

/**
 * Lets requests over HTTP use the proxies of the environment. Not by NODE_USE_ENV_PROXY: then every
 * Node reads them at its start, and ends there, with a proxy's password in its words, where one is
 * no URL.
 */
export function useProxies(env: NodeJS.ProcessEnv, version: string): Proxies {
  const proxies = findProxies(env, version);
  if (proxies.used.length === 0) return proxies;
  for (const name of ['node:http', 'node:https']) {
    const client = require(name);
    // As Node makes its own.
    const options = { keepAlive: true, scheduling: 'lifo', timeout: 5_000 };
    client.globalAgent = new client.Agent({ ...options, proxyEnv: proxies.env });
  }
  return proxies;
}
