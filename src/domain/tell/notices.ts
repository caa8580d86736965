import type { Ledger } from '../decide/ledger.ts';
import type { Step } from '../decide/step.ts';
import type { Notice, Problem } from '../problem.ts';
import { type Claim, findHostKey, isSameCredential } from '../registries/claims.ts';
import { GITHUB_TOKEN_ID } from '../registries/github.ts';
import { variableName } from '../triples/triple.ts';

/** Logins that stay although a triple wants their key. */
export function keptNotices(steps: readonly Step[], claims: readonly Claim[]): Notice[] {
  const kept = steps.filter(({ id, outcome }) => outcome === 'kept' && id !== GITHUB_TOKEN_ID);
  if (kept.length === 0) return [];
  const ranks = new Map(claims.map(({ key, rank }) => [key, rank]));
  const explicit = kept.filter(({ key }) => ranks.get(key) === 'explicit');
  const yielding = kept.filter(({ key, isNews }) => ranks.get(key) === 'yielding' && isNews);
  return [...idsOf(explicit).map(keptLogin), ...idsOf(yielding).map(keptHost)];
}

function idsOf(steps: readonly Step[]): string[] {
  return [...new Set(steps.map(({ id }) => id))];
}

function keptLogin(subject: string): Notice {
  const what = 'a login made by somebody else since is kept, because the secret has not changed';
  const fix = 'run registry-auth apply --force to use the secret instead';
  return { code: 'LOGIN_KEPT', subject, what, fix };
}

function keptHost(subject: string): Notice {
  const what =
    'names a namespace, so that a login made by somebody else for the whole host is kept';
  const fix =
    'name the host alone in SERVER to use the secret for all of it, or log out of the host';
  return { code: 'LOGIN_KEPT', subject, what, fix };
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
  const inNamespaces = claims.filter(({ use }) => use === 'namespace');
  if (inNamespaces.length === 0) return [];
  const owners = new Map(claims.map(({ key, triple }) => [key, triple]));
  const told = new Map<string, Notice>();
  for (const { triple, registry } of inNamespaces) {
    const hostKey = findHostKey(registry);
    const owner = owners.get(hostKey);
    if (!owner || isSameCredential(owner, triple)) continue;
    const subject = variableName(triple.id, 'SERVER');
    told.set(subject, rows[hostKey]?.helper ? unreachable(subject) : shared(subject, owner.id));
  }
  return [...told.values()];
}

function unreachable(subject: string): Notice {
  const why = 'a credential helper cannot tell them apart';
  const what = `names a namespace of a host that another triple serves; ${why}`;
  const fix = 'use credentials: file, and no credsStore, where namespaces must be told apart';
  return { code: 'NAMESPACE_UNREACHABLE', subject, what, fix };
}

function shared(subject: string, owner: string): Notice {
  const others = 'docker, crane, oras, helm and others that know no namespaces';
  const what = `is for podman, skopeo and kubelet; ${others} use ${owner} for the whole host`;
  return { code: 'NAMESPACE_SHARED', subject, what };
}

/** Who waits for a helper that is not on PATH. */
export function helperProblems(steps: readonly Step[]): Problem[] {
  return helperNotFound(idsOf(steps.filter(({ lacksHelper }) => lacksHelper)));
}

export function helperNotFound(ids: readonly string[]): Problem[] {
  if (ids.length === 0) return [];
  const what = `is not on PATH, but docker needs it for ${ids.join(', ')}`;
  const fix = 'add /usr/local/bin to PATH, or rebuild the container';
  return [{ code: 'HELPER_NOT_FOUND', subject: 'docker-credential-registry-auth', what, fix }];
}
