import { type Credential, IDENTITY_TOKEN_USER, makeEntry } from '../dockerconfig/auth-entry.ts';
import type { Messages, Notice, Problem } from '../problem.ts';
import { exchangeAll } from '../providers/exchange.ts';
import { isExpired } from '../providers/find.ts';
import type { Credentials } from '../providers/provider.ts';
import type { Desired } from '../reconcile/desired.ts';
import { findNamed } from '../reconcile/named.ts';
import type { Found } from '../registries/discover.ts';
import { unknownWord } from '../report/notices.ts';
import { findExpected } from '../secrets/expected.ts';
import { variableName } from '../secrets/triple.ts';
import type { World } from '../world.ts';

export type ExportWords = {
  /** What the Secret is called, and where; without a namespace it goes where kubectl is. */
  readonly secret: { readonly name: string; readonly namespace?: string | undefined };
  /** IDs or hosts; none means every triple. */
  readonly names: readonly string[];
  /** Whether a person would see what is printed, without having asked for that. */
  readonly isShown: boolean;
};

/**
 * The triples' credentials as a Secret of Kubernetes, with tokens of this moment. All that was
 * asked for, or problems: a Secret with a part of it would take the place of a whole one.
 */
export async function exportKubernetes(
  { environment, options, envFiles, found, ecr }: World,
  { secret, names, isShown }: ExportWords,
): Promise<Messages & { readonly manifest?: string }> {
  if (isShown) return { problems: [refuse('EXPORT_TO_TERMINAL')], notices: [] };
  const { logins, problems } = choose(names, found);
  const all = names.length > 0 ? [] : findExpected(options.expect, found.ids, environment);
  // A cached token may have lived for half of its time, and a Secret is not renewed by itself.
  const { load, now, budgetMs, run } = ecr;
  const fresh = { load, now, budgetMs, run, cache: undefined, madeCache: undefined };
  const exchange = await exchangeAll(logins, fresh);
  const broken = [
    ...envFiles.problems,
    ...problems,
    ...all,
    ...byTriple(logins).flatMap((login) => findUnusable(login, now()) ?? []),
    ...exchange.problems,
  ];
  const notices = [...envFiles.notices, ...found.notices];
  const credentials = logins.flatMap((login) => credentialsAt(login, exchange.credentials));
  const hasAny = credentials.length > 0;
  if (broken.length > 0)
    return { problems: [...broken, ...(hasAny ? [refuse('EXPORT_WITHHELD')] : [])], notices };
  if (!hasAny) return { problems: [refuse('EXPORT_EMPTY')], notices };
  const ends = byTriple(logins).flatMap((one) => findEnd(one, exchange.credentials) ?? []);
  return {
    manifest: renderSecret(secret, credentials),
    problems: [],
    notices: [...notices, ...ends],
  };
}

/** Why nothing is exported: what, and how to go on. */
const REFUSALS = {
  EXPORT_TO_TERMINAL: [
    'prints passwords, and this is a terminal',
    'send it to kubectl apply -f - or to a file; --force shows it here',
  ],
  EXPORT_EMPTY: [
    'there is no registry secret in this shell',
    'run it where the <ID>_CONTAINER_REGISTRY_ variables are',
  ],
  EXPORT_WITHHELD: [
    'nothing is printed, because a part of the registries would take the place of all of them',
    'put that right, or name the IDs that are to be exported',
  ],
} as const;

function refuse(code: keyof typeof REFUSALS): Problem {
  const [what, fix] = REFUSALS[code];
  return { code, subject: 'export', what, fix };
}

/**
 * The manifest of a Secret that a cluster pulls with: entries as in config.json, of which the
 * kubelet reads `auth` alone (docs/clients.md, kubelet). Names are in quotes, because YAML would
 * take some of them for numbers.
 */
function renderSecret(
  { name, namespace }: ExportWords['secret'],
  credentials: readonly (readonly [key: string, credential: Credential])[],
): string {
  const auths = credentials.map(([key, credential]) => [key, { auth: makeEntry(credential).auth }]);
  const config = JSON.stringify({ auths: Object.fromEntries(auths) });
  return [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: ${JSON.stringify(name)}`,
    ...(namespace === undefined ? [] : [`  namespace: ${JSON.stringify(namespace)}`]),
    'type: kubernetes.io/dockerconfigjson',
    'data:',
    `  .dockerconfigjson: ${Buffer.from(config).toString('base64')}`,
    '',
  ].join('\n');
}

/** The logins that are named, and the problems that concern them. */
function choose(words: readonly string[], { desired, problems, ids }: Found) {
  if (words.length === 0) return { logins: desired, problems };
  const named = findNamed(words, new Map(desired.map((one) => [one.name, one.ids])));
  const logins = desired.filter(({ name }) => named.names.has(name));
  const wanted = [...words, ...logins.map(({ triple }) => triple.id)];
  const isOfOne = ({ id }: Problem) => id !== undefined && wanted.includes(id);
  const what = 'is no ID or host of a registry secret in this shell';
  const unknown = named.unknown
    .filter((word) => !ids.has(word))
    .map((word) => unknownWord('EXPORT_EMPTY', word, what));
  return { logins, problems: [...problems.filter(isOfOne), ...unknown] };
}

function byTriple(logins: readonly Desired[]): Desired[] {
  return [...new Map(logins.map((login) => [login.triple.id, login])).values()];
}

function credentialsAt({ keys, triple }: Desired, exchanged: Credentials) {
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

function findEnd({ triple, registry }: Desired, exchanged: Credentials): Notice | undefined {
  const { id: subject, user, password: secret } = triple;
  const code = 'EXPORT_TOKEN_ENDS';
  if (triple.isGiven) {
    const what = "is this codespace's own token, which ends with its next start at the latest";
    const fix = `export again after that, or set a triple for ${registry.host}`;
    return { code, subject, what, fix };
  }
  const credential = exchanged.get(subject);
  const { findExpiry } = registry.provider;
  const end =
    typeof credential === 'object' ? credential.expiresAt : findExpiry?.({ user, secret });
  if (end === undefined) return undefined;
  const what = `its token ends at ${new Date(end).toISOString()}`;
  return { code, subject, what, fix: 'export again before that' };
}
