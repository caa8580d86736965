import type { Credential } from '../../dockerconfig/auth-entry.ts';
import { HUB_HOST, loginName } from '../registries/keys.ts';
import {
  type Answer,
  type Ask,
  type Conversation,
  failed,
  judgeTrouble,
  type Reply,
} from './ask.ts';
import { parseChallenges } from './challenge.ts';
import type { Verdict } from './outcome.ts';
import { type Base, hostnameOf, isLoopback } from './realm.ts';
import { findTicket, findWay, isForNobody, productIn, type Way } from './ticket.ts';

/** What is to be found out: whether a login is accepted, and an image may be pulled with it. */
export type Target = {
  readonly host: string;
  readonly image?: { readonly name: string; readonly reference: string };
};

const HUB_API = 'registry-1.docker.io';

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * The conversation with a registry (clients.md 9.1; distribution's api and token specifications).
 * The credential goes to the registry's own host, and to a token service only where that is safe; a
 * token that was handed out is no proof, so it is used.
 */
export function* converse(target: Target, credential: Credential | undefined): Conversation {
  // Numbers that are no address, and names that no name can be written as.
  if (!URL.canParse(`https://${target.host}`)) return { outcome: 'name-unknown' };
  const { base, reply } = yield* ping(target.host);
  if ('failure' in reply) return failed(reply);
  if (isOpen(reply)) return yield* visitOpen(base, target, credential);
  if (reply.status !== 401) return judgeStranger(reply);
  return yield* visitClosed(base, target, credential, reply.challenge);
}

/** Who listens on this machine may have no TLS; everybody else must. */
function* ping(host: string): Conversation<{ base: Base; reply: Reply }> {
  const api = loginName(host) === HUB_HOST ? HUB_API : host;
  const secure = { host: api, isPlain: false };
  if (!isLoopback(hostnameOf(api)))
    return { base: secure, reply: yield { method: 'GET', url: apiUrl(secure) } };
  const plain = { host: api, isPlain: true };
  const reply = yield { method: 'GET', url: apiUrl(plain) };
  if (!expectsTls(reply)) return { base: plain, reply };
  const again = yield { method: 'GET', url: apiUrl(secure) };
  const speaksTls =
    !('failure' in again) || /^(?:CERT|DEPTH|SELF|UNABLE|ERR_TLS)_/.test(again.detail);
  return speaksTls ? { base: secure, reply: again } : { base: plain, reply };
}

/** What servers with TLS say, or do, to somebody who speaks none. */
function expectsTls(reply: Reply): boolean {
  if ('status' in reply) return reply.status === 400;
  return /^(?:ECONNRESET|EPIPE|HPE_)/.test(reply.detail);
}

function apiUrl({ host, isPlain }: Base, path = ''): string {
  return `${isPlain ? 'http' : 'https'}://${host}/v2/${path}`;
}

/** A web site answers any path with a page. */
function isOpen({ status, contentType }: Answer): boolean {
  return status === 200 && !/^text\/html/i.test(contentType);
}

function judgeStranger({ status }: Answer): Verdict {
  const because = 'before it asks for a password';
  if (status === 403) return { outcome: 'rejected', status, because };
  return judgeTrouble(status) ?? { outcome: 'not-a-registry', status };
}

function* visitOpen(base: Base, target: Target, credential: Credential | undefined): Conversation {
  const { image } = target;
  if (image === undefined) return { outcome: 'open' };
  const reply = yield manifestAsk(base, image);
  if (!('status' in reply) || reply.status !== 401) return judgePull(reply, 'open');
  const way = findWay(parseChallenges(reply.challenge), base);
  if (credential && 'scheme' in way && way.scheme === 'basic')
    return yield* pullWithPassword(base, image, way, credential);
  return yield* visitClosed(base, target, credential, reply.challenge);
}

/** Where everybody may log in, only the image tells a good password from another. */
function* pullWithPassword(
  base: Base,
  image: NonNullable<Target['image']>,
  way: Way,
  credential: Credential,
): Conversation {
  const ticket = yield* findTicket(way, credential);
  if ('outcome' in ticket) return ticket;
  const verdict = judgePull(yield manifestAsk(base, image, ticket.authorization), 'accepted');
  return verdict.status === 401 ? { outcome: 'rejected', status: 401, ...productIn(way) } : verdict;
}

function* visitClosed(
  base: Base,
  target: Target,
  credential: Credential | undefined,
  challenge: string,
): Conversation {
  const way = findWay(parseChallenges(challenge), base);
  if ('outcome' in way) return way;
  const { image } = target;
  if (!credential) return yield* visitAsNobody(base, image, way);
  const login = yield* logIn(base, way, credential);
  if (login.outcome !== 'accepted' || image === undefined) return login;
  const ticket = yield* findTicket(way, credential, image.name);
  if ('outcome' in ticket) return ticket.outcome === 'rejected' ? { ...ticket, ...DENIED } : ticket;
  return judgePull(yield manifestAsk(base, image, ticket.authorization), 'accepted');
}

const DENIED = { outcome: 'image-denied', isOfImage: true } as const;

/** Many registries let nobody pull without a token, and give everybody one for public images. */
function* visitAsNobody(base: Base, image: Target['image'], way: Way): Conversation {
  if (image === undefined || way.scheme === 'basic') return { outcome: 'incomplete' };
  const ticket = yield* findTicket(way, undefined, image.name);
  if ('outcome' in ticket)
    return ticket.outcome === 'rejected' ? { outcome: 'incomplete', isOfImage: true } : ticket;
  const verdict = judgePull(yield manifestAsk(base, image, ticket.authorization), 'open');
  const isClosed = verdict.outcome === 'image-denied' || verdict.outcome === 'image-not-found';
  return isClosed ? { outcome: 'incomplete', isOfImage: true } : verdict;
}

/** As `docker login` does it: for no repository, so that a permission says nothing yet. */
function* logIn(base: Base, way: Way, credential: Credential): Conversation {
  const ticket = yield* findTicket(way, credential);
  if ('outcome' in ticket) return ticket;
  const { authorization } = ticket;
  const reply = yield { method: 'GET', url: apiUrl(base), authorization };
  if ('failure' in reply) return failed(reply);
  const { status } = reply;
  if (isOpen(reply)) return isForNobody(authorization) ? FOR_NOBODY : { outcome: 'accepted' };
  const isHandedOut = way.scheme === 'bearer' ? { because: 'also with its own token' } : {};
  if (status === 401 || status === 403)
    return { outcome: 'rejected', status, ...isHandedOut, ...productIn(way) };
  return judgeTrouble(status) ?? { outcome: 'not-a-registry', status };
}

const FOR_NOBODY = {
  outcome: 'rejected',
  because: 'its token service hands out a token, but for nobody',
} as const;

function manifestAsk(base: Base, image: NonNullable<Target['image']>, authorization?: string): Ask {
  const url = apiUrl(base, `${image.name}/manifests/${image.reference}`);
  return { method: 'HEAD', url, accept: MANIFESTS, ...(authorization ? { authorization } : {}) };
}

function judgePull(reply: Reply, fine: 'accepted' | 'open'): Verdict {
  if ('failure' in reply) return failed(reply);
  const { status } = reply;
  if (status === 200) return { outcome: fine, isOfImage: true };
  if (status === 401 || status === 403) return { ...DENIED, status };
  if (status === 404) return { outcome: 'image-not-found', isOfImage: true, status };
  const because = 'asked for the image';
  return { ...(judgeTrouble(status) ?? { outcome: 'server-error', status }), because };
}
