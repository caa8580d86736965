import type { Credential } from '../dockerconfig/auth-entry.ts';
import { withoutPort } from '../registries/keys.ts';
import * as list from './list.ts';
import { other } from './others.ts';
import type { Provider } from './provider.ts';

export const PROVIDERS: readonly Provider[] = Object.values(list).flat();

/** The provider of a `host[:port]`; self-hosted registries and look-alikes are `other`. */
export function findProvider(host: string): Provider {
  const bare = withoutPort(host);
  return PROVIDERS.find(({ matches }) => matches(bare)) ?? other;
}

/** Whether an ID belongs to a credential that needs no triple. */
export function isGiven(id: string): boolean {
  return PROVIDERS.some(({ given }) => given?.id === id);
}

export function findExpiry(credential: Credential): number | undefined {
  return PROVIDERS.flatMap((provider) => provider.findExpiry?.(credential) ?? [])[0];
}

/** Whether it has expired: then it no longer counts as your login. */
export function isExpired(credential: Credential, now: number): boolean {
  return (findExpiry(credential) ?? Number.POSITIVE_INFINITY) <= now;
}
