import type { Ledger } from '../decide/ledger.ts';
import type { Step } from '../decide/step.ts';
import type { Notice, Problem } from '../problem.ts';
import { type Claim, findHostKey, isSameCredential } from '../registries/claims.ts';
import { GITHUB_TOKEN_ID } from '../registries/github.ts';
import { variableName } from '../triples/triple.ts';

/** Logins that stay although a triple wants their key. */
export function keptNotices(steps: readonly Step[], claims: readonly Claim[]): Notice[] {
  const ranks = new Map(claims.map(({ key, rank }) => [key, rank]));
  const kept = steps.filter(({ id, outcome }) => outcome === 'kept' && id !== GITHUB_TOKEN_ID);
  const explicit = kept.filter(({ key }) => ranks.get(key) === 'explicit');
  const yielding = kept.filter(({ key, isNews }) => ranks.get(key) === 'yielding' && isNews);
  return [...idsOf(explicit).map(keptLogin), ...idsOf(yielding).map(keptHost)];
}

function idsOf(steps: readonly Step[]): string[] {
  return [...new Set(steps.map(({ id }) => id))];
}

function keptLogin(id: string): Notice {
  return {
    code: 'LOGIN_KEPT',
    subject: id,
    what: 'a login made by somebody else since is kept, because the secret has not changed',
    fix: 'run registry-auth apply --force to use the secret instead',
  };
}

function keptHost(id: string): Notice {
  return {
    code: 'LOGIN_KEPT',
    subject: id,
    what: 'names a namespace, so that a login made by somebody else for the whole host is kept',
    fix: 'name the host alone in SERVER to use the secret for all of it, or log out of the host',
  };
}

export function linkNotices(shown: string, isMade: boolean): Notice[] {
  const what = 'is a symbolic link to a file that did not exist; made where it leads';
  return isMade ? [{ code: 'CONFIG_LINK_CREATED', subject: shown, what }] : [];
}

/**
 * Namespaces whose host another triple serves: most clients know no namespaces, and where they ask
 * our helper, none does.
 */
export function namespaceNotices(claims: readonly Claim[], { rows }: Ledger): Notice[] {
  const owners = new Map(claims.map(({ key, triple }) => [key, triple]));
  const told = new Map<string, Notice>();
  for (const { use, triple, registry } of claims) {
    const hostKey = findHostKey(registry);
    const owner = owners.get(hostKey);
    if (use !== 'namespace' || !owner || isSameCredential(owner, triple)) continue;
    const notice = rows[hostKey]?.helper ? unreachable(triple.id) : shared(triple.id, owner.id);
    told.set(triple.id, notice);
  }
  return [...told.values()];
}

function unreachable(id: string): Notice {
  return {
    code: 'NAMESPACE_UNREACHABLE',
    subject: variableName(id, 'SERVER'),
    what: 'names a namespace of a host that another triple serves; a credential helper cannot tell them apart',
    fix: 'use credentials: file, and no credsStore, where namespaces must be told apart',
  };
}

function shared(id: string, owner: string): Notice {
  return {
    code: 'NAMESPACE_SHARED',
    subject: variableName(id, 'SERVER'),
    what: `is for podman, skopeo and kubelet; docker, crane, oras, helm and others that know no namespaces use ${owner} for the whole host`,
  };
}

/** Who waits for a helper that is not on PATH. */
export function helperProblems(steps: readonly Step[]): Problem[] {
  const ids = idsOf(steps.filter(({ lacksHelper }) => lacksHelper));
  if (ids.length === 0) return [];
  const what = `is not on PATH, but docker needs it for ${ids.join(', ')}`;
  const fix = 'add /usr/local/bin to PATH, or rebuild the container';
  return [{ code: 'HELPER_NOT_FOUND', subject: 'docker-credential-registry-auth', what, fix }];
}
