import { type Credential, IDENTITY_TOKEN_USER } from '../dockerconfig/auth-entry.ts';
import { parseJson } from '../json.ts';
import type { HttpRequest, Send, SendResult } from './request.ts';
import { type CheckResult, judgeStatus } from './result.ts';
import type { AuthScheme, BearerScheme } from './scheme.ts';

export type Authorization = { readonly authorization: string };

/** The authorization for the registry: Basic directly, Bearer with a token from its service. */
export async function fetchAuthorization(
  scheme: AuthScheme,
  { credential, send }: { readonly credential: Credential | undefined; readonly send: Send },
  repository?: string,
): Promise<Authorization | CheckResult> {
  if (scheme.scheme === 'bearer')
    return judgeTokenResponse(await send(tokenRequest(scheme, credential, repository)), credential);
  if (credential?.user !== IDENTITY_TOKEN_USER) return basicOf(credential);
  return { outcome: 'rejected', because: 'it accepts passwords, not identity tokens' };
}

function basicOf({ user, secret }: Credential = { user: '', secret: '' }): Authorization {
  return { authorization: `Basic ${Buffer.from(`${user}:${secret}`, 'utf8').toString('base64')}` };
}

const AT_TOKENS = 'at its token service';

function judgeTokenResponse(
  response: SendResult,
  credential: Credential | undefined,
): Authorization | CheckResult {
  if ('outcome' in response)
    return { ...response, because: [response.because, AT_TOKENS].filter(Boolean).join(' ') };
  const { status, body } = response;
  if (status >= 200 && status < 300) {
    const token = parseToken(body);
    if (token !== undefined) return { authorization: `Bearer ${token}` };
    return { outcome: 'server-error', status, because: 'its token service returned no token' };
  }
  const isIdentity = credential?.user === IDENTITY_TOKEN_USER;
  if (status === 401 || status === 403 || (isIdentity && status === 400))
    return { outcome: 'rejected', status, code: parseErrorCode(body) };
  if (status >= 300 && status < 400)
    return { outcome: 'unsafe-realm', status, because: 'which redirects to another' };
  if (isIdentity && status === 404)
    return { outcome: 'rejected', status, because: 'it accepts no identity tokens' };
  return { ...judgeStatus(status, 'server-error'), because: AT_TOKENS };
}

/** Distribution's token specification; an identity token needs its OAuth 2 form. */
function tokenRequest(
  { realm, service }: BearerScheme,
  credential: Credential | undefined,
  repository: string | undefined,
): HttpRequest {
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
  const authorization = credential ? basicOf(credential) : {};
  return { method: 'GET', url: url.href, isRead: true, ...authorization };
}

/** Services use either name; a text that no header can hold is not a token. */
function parseToken(body: string): string | undefined {
  const { token, access_token: other } = Object(parseJson(body));
  return [token, other].find((one) => typeof one === 'string' && /^[!-~]+$/.test(one));
}

/** Error codes of the distribution specification: we print no other text of a registry. */
const CODES = ['UNAUTHORIZED', 'DENIED', 'NAME_UNKNOWN', 'TOOMANYREQUESTS', 'UNSUPPORTED'];

function parseErrorCode(body: string): string | undefined {
  const { errors } = Object(parseJson(body));
  const code = Array.isArray(errors) ? Object(errors[0]).code : undefined;
  return CODES.find((one) => one === code);
}

/**
 * Some services answer a wrong password with an anonymous token. A JWT shows it: its subject is
 * empty if the client did not log in (distribution's token specification).
 */
export function isAnonymous({ authorization }: Authorization): boolean {
  const [, payload = ''] = authorization.split('.');
  const { sub } = Object(parseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  return sub === '';
}
