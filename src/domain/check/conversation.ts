import { type Credential, IDENTITY_TOKEN_USER } from '../config/auth.ts';
import { findLoginKey, HUB_KEY } from '../registries/server.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { CheckOutcome, Product, Verdict } from './outcome.ts';
import { type Base, hostnameOf, isLoopback, judgeRealm } from './realm.ts';

/** A request, as data. Only what is asked for by `isRead` is read of the answer's body. */
export type Ask = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly authorization?: string;
  readonly accept?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly isRead?: boolean;
};

/** What matters of an answer. */
export type Answer = {
  readonly status: number;
  /** All of WWW-Authenticate. */
  readonly challenge: string;
  readonly contentType: string;
  readonly body: string;
};

/** Why there is none. */
export type Failure = { readonly failure: CheckOutcome; readonly detail: string };

export type Reply = Answer | Failure;

/** What is to be found out: whether a login is accepted, and an image may be pulled with it. */
export type Target = {
  readonly host: string;
  readonly image?: { readonly name: string; readonly reference: string };
};

/** Asks, one after another, until it is clear how the registry takes a credential. */
export type Conversation<T = Verdict> = Generator<Ask, T, Reply>;

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
  const api = findLoginKey(host) === HUB_KEY ? HUB_API : host;
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

/** How a registry wants to be shown a credential. */
type Way = { readonly product?: Product } & (
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: URL; readonly service: string | undefined }
);

function findWay(challenges: readonly Challenge[], base: Base): Way | Verdict {
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters;
  const basic = challenges.find(({ scheme }) => scheme === 'basic')?.parameters;
  if (!bearer) {
    const product = productOf(basic?.get('realm') ?? '');
    if (basic) return { scheme: 'basic', ...(product ? { product } : {}) };
    const because = 'it asks for a login in a way that no registry has';
    return { outcome: 'not-a-registry', status: 401, because };
  }
  const realm = judgeRealm(bearer.get('realm') ?? '', base);
  if ('url' in realm) return { scheme: 'bearer', realm: realm.url, service: bearer.get('service') };
  const { why: because, host } = realm;
  return { outcome: 'unsafe-realm', because, ...(host ? { host } : {}) };
}

function productOf(realm: string): Product | undefined {
  if (/artifactory/i.test(realm)) return 'artifactory';
  return /sonatype|nexus/i.test(realm) ? 'nexus' : undefined;
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

function productIn({ product }: Way): Pick<Way, 'product'> {
  return product ? { product } : {};
}

const FOR_NOBODY = {
  outcome: 'rejected',
  because: 'its token service hands out a token, but for nobody',
} as const;

/**
 * Some services give who sends a wrong password what they give to everybody. A token tells where it
 * is a JWT: its subject is empty if the client did not log in (distribution's token specification).
 */
function isForNobody(authorization: string): boolean {
  const [, payload = ''] = authorization.split('.');
  const { sub } = Object(parseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  return sub === '';
}

type Ticket = { readonly authorization: string };

function* findTicket(
  way: Way,
  credential: Credential | undefined,
  repository?: string,
): Conversation<Ticket | Verdict> {
  if (way.scheme === 'bearer') return yield* fetchToken(way, credential, repository);
  if (credential?.user !== IDENTITY_TOKEN_USER) return { authorization: basicOf(credential) };
  return { outcome: 'rejected', because: 'it takes passwords, and this is an identity token' };
}

function basicOf({ user, secret }: Credential = { user: '', secret: '' }): string {
  return `Basic ${Buffer.from(`${user}:${secret}`, 'utf8').toString('base64')}`;
}

function* fetchToken(
  way: Extract<Way, { scheme: 'bearer' }>,
  credential: Credential | undefined,
  repository?: string,
): Conversation<Ticket | Verdict> {
  const reply = yield tokenAsk(way, credential, repository);
  if ('failure' in reply) return failed(reply, AT_TOKENS);
  const { status, body } = reply;
  if (status >= 200 && status < 300) {
    const token = readToken(body);
    if (token !== undefined) return { authorization: `Bearer ${token}` };
    return { outcome: 'server-error', status, because: 'its token service hands out no token' };
  }
  const isIdentity = credential?.user === IDENTITY_TOKEN_USER;
  if (status === 401 || status === 403 || (isIdentity && status === 400))
    return { outcome: 'rejected', status, ...codeOf(body) };
  if (status >= 300 && status < 400)
    return { outcome: 'unsafe-realm', status, because: 'which leads on to another' };
  if (isIdentity && status === 404)
    return { outcome: 'rejected', status, because: 'it takes no identity tokens' };
  return { ...(judgeTrouble(status) ?? { outcome: 'server-error', status }), because: AT_TOKENS };
}

const AT_TOKENS = 'at its token service';

/** Distribution's token specification; an identity token goes the way of its OAuth 2 form. */
function tokenAsk(
  { realm, service }: Extract<Way, { scheme: 'bearer' }>,
  credential: Credential | undefined,
  repository: string | undefined,
): Ask {
  const scope = repository === undefined ? {} : { scope: `repository:${repository}:pull` };
  const about = { ...(service === undefined ? {} : { service }), ...scope };
  if (credential?.user === IDENTITY_TOKEN_USER) {
    const grant = { grant_type: 'refresh_token', refresh_token: credential.secret };
    const form = { ...grant, client_id: 'registry-auth', ...about };
    return { method: 'POST', url: realm.href, form, isRead: true };
  }
  const url = new URL(realm);
  const account = credential ? { account: credential.user } : {};
  for (const [name, value] of Object.entries({ ...about, ...account }))
    url.searchParams.set(name, value);
  const authorization = credential ? { authorization: basicOf(credential) } : {};
  return { method: 'GET', url: url.href, isRead: true, ...authorization };
}

/** What a header can hold, of either name that services give it. */
function readToken(body: string): string | undefined {
  const { token, access_token: other } = Object(parseJson(body)) as Record<string, unknown>;
  return [token, other].find((one) => typeof one === 'string' && /^[!-~]+$/.test(one)) as
    | string
    | undefined;
}

/** The names of errors that the distribution specification has: no other word is repeated. */
const CODES = ['UNAUTHORIZED', 'DENIED', 'NAME_UNKNOWN', 'TOOMANYREQUESTS', 'UNSUPPORTED'];

function codeOf(body: string): { code?: string } {
  const { errors } = Object(parseJson(body)) as { errors?: unknown };
  const first = Array.isArray(errors) ? Object(errors[0]).code : undefined;
  const code = CODES.find((one) => one === first);
  return code ? { code } : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

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

/** Whatever was asked for. */
function judgeTrouble(status: number): Verdict | undefined {
  if (status === 429) return { outcome: 'rate-limited', status };
  if (status >= 500) return { outcome: 'server-error', status };
  const isRedirect = status >= 300 && status < 400;
  const because = 'it leads on to another address, where no credential is sent';
  return isRedirect ? { outcome: 'not-a-registry', status, because } : undefined;
}

function failed({ failure: outcome, detail }: Failure, place?: string): Verdict {
  return { outcome, because: [detail, place].filter(Boolean).join(' ') };
}
