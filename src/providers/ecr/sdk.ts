import * as http from 'node:http';
import * as https from 'node:https';
import { type Readable, Transform } from 'node:stream';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  ECRPUBLICClient,
  GetAuthorizationTokenCommand as GetPublicAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr-public';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Credential } from '../../dockerconfig/auth-entry.ts';
import { toTime } from '../../json.ts';
import type { Triple } from '../../secrets/triple.ts';
import type { EcrHost } from './host.ts';

export { useProxies } from '../../io/proxies.ts';
export { explainError } from './failure.ts';

export type EcrKeys = Pick<Triple, 'user' | 'password' | 'sessionToken' | 'roleArn' | 'externalId'>;

type AwsKeys = ReturnType<typeof awsKeysOf>;

export type EcrToken = Credential & { readonly expiresAt: number };

/** AWS, or another server in its place, returned success without a usable token. */
class EcrAnswerInvalid extends Error {
  override readonly name = 'EcrAnswerInvalid';
}

/** The only region whose ECR Public API issues tokens. */
const PUBLIC_REGION = 'us-east-1';

/**
 * Exchanges AWS keys, or those of a role that they assume first, for a login to the registry. Uses
 * only the given keys and the host's region, and ignores AWS's settings in the environment and in
 * files, except `AWS_ENDPOINT_URL…`. Rejects with errors that `explainError` explains.
 */
export async function exchangeEcrKeys(
  host: EcrHost,
  keys: EcrKeys,
  signal: AbortSignal,
): Promise<EcrToken> {
  // The role's keys are used for this one request; only the token is cached.
  const used = keys.roleArn ? await assumeRole(host, keys, signal) : awsKeysOf(keys);
  return readable(async () => readAnswer(await fetchToken(host, used, signal)));
}

async function assumeRole(host: EcrHost, keys: EcrKeys, abortSignal: AbortSignal) {
  const client: STSClient = new STSClient(settingsFor(host, awsKeysOf(keys), () => client.config));
  const command = new AssumeRoleCommand({
    RoleArn: keys.roleArn,
    // Our name in the log of the role's account.
    RoleSessionName: 'registry-auth',
    ExternalId: keys.externalId,
  });
  try {
    return await readable(async () => {
      const { Credentials } = await client.send(command, { abortSignal });
      const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken)
        throw new EcrAnswerInvalid('the answer has no keys');
      const assumed = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
      return { ...assumed, sessionToken: SessionToken };
    });
  } catch (error) {
    throw Object.assign(error as Error, { isOfRole: true });
  }
}

/** Distinguishes a refusal by AWS from a response that AWS did not send. */
async function readable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    // The SDK throws its parser's errors unchanged; errors of AWS and the network have other names.
    const { name, $response } = Object(error);
    if ($response === undefined || !/^(?:Syntax|Type|Range)?Error$/.test(name)) throw error;
    throw new EcrAnswerInvalid('the answer is not what AWS sends', { cause: error });
  }
}

async function fetchToken(host: EcrHost, keys: AwsKeys, abortSignal: AbortSignal) {
  if (host.kind === 'public') {
    const client: ECRPUBLICClient = new ECRPUBLICClient(
      settingsFor(host, keys, () => client.config),
    );
    const command = new GetPublicAuthorizationTokenCommand({});
    return (await client.send(command, { abortSignal })).authorizationData;
  }
  const client: ECRClient = new ECRClient(settingsFor(host, keys, () => client.config));
  const command = new GetAuthorizationTokenCommand({ registryIds: [host.account] });
  return (await client.send(command, { abortSignal })).authorizationData?.[0];
}

type EndpointConfig = { readonly serviceConfiguredEndpoint?: () => Promise<string | undefined> };

/** Ignores the profiles in AWS's files. Destroying a client would close the shared agents. */
function settingsFor(host: EcrHost, credentials: AwsKeys, config: () => EndpointConfig) {
  // The SDK refuses FIPS and dual-stack together with an endpoint from AWS_ENDPOINT_URL….
  const isAws = async () => (await config().serviceConfiguredEndpoint?.()) === undefined;
  const isPublic = host.kind === 'public';
  const fips = !isPublic && host.fips;
  const dualStack = isPublic ? host.host.startsWith('ecr-public.') : host.dualStack;
  return {
    region: isPublic ? PUBLIC_REGION : host.region,
    useFipsEndpoint: async () => fips && isAws(),
    useDualstackEndpoint: async () => dualStack && isAws(),
    credentials,
    maxAttempts: 3,
    retryMode: 'standard',
    defaultsMode: 'standard' as const,
    authSchemePreference: ['sigv4'],
    userAgentAppId: 'registry-auth',
    requestHandler: {
      connectionTimeout: 3_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
      // They use the environment's proxies.
      httpAgent: http.globalAgent,
      httpsAgent: https.globalAgent,
    },
    extensions: [{ configure: boundAnswers }],
  };
}

type Handle = (...args: never[]) => Promise<{ readonly response: { body?: Readable } }>;

/** Stops reading longer answers than AWS ever sends: the SDK would keep all of it. */
function boundAnswers(configuration: { readonly httpHandler: () => unknown }): void {
  const handler = configuration.httpHandler() as { handle: Handle };
  const handle: Handle = handler.handle.bind(handler);
  handler.handle = async (...args) => {
    const result = await handle(...args);
    const { body } = result.response;
    if (body) result.response.body = bound(body);
    return result;
  };
}

const MAX_ANSWER_BYTES = 1 << 20;

function bound(body: Readable): Readable {
  let size = 0;
  const limit = new Transform({
    transform(chunk: Uint8Array, _, done) {
      size += chunk.length;
      if (size <= MAX_ANSWER_BYTES) return done(null, chunk);
      body.destroy();
      done(new EcrAnswerInvalid('the answer has no end'));
    },
  });
  return body.on('error', (error) => limit.destroy(error)).pipe(limit);
}

/** Pasting adds white space; no part of an AWS key contains any. */
function awsKeysOf({ user, password, sessionToken }: EcrKeys) {
  return {
    accessKeyId: user.trim(),
    secretAccessKey: password.trim(),
    ...(sessionToken ? { sessionToken: sessionToken.trim() } : {}),
  };
}

/** Any field may be missing or malformed. */
function readAnswer(answer: Awaited<ReturnType<typeof fetchToken>>): EcrToken {
  const { authorizationToken: token, expiresAt } = answer ?? {};
  const time = expiresAt instanceof Date ? toTime(expiresAt.getTime()) : undefined;
  const isBase64 = typeof token === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(token);
  const text = isBase64 ? Buffer.from(token, 'base64').toString('utf8') : '';
  const [, user, secret] = /^([^:]+):(.+)$/s.exec(text) ?? [];
  if (!user || !secret || time === undefined)
    throw new EcrAnswerInvalid('the answer has no user and password, or no expiry');
  return { user, secret, expiresAt: time };
}
