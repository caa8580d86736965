import { findProxies, type Proxies } from '../registry-client/network.ts';

/**
 * Lets HTTP requests use the environment's proxies. Not by NODE_USE_ENV_PROXY: with it Node reads
 * them at its start and, if one is not a URL, exits with an error that shows the proxy's password.
 */
export function useProxies(env: NodeJS.ProcessEnv, version: string): Proxies {
  const proxies = findProxies(env, version);
  if (proxies.used.length === 0) return proxies;
  for (const name of ['node:http', 'node:https']) {
    const client = require(name);
    // Like Node's own agent.
    const options = { keepAlive: true, scheduling: 'lifo', timeout: 5_000 };
    client.globalAgent = new client.Agent({ ...options, proxyEnv: proxies.env });
  }
  return proxies;
}
