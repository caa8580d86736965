import type { Credential } from '../dockerconfig/auth-entry.ts';
import { findProvider } from '../providers/find.ts';
import { loginName } from '../registries/keys.ts';
import { type Authorization, fetchAuthorization, isAnonymous } from './auth.ts';
import type { HttpResponse, Send, SendResult } from './request.ts';
import { type CheckResult, judgeStatus } from './result.ts';
import { type AuthScheme, findScheme, hostnameOf, isLoopback, type RegistryApi } from './scheme.ts';

/** The target of a check: whether its registry accepts a credential, and for which image. */
export type Target = { readonly host: string; readonly image?: PullImage | undefined };

type PullImage = { readonly name: string; readonly reference: string };

type Session = {
  readonly api: RegistryApi;
  readonly image: PullImage | undefined;
  readonly credential: Credential | undefined;
  readonly send: Send;
};

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Checks whether a registry accepts a credential (distribution's API and token specifications). The
 * credential goes to the registry's own host, and to a token service only if that is safe. A token
 * does not prove that the credential was accepted, so we use it.
 */
export async function checkRegistry(
  { host, image }: Target,
  credential: Credential | undefined,
  send: Send,
): Promise<CheckResult> {
  // No URL can hold such a name: 10.0.0.256, or xn-- before invalid punycode.
  if (!URL.canParse(`https://${host}`)) return { outcome: 'name-unknown' };
  const { api, response } = await ping(host, send);
  if ('outcome' in response) return response;
  const session = { api, image, credential, send };
  if (isOpen(response)) return checkOpen(session);
  const { status, challenge } = response;
  if (status === 401) return checkClosed(session, challenge);
  if (status !== 403) return judgeStatus(status, 'not-a-registry');
  return { outcome: 'rejected', status, because: 'before it asks for a password' };
}

/** A registry on this machine may have no TLS; every other one must. */
async function ping(host: string, send: Send): Promise<{ api: RegistryApi; response: SendResult }> {
  const { apiHost = host, tokenHosts } = findProvider(loginName(host));
  const pingOver = async (isPlain: boolean) => {
    const api = { host: apiHost, isPlain, tokenHosts };
    return { api, response: await send({ method: 'GET', url: apiUrl(api) }) };
  };
  if (!isLoopback(hostnameOf(host))) return pingOver(false);
  const plain = await pingOver(true);
  // How a TLS server reacts to a request without TLS.
  if (plain.response.status !== 400 && !hasError(plain.response, /^(?:ECONNRESET|EPIPE|HPE_)/))
    return plain;
  const secure = await pingOver(false);
  const isSecure =
    !('outcome' in secure.response) ||
    hasError(secure.response, /^(?:CERT|DEPTH|SELF|UNABLE|ERR_TLS)_/);
  return isSecure ? secure : plain;
}

function hasError(response: SendResult, code: RegExp): boolean {
  return 'outcome' in response && code.test(response.because ?? '');
}

function apiUrl({ host, isPlain }: RegistryApi, path = ''): string {
  return `${isPlain ? 'http' : 'https'}://${host}/v2/${path}`;
}

/** A web site returns a page for any path. */
function isOpen({ status, contentType }: HttpResponse): boolean {
  return status === 200 && !/^text\/html/i.test(contentType);
}

async function checkOpen(session: Session): Promise<CheckResult> {
  const { image } = session;
  if (image === undefined) return { outcome: 'open' };
  const response = await fetchManifest(session, image);
  if ('outcome' in response || response.status !== 401) return judgePull(response, 'open');
  const scheme = findScheme(response.challenge, session.api);
  if (!session.credential || 'outcome' in scheme || scheme.scheme !== 'basic')
    return checkClosed(session, response.challenge);
  // Anyone may log in here, so only the image shows whether the password is good.
  const result = await pull(session, image, scheme);
  const { product } = scheme;
  return result.status === 401 ? { outcome: 'rejected', status: 401, product } : result;
}

async function checkClosed(session: Session, challenge: string): Promise<CheckResult> {
  const { image } = session;
  const scheme = findScheme(challenge, session.api);
  if ('outcome' in scheme) return scheme;
  if (!session.credential) return checkAnonymously(session, scheme);
  const login = await logIn(session, scheme);
  if (login.outcome !== 'accepted' || image === undefined) return login;
  const result = await pull(session, image, scheme);
  return result.outcome === 'rejected' ? { ...result, ...IMAGE_DENIED } : result;
}

const IMAGE_DENIED = { outcome: 'image-denied', isOfImage: true } as const;

/** Many registries require a token for every pull, and issue anonymous ones for public images. */
async function checkAnonymously(session: Session, scheme: AuthScheme): Promise<CheckResult> {
  const { image } = session;
  if (image === undefined || scheme.scheme === 'basic') return { outcome: 'incomplete' };
  const result = await pull(session, image, scheme);
  const isClosed = ['rejected', 'image-denied', 'image-not-found'].includes(result.outcome);
  return isClosed ? { outcome: 'incomplete', isOfImage: true } : result;
}

/** Names no repository, like `docker login`, so that permissions do not matter yet. */
async function logIn(session: Session, scheme: AuthScheme): Promise<CheckResult> {
  const authorization = await fetchAuthorization(scheme, session);
  if ('outcome' in authorization) return authorization;
  const url = apiUrl(session.api);
  const response = await session.send({ method: 'GET', url, ...authorization });
  if ('outcome' in response) return response;
  if (isOpen(response) && !isAnonymous(authorization)) return { outcome: 'accepted' };
  if (isOpen(response))
    return { outcome: 'rejected', because: 'its token service returned an anonymous token' };
  const { status } = response;
  if (status !== 401 && status !== 403) return judgeStatus(status, 'not-a-registry');
  if (scheme.scheme === 'basic') return { outcome: 'rejected', status, product: scheme.product };
  return { outcome: 'rejected', status, because: 'even with its own token' };
}

async function pull(session: Session, image: PullImage, scheme: AuthScheme): Promise<CheckResult> {
  const authorization = await fetchAuthorization(scheme, session, image.name);
  if ('outcome' in authorization) return authorization;
  const response = await fetchManifest(session, image, authorization);
  return judgePull(response, session.credential ? 'accepted' : 'open');
}

function fetchManifest(
  { api, send }: Session,
  { name, reference }: PullImage,
  authorization?: Authorization,
): Promise<SendResult> {
  const url = apiUrl(api, `${name}/manifests/${reference}`);
  return send({ method: 'HEAD', url, accept: MANIFESTS, ...authorization });
}

function judgePull(response: SendResult, success: 'accepted' | 'open'): CheckResult {
  if ('outcome' in response) return response;
  const { status } = response;
  if (status === 200) return { outcome: success, isOfImage: true };
  if (status === 401 || status === 403) return { ...IMAGE_DENIED, status };
  if (status === 404) return { outcome: 'image-not-found', isOfImage: true, status };
  return { ...judgeStatus(status, 'server-error'), because: 'asked for the image' };
}
