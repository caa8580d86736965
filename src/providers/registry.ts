import type { Notice, Problem } from '../domain/problem.ts';
import { isNameableHost, parseServer } from '../domain/registries/server.ts';
import { type Triple, variableName } from '../domain/triples/triple.ts';
import { findProvider, PROVIDERS } from './find.ts';
import type { Provider } from './provider.ts';

/** What SERVER names, understood. */
export type Registry = {
  /** `host` or `host:port`, lower case. */
  readonly host: string;
  readonly namespace?: string | undefined;
  readonly provider: Provider;
};

/** A triple with the registry that its server names. */
export type Named = { readonly triple: Triple; readonly registry: Registry };

type NamedOrProblem = {
  readonly named?: Named;
  readonly problem?: Problem;
  readonly notices?: readonly Notice[];
};

/** Parses a triple's SERVER, and lets the providers judge the rest. Other triples stay unharmed. */
export function nameRegistry(given: Triple, providers = PROVIDERS): NamedOrProblem {
  const subject = variableName(given.id, 'SERVER');
  const parsed = parseServer(given.server);
  if ('what' in parsed) return { problem: { code: 'SERVER_INVALID', subject, ...parsed } };
  const { host, namespace, dropped, lacksHost } = parsed.server;
  const notices: Notice[] = [];
  if (dropped.length > 0) {
    const what = `contains ${dropped.join(' and ')}; used without it`;
    notices.push({ code: 'SERVER_SIMPLIFIED', subject, what });
  }
  if (lacksHost) notices.push({ ...NAMES_NO_HOST, subject });
  if (!isNameableHost(host)) notices.push({ ...HAS_NO_DOT, subject });
  let triple = given;
  for (const { judge } of providers) {
    const judged = judge?.(triple, host) ?? { triple };
    if ('problem' in judged) return judged;
    triple = judged.triple;
    if (judged.notice) notices.push(judged.notice);
  }
  const provider = findProvider(host, providers);
  const { hasNamespaces = true } = provider;
  const registry = { host, provider, namespace: hasNamespaces ? namespace : undefined };
  return { named: { triple, registry }, notices };
}

const NAMES_NO_HOST = {
  code: 'SERVER_HAS_NO_DOT',
  what: 'names no host, so it is a repository of Docker Hub, as in an image name',
  fix: 'write docker.io/ before it if that is right, else the whole host name',
} as const;

const HAS_NO_DOT = {
  code: 'SERVER_HAS_NO_DOT',
  what: 'has neither a dot nor a port, so image names that start with it mean Docker Hub',
  fix: 'use the whole host name, for example mycompany.azurecr.io',
} as const;
