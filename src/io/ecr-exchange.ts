import * as http from 'node:http';
import * as https from 'node:https';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  ECRPUBLICClient,
  GetAuthorizationTokenCommand as GetPublicAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr-public';
import type { Credential } from '../domain/config/auth.ts';
import { explainEcrFailure } from '../domain/ecr/failure.ts';
import type { EcrHost } from '../domain/ecr/host.ts';
import type { Problem } from '../domain/problem.ts';

export type EcrKeys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** A credential that has an end. */
export type EcrToken = Credential & { readonly expiresAt: number };

/** AWS, or something in its place, answered with success but without a usable token. */
export class EcrAnswerInvalid extends Error {
  override readonly name = 'EcrAnswerInvalid';
}

type PrivateHost = Extract<EcrHost, { kind: 'private' }>;
type PublicHost = Extract<EcrHost, { kind: 'public' }>;

/** What both services answer, as far as it matters; nothing in it can be relied on. */
type Answer = {
  readonly authorizationToken?: string | undefined;
  readonly expiresAt?: Date | undefined;
};

/** The only region whose ECR Public API hands out tokens. */
const PUBLIC_REGION = 'us-east-1';

/**
 * Exchanges AWS keys for a login to the registry. Only the given keys and the host's region are
 * used, whatever the environment and AWS's own files hold; `AWS_ENDPOINT_URL…` still counts.
 * Rejects with the SDK's error, with `AbortError` once the signal aborts, or with
 * `EcrAnswerInvalid`.
 */
export async function exchangeEcrKeys(
  host: EcrHost,
  keys: EcrKeys,
  signal: AbortSignal,
): Promise<EcrToken> {
  try {
    const answer =
      host.kind === 'public'
        ? await fetchPublic(host, keys, signal)
        : await fetchPrivate(host, keys, signal);
    return readAnswer(answer);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    throw new EcrAnswerInvalid('the answer is not what ECR sends', { cause: error });
  }
}

/**
 * The SDK lets its parser's own errors through; those of AWS and of the network are of other kinds.
 */
function isUnreadable(error: unknown): boolean {
  const hasResponse = (error as { $response?: unknown }).$response !== undefined;
  return hasResponse && (error instanceof SyntaxError || error instanceof TypeError);
}

async function fetchPrivate(host: PrivateHost, keys: EcrKeys, abortSignal: AbortSignal) {
  const client: ECRClient = new ECRClient({
    ...clientSettings(keys),
    region: host.region,
    useFipsEndpoint: async () => host.fips && !(await isEndpointConfigured(client.config)),
    useDualstackEndpoint: async () =>
      host.dualStack && !(await isEndpointConfigured(client.config)),
  });
  const command = new GetAuthorizationTokenCommand({ registryIds: [host.account] });
  const { authorizationData } = await client.send(command, { abortSignal });
  return authorizationData?.[0];
}

async function fetchPublic(host: PublicHost, keys: EcrKeys, abortSignal: AbortSignal) {
  const isDualStack = host.host.startsWith('ecr-public.');
  const client: ECRPUBLICClient = new ECRPUBLICClient({
    ...clientSettings(keys),
    region: PUBLIC_REGION,
    useFipsEndpoint: false,
    useDualstackEndpoint: async () => isDualStack && !(await isEndpointConfigured(client.config)),
  });
  const command = new GetPublicAuthorizationTokenCommand({});
  const { authorizationData } = await client.send(command, { abortSignal });
  return authorizationData;
}

/**
 * The SDK refuses FIPS and dual-stack beside an endpoint from AWS_ENDPOINT_URL…, which then has to
 * decide alone.
 */
async function isEndpointConfigured(config: {
  readonly serviceConfiguredEndpoint?: () => Promise<string | undefined>;
}): Promise<boolean> {
  return (await config.serviceConfiguredEndpoint?.()) !== undefined;
}

/**
 * Everything is set, so that no profile in AWS's files decides. Clients are never destroyed: that
 * would cut the shared agents.
 */
function clientSettings({ accessKeyId, secretAccessKey, sessionToken }: EcrKeys) {
  return {
    // White space gets in when values are pasted; no part of an AWS key contains any.
    credentials: {
      accessKeyId: accessKeyId.trim(),
      secretAccessKey: secretAccessKey.trim(),
      ...(sessionToken ? { sessionToken: sessionToken.trim() } : {}),
    },
    maxAttempts: 3,
    retryMode: 'standard',
    defaultsMode: 'standard' as const,
    authSchemePreference: ['sigv4'],
    userAgentAppId: 'registry-auth',
    requestHandler: {
      connectionTimeout: 3_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
      // Node gives only its global agents the proxies of the environment.
      httpAgent: http.globalAgent,
      httpsAgent: https.globalAgent,
    },
  };
}

function readAnswer(answer: Answer | undefined): EcrToken {
  const { authorizationToken, expiresAt } = answer ?? {};
  if (typeof authorizationToken !== 'string') throw new EcrAnswerInvalid('the answer has no token');
  const milliseconds = expiresAt instanceof Date ? expiresAt.getTime() : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new EcrAnswerInvalid('the answer has no expiry');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(authorizationToken)) {
    throw new EcrAnswerInvalid('the token is not base64');
  }
  const login = Buffer.from(authorizationToken, 'base64').toString('utf8');
  const colon = login.indexOf(':');
  if (colon < 1 || colon === login.length - 1) {
    throw new EcrAnswerInvalid('the token is not a user and a password');
  }
  return { user: login.slice(0, colon), secret: login.slice(colon + 1), expiresAt: milliseconds };
}

/** Why an exchange was rejected, in the user's words. */
export function explainError(error: unknown, host: EcrHost, id: string): Problem {
  const { name, message, code, cause, $metadata } = error as Error & {
    code?: string;
    cause?: { code?: string };
    $metadata?: { httpStatusCode?: number };
  };
  const errno = code ?? cause?.code;
  const failure = {
    name,
    message,
    aborted: name === 'AbortError' || name === 'TimeoutError',
    ...($metadata?.httpStatusCode === undefined ? {} : { httpStatus: $metadata.httpStatusCode }),
    ...(errno === undefined ? {} : { errno }),
  };
  return explainEcrFailure(failure, host, id);
}
