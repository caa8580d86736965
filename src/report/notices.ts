import type { Managed } from '../dockerconfig/managed.ts';
import type { Notice, Problem } from '../problem.ts';
import { isGiven } from '../providers/find.ts';
import { type Desired, isSameCredential } from '../reconcile/desired.ts';
import { loginName } from '../registries/keys.ts';
import { variableName } from '../secrets/triple.ts';
import type { KeyState } from './ready.ts';
import type { LoginOutcome } from './registries.ts';
import type { StatusKey } from './status-keys.ts';

/** Foreign logins that stay although a triple asks for their key. */
export function keptNotices(changes: readonly LoginOutcome[]): Notice[] {
  const kept = changes.filter(({ keys }) => keys.some(({ outcome }) => outcome === 'kept'));
  const explicit = kept.filter(({ desired }) => desired?.isFallback === false);
  const asFallback = kept.filter(
    ({ desired, isNews }) => desired?.isFallback && isNews && !desired.triple.isGiven,
  );
  return [
    ...idsOf(explicit).map((subject) => ({ ...LOGIN_KEPT, subject })),
    ...idsOf(asFallback).map((subject) => ({ ...HOST_KEPT, subject })),
  ];
}

const LOGIN_KEPT = {
  code: 'LOGIN_KEPT',
  what: 'a login made by you or by another program is kept, because the secret has not changed since',
  fix: 'run registry-auth apply --force to use the secret instead',
} as const;

const HOST_KEPT = {
  code: 'LOGIN_KEPT',
  what: 'names a namespace, so a login made by you or by another program for the whole host is kept',
  fix: 'name the host alone in SERVER to use the secret for all of it, or log out of the host',
} as const;

function idsOf(all: readonly { readonly id: string }[]): string[] {
  return [...new Set(all.map(({ id }) => id))];
}

/**
 * Namespaces whose host has another triple: most clients ignore namespaces, and with our helper all
 * do. `managed` has records by login name.
 */
export function namespaceNotices(
  desired: readonly Desired[],
  managed: ReadonlyMap<string, Managed | undefined>,
): Notice[] {
  const hosts = new Map(desired.map((one) => [one.name, one]));
  return desired.flatMap(({ isNamespace, triple, registry }) => {
    const host = isNamespace ? hosts.get(loginName(registry.host)) : undefined;
    if (!host || isSameCredential(host.triple, triple)) return [];
    const subject = variableName(triple.id, 'SERVER');
    if (managed.get(host.name)?.hasHelper || triple.command !== undefined)
      return { ...NAMESPACE_UNREACHABLE, subject };
    const others = 'docker, crane, oras, helm and others that know no namespaces';
    const what = `is for podman, skopeo and kubelet; ${others} use ${host.triple.id} for the whole host`;
    return { code: 'NAMESPACE_SHARED', subject, what } as const;
  });
}

const NAMESPACE_UNREACHABLE = {
  code: 'NAMESPACE_UNREACHABLE',
  what: 'names a namespace of a host that another triple serves; a credential helper cannot tell them apart',
  fix: 'use credentials: file, no credsStore and no command, where each namespace needs its own credential',
} as const;

/** Logins that need our helper, or have it, if it is not on PATH. */
export function helperProblems(
  changes: readonly LoginOutcome[],
  keys: readonly StatusKey[] = [],
): Problem[] {
  const lacking = changes.filter(({ block }) => block === 'no-helper');
  const ids = idsOf([...lacking, ...keys.filter(({ state }) => state === 'no-helper')]);
  if (ids.length === 0) return [];
  const what = `is not on PATH, but docker needs it for ${ids.join(', ')}`;
  const fix = 'add /usr/local/bin to PATH, or rebuild the container';
  return [{ code: 'HELPER_NOT_FOUND', subject: 'docker-credential-registry-auth', what, fix }];
}

/** Clients run our helper, which has no secret here. */
export function secretsNotHere(id: string): Problem {
  const names = isGiven(id) ? `${id} is` : `${variableName(id, 'SERVER')}, _USER and _PASSWORD are`;
  return {
    code: 'SECRETS_NOT_HERE',
    subject: id,
    what: 'our helper has no login for it, because its secrets are not set in this shell',
    fix: `run it where ${names} set, or use credentials: file`,
  };
}

/** A word of the command line that names nothing; it may be an address with a password in it. */
export function unknownWord(code: Problem['code'], word: string, what: string): Problem {
  const subject = word.slice(word.lastIndexOf('@') + 1);
  return { code, subject, what, fix: 'run registry-auth status to see what there is' };
}

const APPLY = 'run registry-auth apply';

/** A problem for each ID with which no client can log in. */
export function findKeyProblems(keys: readonly StatusKey[]): Problem[] {
  const here = new Set(keys.flatMap(({ id, source }) => (source === undefined ? [] : id)));
  const applyFor = (id: string) => (here.has(id) ? APPLY : `${APPLY} where its secrets are set`);
  const idsIn = (wanted: KeyState) => idsOf(keys.filter(({ state }) => state === wanted));
  const tell = (
    state: KeyState,
    code: Problem['code'],
    what: string,
    fixFor: (id: string) => string,
  ): Problem[] => idsIn(state).map((subject) => ({ code, subject, what, fix: fixFor(subject) }));
  const loggedOut = 'its entry was removed by docker logout, or by another program';
  const expired = 'its token has expired, and nothing here can get a new one';
  const missing = 'nothing is written for it, so no client finds it';
  const outdated = 'its secret has changed, and clients still use the old one';
  const noToken = 'there is no token from AWS: the last request failed, or none was made yet';
  return [
    ...idsIn('no-secret').map(secretsNotHere),
    ...tell('logged-out', 'LOGGED_OUT', loggedOut, () => `${APPLY} to log in again`),
    ...tell('expired', 'ECR_TOKEN_EXPIRED', expired, applyFor),
    ...tell('missing', 'NOT_WRITTEN', missing, applyFor),
    ...tell('outdated', 'NOT_WRITTEN', outdated, applyFor),
    ...tell('no-token', 'ECR_NO_TOKEN', noToken, () => `${APPLY}, which asks AWS`),
  ];
}
