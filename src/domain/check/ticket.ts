import { type Credential, IDENTITY_TOKEN_USER } from '../../dockerconfig/auth-entry.ts';
import { type Ask, type Conversation, failed, judgeTrouble } from './ask.ts';
import type { Challenge } from './challenge.ts';
import type { Product, Verdict } from './outcome.ts';
import { type Base, judgeRealm } from './realm.ts';

/** How a registry wants to be shown a credential. */
export type Way = { readonly product?: Product } & (
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: URL; readonly service: string | undefined }
);

export function findWay(challenges: readonly Challenge[], base: Base): Way | Verdict {
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

export function productIn({ product }: Way): Pick<Way, 'product'> {
  return product ? { product } : {};
}

/** What is shown with a request. */
export type Ticket = { readonly authorization: string };

export function* findTicket(
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

/**
 * Some services give who sends a wrong password what they give to everybody. A token tells where it
 * is a JWT: its subject is empty if the client did not log in (distribution's token specification).
 */
export function isForNobody(authorization: string): boolean {
  const [, payload = ''] = authorization.split('.');
  const { sub } = Object(parseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  return sub === '';
}
