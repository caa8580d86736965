import { type Credential, IDENTITY_TOKEN_USER } from '../domain/config/auth.ts';
import { EMPTY_LEDGER } from '../domain/decide/ledger.ts';
import { findNamed } from '../domain/decide/named.ts';
import type { Credentials } from '../domain/decide/request.ts';
import { findTokenExpiry, isExpiredToken } from '../domain/ecr/keys.ts';
import type { Options } from '../domain/feature/options.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import type { Claim } from '../domain/registries/claims.ts';
import { discover, type Found } from '../domain/registries/discover.ts';
import { GITHUB_TOKEN_ID } from '../domain/registries/github.ts';
import { renderSecret, type SecretName } from '../domain/tell/kubernetes.ts';
import { findExpected } from '../domain/triples/expected.ts';
import { type Source, variableName } from '../domain/triples/triple.ts';
import { type ConfigDir, openConfig } from '../io/config-dir.ts';
import type { EcrAccess } from '../io/ecr.ts';
import { exchangeAll } from '../io/exchange.ts';
import { readRemembered } from '../io/sources.ts';

export type ExportInput = {
  readonly secret: SecretName;
  /** IDs or hosts; none means every triple. */
  readonly names: readonly string[];
  /** Whether a person would see what is printed, without having asked for that. */
  readonly isShown: boolean;
  readonly environment: Source;
  readonly options: Options;
  readonly findDir: () => ConfigDir;
  readonly uid: number;
  readonly ecr: EcrAccess;
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
export async function exportKubernetes(input: ExportInput): Promise<Exported> {
  const { environment, options, names, secret, ecr } = input;
  if (input.isShown) return { problems: [toTerminal()], notices: [] };
  const files = readRemembered(readEnvFileNames(input), input);
  const found = discover([environment, ...files.sources], options);
  const { claims, problems } = choose(names, found);
  const all = names.length > 0 ? [] : findExpected(options.expect, found.ids, environment);
  const exchange = await exchangeAll(claims, withoutCache(ecr));
  const told = [
    ...files.problems,
    ...problems,
    ...all,
    ...claimsById(claims).flatMap((claim) => findUnusable(claim, ecr.now()) ?? []),
    ...exchange.problems,
  ];
  const notices = [...files.notices, ...found.notices];
  const credentials = claims.flatMap((claim) => credentialsAt(claim, exchange.credentials));
  if (told.length > 0) return { problems: [...told, ...withheld(credentials)], notices };
  if (credentials.length === 0) return { problems: [nothingToExport()], notices };
  return {
    manifest: renderSecret(secret, credentials),
    problems: [],
    notices: [...notices, ...endNotices(claims, exchange.credentials)],
  };
}

/** Export reads no config.json: one that is broken keeps nobody from exporting. */
function readEnvFileNames({ findDir }: ExportInput): readonly string[] {
  const opened = openConfig(findDir);
  return ('state' in opened ? opened.state.ledger : EMPTY_LEDGER).envFiles;
}

/** A cached token may have lived for half of its time, and a Secret is not renewed by itself. */
function withoutCache({ load, now, budgetMs }: EcrAccess): EcrAccess {
  return { load: () => load(), now: () => now(), budgetMs, cache: undefined, madeCache: undefined };
}

/** The claims that are named, and the problems that concern them. */
function choose(names: readonly string[], found: Found) {
  const claims = found.claims.filter(({ use }) => use !== 'alias');
  if (names.length === 0) return { claims, problems: found.problems };
  const rows = claims.map(({ key, triple, registry }) => [
    key,
    { id: triple.id, provider: registry.provider },
  ]);
  const named = findNamed(names, { ...EMPTY_LEDGER, rows: Object.fromEntries(rows) });
  const chosen = claims.filter(({ key }) => named.keys.has(key));
  const ids = [...names, ...chosen.map(({ triple }) => triple.id)];
  const isOfOne = ({ subject }: Problem) =>
    ids.some((id) => subject === id || subject.startsWith(`${id}_CONTAINER_REGISTRY_`));
  const unknown = named.unknown.filter((word) => !found.ids.has(word)).map(unknownName);
  return { claims: chosen, problems: [...found.problems.filter(isOfOne), ...unknown] };
}

function claimsById(claims: readonly Claim[]): Claim[] {
  return [...new Map(claims.map((claim) => [claim.triple.id, claim])).values()];
}

function credentialsAt(
  { key, triple }: Claim,
  exchanged: Credentials,
): (readonly [string, Credential])[] {
  const credential = exchanged.get(triple.id) ?? { user: triple.user, secret: triple.password };
  return credential === 'unavailable' ? [] : [[key, credential]];
}

/** What a kubelet could not log in with. */
function findUnusable({ triple }: Claim, now: number): Problem | undefined {
  const { id, user, password } = triple;
  if (user === IDENTITY_TOKEN_USER) {
    const subject = variableName(id, 'USER');
    const what = `is ${IDENTITY_TOKEN_USER}, and no kubelet knows identity tokens`;
    const fix = 'set a user, and a password or token that the registry takes with it';
    return { code: 'EXPORT_UNUSABLE', subject, what, fix };
  }
  if (!isExpiredToken(user, password, now)) return undefined;
  const what = 'holds an ECR token that has expired';
  const fix = 'set USER and PASSWORD to an AWS access key id and its secret, or a new token';
  return { code: 'ECR_TOKEN_EXPIRED', subject: variableName(id, 'PASSWORD'), what, fix };
}

function endNotices(claims: readonly Claim[], exchanged: Credentials): Notice[] {
  return claimsById(claims).flatMap(({ triple, registry }) => {
    const credential = exchanged.get(triple.id);
    if (triple.id === GITHUB_TOKEN_ID) return [codespaceToken()];
    const given = registry.ecr ? findTokenExpiry(triple.password) : undefined;
    const end = typeof credential === 'object' ? credential.expiresAt : given;
    if (end === undefined) return [];
    const what = `its token ends at ${new Date(end).toISOString()}`;
    const fix = 'export again before that';
    return [{ code: 'EXPORT_TOKEN_ENDS', subject: triple.id, what, fix } as const];
  });
}

function codespaceToken(): Notice {
  const what = "is this codespace's own token, which ends with its next start at the latest";
  const fix = 'export again after that, or set a triple for ghcr.io';
  return { code: 'EXPORT_TOKEN_ENDS', subject: GITHUB_TOKEN_ID, what, fix };
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
