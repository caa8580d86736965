import type { EcrHost } from '../ecr/host.ts';
import { isAccessKeyId } from '../ecr/keys.ts';
import { judgeRole } from '../ecr/role.ts';
import type { Notice, Problem } from '../problem.ts';
import { decodeGoogleKey } from '../triples/google-key.ts';
import { type Triple, variableName } from '../triples/triple.ts';
import { findProvider, type Provider } from './provider.ts';
import { isNameableHost, parseServer } from './server.ts';

/** What SERVER names, understood. */
export type Registry = {
  /** `host` or `host:port`, lower case. */
  readonly host: string;
  readonly namespace?: string | undefined;
  readonly provider: Provider;
  /** What the host says, where it is one of Amazon's. */
  readonly ecr?: EcrHost | undefined;
};

/** A triple with the registry that its server names. */
export type Named = { readonly triple: Triple; readonly registry: Registry };

type Result = {
  readonly named?: Named;
  readonly problem?: Problem;
  readonly notices?: readonly Notice[];
};

/**
 * Understands a triple's server and user; one that can't be understood is a problem, and costs no
 * other.
 */
export function nameRegistry(given: Triple): Result {
  const subject = variableName(given.id, 'SERVER');
  const parsed = parseServer(given.server);
  if ('what' in parsed) return { problem: { code: 'SERVER_INVALID', subject, ...parsed } };
  const { host, namespace, dropped } = parsed.server;
  const { provider, ecr } = findProvider(host);
  const isAmazon = isAccessKeyId(given.user) || isAccessKeyId(given.password);
  if (!ecr && isAmazon) return { problem: keysGoElsewhere(subject) };
  const judged = judgeRole(given, ecr);
  if ('problem' in judged) return judged;
  const decoded = decodeGoogleKey(judged.triple);
  if ('problem' in decoded) return decoded;
  // An ECR token is for the whole account: a repository in the URL says nothing more.
  const registry = { host, provider, ecr, namespace: ecr ? undefined : namespace };
  const notices: Notice[] = [];
  if (dropped.length > 0) notices.push(simplified(subject, dropped));
  if (!isNameableHost(host)) notices.push(hasNoDot(subject));
  if (judged.notice) notices.push(judged.notice);
  if (decoded.notice) notices.push(decoded.notice);
  return { named: { triple: decoded.triple, registry }, notices };
}

function simplified(subject: string, dropped: readonly string[]): Notice {
  const what = `contains ${dropped.join(' and ')}; used without it`;
  return { code: 'SERVER_SIMPLIFIED', subject, what };
}

/** AWS keys are no other registry's password: to write them would send them there. */
function keysGoElsewhere(subject: string): Problem {
  const what = 'is no registry of Amazon ECR, although these are AWS keys; not written';
  const names = "ACCOUNT.dkr.ecr.REGION.amazonaws.com with the account's 12 digits";
  return { code: 'SERVER_INVALID', subject, what, fix: `use ${names}, or public.ecr.aws` };
}

function hasNoDot(subject: string): Notice {
  const what = 'has neither a dot nor a port, so image names that start with it mean Docker Hub';
  const fix = 'use the whole host name, for example mycompany.azurecr.io';
  return { code: 'SERVER_HAS_NO_DOT', subject, what, fix };
}
