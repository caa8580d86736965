import type { Managed } from '../../dockerconfig/managed.ts';
import { isGiven } from '../../providers/find.ts';
import { type Desired, isSameCredential } from '../../reconcile/desired.ts';
import type { Change } from '../../reconcile/plan.ts';
import type { Notice, Problem } from '../problem.ts';
import { loginName } from '../registries/keys.ts';
import { variableName } from '../triples/triple.ts';

/** Logins that stay although a triple wants their key. */
export function keptNotices(changes: readonly Change[], desired: readonly Desired[]): Notice[] {
  const kept = changes.filter(
    ({ id, keys }) => !isGiven(id) && keys.some(({ outcome }) => outcome === 'kept'),
  );
  const fallbacks = new Map(desired.map(({ name, isFallback }) => [name, isFallback]));
  const explicit = kept.filter(({ name }) => fallbacks.get(name) === false);
  const asFallback = kept.filter(({ name, isNews }) => fallbacks.get(name) && isNews);
  return [...idsOf(explicit).map(keptLogin), ...idsOf(asFallback).map(keptHost)];
}

function idsOf(changes: readonly Change[]): string[] {
  return [...new Set(changes.map(({ id }) => id))];
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
export function namespaceNotices(
  desired: readonly Desired[],
  managed: (name: string) => Managed | undefined,
): Notice[] {
  const hosts = new Map(desired.map((one) => [one.name, one]));
  return desired.flatMap(({ isNamespace, triple, registry }) => {
    const host = isNamespace ? hosts.get(loginName(registry.host)) : undefined;
    if (!host || isSameCredential(host.triple, triple)) return [];
    const subject = variableName(triple.id, 'SERVER');
    return managed(host.name)?.hasHelper ? unreachable(subject) : shared(subject, host.triple.id);
  });
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
export function helperProblems(changes: readonly Change[]): Problem[] {
  return helperNotFound(idsOf(changes.filter(({ lacksHelper }) => lacksHelper)));
}

export function helperNotFound(ids: readonly string[]): Problem[] {
  if (ids.length === 0) return [];
  const what = `is not on PATH, but docker needs it for ${ids.join(', ')}`;
  const fix = 'add /usr/local/bin to PATH, or rebuild the container';
  return [{ code: 'HELPER_NOT_FOUND', subject: 'docker-credential-registry-auth', what, fix }];
}
