import { type Credential, IDENTITY_TOKEN_USER } from '../dockerconfig/auth-entry.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import type { Found } from '../domain/registries/discover.ts';
import { renderSecret, type SecretName } from '../domain/tell/kubernetes.ts';
import { findExpected } from '../domain/triples/expected.ts';
import { variableName } from '../domain/triples/triple.ts';
import { type ExchangeAccess, exchangeAll } from '../providers/exchange.ts';
import { isExpired, isGiven } from '../providers/find.ts';
import type { Credentials } from '../providers/provider.ts';
import type { Registry } from '../providers/registry.ts';
import type { Desired } from '../reconcile/desired.ts';
import { findNamed } from '../reconcile/named.ts';
import type { World } from '../world.ts';

export type ExportWords = {
  readonly secret: SecretName;
  /** IDs or hosts; none means every triple. */
  readonly names: readonly string[];
  /** Whether a person would see what is printed, without having asked for that. */
  readonly isShown: boolean;
};

export type Exported = {
  /** Only where there is no problem. */
  readonly manifest?: string;
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/**
 * The triples' credentials as a Secret of Kubernetes, with tokens of this moment. All that was
 * asked for, or nothing: a Secret with a part of it would take the place of a whole one.
 */
export async function exportKubernetes(
  { environment, options, envFiles, found, ecr }: World,
  { secret, names, isShown }: ExportWords,
): Promise<Exported> {
  if (isShown) return { problems: [toTerminal()], notices: [] };
  const { logins, problems } = choose(names, found);
  const all = names.length > 0 ? [] : findExpected(options.expect, found.ids, environment);
  const exchange = await exchangeAll(logins, withoutCache(ecr));
  const told = [
    ...envFiles.problems,
    ...problems,
    ...all,
    ...byTriple(logins).flatMap((login) => findUnusable(login, ecr.now()) ?? []),
    ...exchange.problems,
  ];
  const notices = [...envFiles.notices, ...found.notices];
  const credentials = logins.flatMap((login) => credentialsAt(login, exchange.credentials));
  if (told.length > 0) return { problems: [...told, ...withheld(credentials)], notices };
  if (credentials.length === 0) return { problems: [nothingToExport()], notices };
  return {
    manifest: renderSecret(secret, credentials),
    problems: [],
    notices: [...notices, ...endNotices(logins, exchange.credentials)],
  };
}

/** A cached token may have lived for half of its time, and a Secret is not renewed by itself. */
function withoutCache({ load, now, budgetMs }: ExchangeAccess): ExchangeAccess {
  return { load: () => load(), now: () => now(), budgetMs, cache: undefined, madeCache: undefined };
}

/** The logins that are named, and the problems that concern them. */
function choose(words: readonly string[], { desired, problems, ids }: Found) {
  if (words.length === 0) return { logins: desired, problems };
  const named = findNamed(words, new Map(desired.map((one) => [one.name, one.ids])));
  const logins = desired.filter(({ name }) => named.names.has(name));
  const wanted = [...words, ...logins.map(({ triple }) => triple.id)];
  const isOfOne = ({ id }: Problem) => id !== undefined && wanted.includes(id);
  const unknown = named.unknown.filter((word) => !ids.has(word)).map(unknownName);
  return { logins, problems: [...problems.filter(isOfOne), ...unknown] };
}

function byTriple(logins: readonly Desired[]): Desired[] {
  return [...new Map(logins.map((login) => [login.triple.id, login])).values()];
}

function credentialsAt(
  { keys, triple }: Desired,
  exchanged: Credentials,
): (readonly [string, Credential])[] {
  const credential = exchanged.get(triple.id) ?? { user: triple.user, secret: triple.password };
  return credential === 'unavailable' ? [] : keys.map((key) => [key, credential] as const);
}

/** What a kubelet could not log in with. */
function findUnusable({ triple }: Desired, now: number): Problem | undefined {
  const { id, user, password } = triple;
  if (user === IDENTITY_TOKEN_USER) {
    const subject = variableName(id, 'USER');
    const what = `is ${IDENTITY_TOKEN_USER}, and no kubelet knows identity tokens`;
    const fix = 'set a user, and a password or token that the registry takes with it';
    return { code: 'EXPORT_UNUSABLE', subject, what, fix };
  }
  if (!isExpired({ user, secret: password }, now)) return undefined;
  const what = 'holds an ECR token that has expired';
  const fix = 'set USER and PASSWORD to an AWS access key id and its secret, or a new token';
  return { code: 'ECR_TOKEN_EXPIRED', subject: variableName(id, 'PASSWORD'), what, fix };
}

function endNotices(logins: readonly Desired[], exchanged: Credentials): Notice[] {
  return byTriple(logins).flatMap(({ triple, registry }) => {
    const credential = exchanged.get(triple.id);
    if (isGiven(triple.id)) return [givenEnds(triple.id, registry)];
    const { user, password: secret } = triple;
    const { findExpiry } = registry.provider;
    const end =
      typeof credential === 'object' ? credential.expiresAt : findExpiry?.({ user, secret });
    if (end === undefined) return [];
    const what = `its token ends at ${new Date(end).toISOString()}`;
    const fix = 'export again before that';
    return [{ code: 'EXPORT_TOKEN_ENDS', subject: triple.id, what, fix } as const];
  });
}

function givenEnds(subject: string, { host }: Registry): Notice {
  const what = "is this codespace's own token, which ends with its next start at the latest";
  const fix = `export again after that, or set a triple for ${host}`;
  return { code: 'EXPORT_TOKEN_ENDS', subject, what, fix };
}

function toTerminal(): Problem {
  const what = 'prints passwords, and this is a terminal';
  const fix = 'send it to kubectl apply -f - or to a file; --force shows it here';
  return { code: 'EXPORT_TO_TERMINAL', subject: 'export', what, fix };
}

function nothingToExport(): Problem {
  const what = 'there is no registry secret in this shell';
  const fix = 'run it where the <ID>_CONTAINER_REGISTRY_ variables are';
  return { code: 'EXPORT_EMPTY', subject: 'export', what, fix };
}

/** A person may have typed an address with a password in it. */
function unknownName(word: string): Problem {
  const subject = word.slice(word.lastIndexOf('@') + 1);
  const what = 'is no ID or host of a registry secret in this shell';
  const fix = 'run registry-auth status to see what there is';
  return { code: 'EXPORT_EMPTY', subject, what, fix };
}

/** Said where there would have been something. */
function withheld(credentials: readonly unknown[]): Problem[] {
  if (credentials.length === 0) return [];
  const why = 'a part of the registries would take the place of all of them';
  const what = `nothing is printed, because ${why}`;
  const fix = 'put that right, or name the IDs that are to be exported';
  return [{ code: 'EXPORT_WITHHELD', subject: 'export', what, fix }];
}
