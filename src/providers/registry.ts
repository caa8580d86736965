import type { Notice, Problem } from '../problem.ts';
import {
  isNameableHost,
  parseServer,
  type Server,
  type ServerResult,
  type Wrong,
} from '../registries/server.ts';
import { type Triple, variableName } from '../secrets/triple.ts';
import { findProvider } from './find.ts';
import type { Named, Provider } from './provider.ts';
import { mayBeSecret } from './secrets.ts';

type NamedOrProblem = {
  readonly named?: Named;
  readonly problem?: Problem | undefined;
  readonly notices?: readonly Notice[];
};

/** Parses a triple's SERVER and lets the providers judge the rest. Affects no other triple. */
export function nameRegistry(given: Triple): NamedOrProblem {
  const subject = variableName(given.id, 'SERVER');
  const parsed = parseRegistry(given.server);
  if ('what' in parsed) return { problem: { code: 'SERVER_INVALID', subject, ...parsed } };
  const { provider, site } = parsed;
  const { host, namespace, dropped, lacksHost } = parsed.server;
  const notices: Notice[] = [];
  const simplified = (what: string) => notices.push({ code: 'SERVER_SIMPLIFIED', subject, what });
  if (site) simplified(`is the address of ${site}; its registry is used instead`);
  if (dropped.length > 0) simplified(`contains ${dropped.join(' and ')}; used without it`);
  if (lacksHost) notices.push({ ...NAMES_NO_HOST, subject });
  if (!isNameableHost(host)) notices.push({ ...HAS_NO_DOT, subject });
  const { hasNamespaces = true } = provider;
  const registry = { host, provider, namespace: hasNamespaces ? namespace : undefined };
  if (isUsual(given, parsed)) return { named: { triple: given, registry }, notices };
  const judged = pasted().judgePasted(given, host);
  if (!('triple' in judged)) return judged;
  const { triple, problem } = judged;
  return { problem, named: { triple, registry }, notices: [...notices, ...judged.notices] };
}

type ParsedServer = {
  readonly server: Server;
  readonly provider: Provider;
  /** The host is not a known registry's, but contains the name of one, or cannot be a registry. */
  readonly mayBeSite: boolean;
  /** The web site whose address SERVER holds. */
  readonly site?: string;
};

/** The registry that SERVER names, also if it is a web site's address. */
export function parseRegistry(text: string): ParsedServer | Wrong {
  const parsed = withProvider(parseServer(text));
  if ('server' in parsed && !parsed.mayBeSite) return parsed;
  const site = pasted().findSite(text);
  if (site === undefined) return parsed;
  if ('what' in site) return site;
  const registry = withProvider(parseServer(site.server));
  return 'what' in registry ? registry : { ...registry, site: site.is };
}

function withProvider(parsed: ServerResult): ParsedServer | Wrong {
  if ('what' in parsed) return parsed;
  const { server } = parsed;
  const provider = findProvider(server.host);
  return { server, provider, mayBeSite: provider.name === 'other' && isSuspicious(server.host) };
}

/** Replaces a web site's address on the command line by its provider's registry. */
export function findMeant(word: string): string {
  if (!word.includes('.') || word.includes('/')) return word;
  const parsed = parseRegistry(word);
  return 'server' in parsed && parsed.site ? parsed.server.host : word;
}

function isUsual(triple: Triple, parsed: ParsedServer): boolean {
  const { user, password, roleArn, externalId } = triple;
  if (roleArn !== undefined || externalId !== undefined) return false;
  const { provider } = parsed;
  if (provider.isUsual) return provider.isUsual(triple);
  const isUsualSecret =
    provider.usualSecrets?.some((start) => password.startsWith(start)) || !mayBeSecret(password);
  return isUsualSecret && !(mayBeSecret(user) || provider.judge || parsed.mayBeSite);
}

function isSuspicious(host: string): boolean {
  return !isNameableHost(host) || NAMES.some((name) => host.includes(name));
}

/**
 * Loaded only for unusual triples, because every pull would wait for it. It contains its own,
 * complete copy of the providers.
 */
export const pasted = (): typeof import('./pasted.ts') => require('./pasted.ts');

/**
 * Parts of the names of providers' web sites, and of registries with a fixed user name. Compiling
 * one pattern of them takes longer than all else here.
 */
const NAMES: readonly string[] = [
  ...['docker.com', 'docker.io', 'dockerhub', 'docker-hub', 'docker.hub', 'hub.docker', 'dhi.io'],
  ...['github', 'ghcr', 'gitlab.com', 'gitlab.io', 'pkg.dev', 'google', 'gcr.com', 'azure'],
  ...['microsoft', 'windows.net', 'amazon', 'aws', '.dkr', 'scw.', 'scaleway', 'ibm.com', 'icr.io'],
  ...['bluemix', 'digitalocean', 'quay', 'redhat', 'nvcr', 'nvidia', 'oracle', 'ocir', 'aliyun'],
  ...['alibaba', 'huawei', 'tencent', 'yandex', 'heroku', 'fly.io', 'elastic.co', 'cloudsmith'],
  ...['chainguard', 'cgr.dev', 'jfrog.com', 'jfrog.io', 'npmjs', 'pypi', 'hugging'],
];

const NAMES_NO_HOST = {
  code: 'SERVER_HAS_NO_DOT',
  what: 'has no host, so it is a repository on Docker Hub, as in an image name',
  fix: 'write docker.io/ before it if that is right, otherwise the whole host name',
} as const;

const HAS_NO_DOT = {
  code: 'SERVER_HAS_NO_DOT',
  what: 'has neither a dot nor a port, so image names that start with it mean Docker Hub',
  fix: 'use the whole host name, for example mycompany.azurecr.io',
} as const;
