import type { Found } from './discover.ts';
import type { Notice } from './problem.ts';
import type { KeyPlan } from './reconcile.ts';
import { findHostKeys } from './server.ts';
import { GITHUB_TOKEN_ID } from './wanted.ts';

/** Logins that stay although a triple wants their key. */
export function keptNotices(keys: readonly KeyPlan[], { claims }: Found): Notice[] {
  const wanted = new Set(claims.map(({ registry }) => registry.triple.id));
  wanted.delete(GITHUB_TOKEN_ID);
  const ids = new Set(
    keys.flatMap(({ id, outcome }) => (outcome === 'kept' && wanted.has(id) ? id : [])),
  );
  return [...ids].map((id) => ({
    code: 'LOGIN_KEPT',
    subject: id,
    what: 'a login made by somebody else since is kept, because the secret has not changed',
    fix: 'run registry-auth apply --force to use the secret instead',
  }));
}

export function linkNotices(shown: string, isMade: boolean): Notice[] {
  const what = 'is a symbolic link to a file that did not exist; made where it leads';
  return isMade ? [{ code: 'CONFIG_LINK_CREATED', subject: shown, what }] : [];
}

/** Clients ask a helper for a host, so that a namespace is served as its host is. */
export function namespaceNotices({ claims }: Found, helped: ReadonlySet<string>): Notice[] {
  const owners = new Map(claims.map(({ key, registry }) => [key, registry.triple.id]));
  const ids = claims.flatMap(({ isHostKey, registry: { host, triple } }) => {
    const [hostKey = host] = findHostKeys(host);
    return !isHostKey && helped.has(hostKey) && owners.get(hostKey) !== triple.id ? triple.id : [];
  });
  return [...new Set(ids)].map((id) => ({
    code: 'NAMESPACE_UNREACHABLE',
    subject: `${id}_CONTAINER_REGISTRY_SERVER`,
    what: 'names a namespace of a host that another triple serves; a credential helper cannot tell them apart',
    fix: 'use credentials: file, and no credsStore, where namespaces must be told apart',
  }));
}
