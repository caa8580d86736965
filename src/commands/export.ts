import { IDENTITY_TOKEN_USER, makeEntry } from '../dockerconfig/auth-entry.ts';
import type { Messages, Notice, Problem } from '../problem.ts';
import { isExpired } from '../providers/find.ts';
import { exchangeAll } from '../providers/on-demand/exchange.ts';
import type { Credentials } from '../providers/provider.ts';
import type { Desired } from '../reconcile/desired.ts';
import type { Found } from '../registries/discover.ts';
import { findNamed } from '../registries/named.ts';
import { unknownWord } from '../report/notices.ts';
import { findExpected } from '../secrets/expected.ts';
import { variableName } from '../secrets/triple.ts';
import type { World } from '../world.ts';

export type ExportWords = {
  readonly format: 'docker-config' | 'kubernetes';
  /** The Secret's name and namespace; the default namespace is kubectl's. */
  readonly secret: { readonly name: string; readonly namespace?: string | undefined };
  /** IDs or hosts; none means every triple. */
  readonly names: readonly string[];
  /** Whether the output goes to a terminal without `--force`. */
  readonly isShown: boolean;
};

/** A config.json that needs no helper, and contains nothing else of this machine. */
type ExportedConfig = { readonly auths: Readonly<Record<string, { auth: string }>> };

/**
 * The triples' credentials, with new tokens. Everything that was named, or problems: a partial file
 * could replace a complete one.
 */
export async function exportLogins(
  { environment, options, envFiles, found, ecr }: World,
  { format, names, isShown }: ExportWords,
): Promise<Messages & { readonly config?: ExportedConfig }> {
  if (isShown) return { problems: [refuseToShow(format)], notices: [] };
  const { logins, problems } = choose(names, found);
  const all = names.length > 0 ? [] : findExpected(options.expect, found.ids, environment);
  // A cached token may be half used up, and an exported one is not renewed.
  const { load, now, budgetMs, run } = ecr;
  const fresh = { load, now, budgetMs, run, cache: undefined, madeCache: undefined };
  const exchange = await exchangeAll(logins, fresh);
  const byTriple = [...new Map(logins.map((login) => [login.triple.id, login])).values()];
  const broken = [
    ...envFiles.problems,
    ...problems,
    ...all,
    ...byTriple.flatMap((login) => findUnusable(login, now()) ?? []),
    ...exchange.problems,
  ];
  const notices = [...envFiles.notices, ...found.notices];
  // The host's entry comes last: programs that take any key of a host then use that one.
  const inOrder = [...logins].sort((a, b) => Number(b.isNamespace) - Number(a.isNamespace));
  const entries = inOrder.flatMap((login) => entriesAt(login, exchange.credentials));
  if (entries.length === 0) return { problems: broken.length > 0 ? broken : [EMPTY], notices };
  if (broken.length > 0) return { problems: [...broken, WITHHELD], notices };
  const ends = byTriple.flatMap((one) => findEnd(one, exchange.credentials) ?? []);
  const config = { auths: Object.fromEntries(entries) };
  return { config, problems: [], notices: [...notices, ...ends] };
}

const EMPTY: Problem = {
  code: 'EXPORT_EMPTY',
  subject: 'export',
  what: 'no registry secret is set in this shell',
  fix: 'run it where the <ID>_CONTAINER_REGISTRY_ variables are',
};

const WITHHELD: Problem = {
  code: 'EXPORT_WITHHELD',
  subject: 'export',
  what: 'nothing is printed, because an incomplete export would replace a complete one',
  fix: 'fix that first, or name the IDs to export',
};

function refuseToShow(format: ExportWords['format']): Problem {
  const to = format === 'kubernetes' ? 'kubectl apply -f -' : 'the program that reads it';
  const what = 'prints passwords, and this is a terminal';
  const fix = `send it to ${to} or to a file; --force shows it here`;
  return { code: 'EXPORT_TO_TERMINAL', subject: 'export', what, fix };
}

/** The file as docker writes it, or a manifest that contains it. */
export function renderExport({ format, secret }: ExportWords, config: ExportedConfig): string {
  if (format === 'kubernetes') return renderSecret(secret, config);
  return `${JSON.stringify(config, null, '\t')}\n`;
}

/**
 * A Secret with which a cluster pulls. Names are in quotes, because YAML would parse some as
 * numbers.
 */
function renderSecret({ name, namespace }: ExportWords['secret'], config: ExportedConfig): string {
  return [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: ${JSON.stringify(name)}`,
    ...(namespace === undefined ? [] : [`  namespace: ${JSON.stringify(namespace)}`]),
    'type: kubernetes.io/dockerconfigjson',
    'data:',
    `  .dockerconfigjson: ${Buffer.from(JSON.stringify(config)).toString('base64')}`,
    '',
  ].join('\n');
}

/** The logins that the words name, and the problems that concern them. */
function choose(words: readonly string[], { desired, problems, ids }: Found) {
  if (words.length === 0) return { logins: desired, problems };
  const named = findNamed(words, new Map(desired.map((one) => [one.name, one.ids])));
  const logins = desired.filter(({ name }) => named.names.has(name));
  const wanted = [...words, ...logins.map(({ triple }) => triple.id)];
  const isOfOne = ({ id }: Problem) => id !== undefined && wanted.includes(id);
  const what = 'is not the ID or host of a registry secret in this shell';
  const unknown = named.unknown
    .filter((word) => !ids.has(word))
    .map((word) => unknownWord('EXPORT_EMPTY', word, what));
  return { logins, problems: [...problems.filter(isOfOne), ...unknown] };
}

/** The kubelet reads only `auth` (docs/clients.md, kubelet). */
function entriesAt({ keys, triple }: Desired, exchanged: Credentials) {
  const given = { user: triple.user, secret: triple.password };
  const found = exchanged.get(triple.id) ?? given;
  if (found === 'unavailable') return [];
  const { auth } = makeEntry(found);
  return keys.map((key) => [key, { auth }] as const);
}

/** Credentials that the kubelet cannot use, or that have expired. */
function findUnusable({ triple, registry }: Desired, now: number): Problem | undefined {
  const { id, user, password } = triple;
  if (user === IDENTITY_TOKEN_USER && !registry.provider.takesZeroGuid) {
    const subject = variableName(id, 'USER');
    const what = `is ${IDENTITY_TOKEN_USER}, and this registry has no user name for identity tokens`;
    const fix = 'set a user, and a password or token that the registry accepts with it';
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
    const what = "is this codespace's own token, which expires at its next start at the latest";
    const fix = `export again after that, or set a triple for ${registry.host}`;
    return { code, subject, what, fix };
  }
  const credential = exchanged.get(subject);
  const { findExpiry } = registry.provider;
  const end =
    typeof credential === 'object' ? credential.expiresAt : findExpiry?.({ user, secret });
  if (end === undefined) return undefined;
  const what = `its token expires at ${new Date(end).toISOString()}`;
  return { code, subject, what, fix: 'export again before that' };
}
