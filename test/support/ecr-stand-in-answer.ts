import { randomBytes } from 'node:crypto';
import {
  type Identity,
  type Refusal,
  type SignedRequest,
  verifySignature,
} from './ecr-stand-in-signature.ts';
import {
  type Answer,
  clock,
  nameOf,
  type RecordedRequest,
  type Service,
  type State,
  spoil,
} from './ecr-stand-in-state.ts';

const SERVICES: Record<string, Service> = {
  'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken': 'ecr',
  'SpencerFrontendService.GetAuthorizationToken': 'ecr-public',
};

/** Checks, records and answers one request; undefined when it is to stay without an answer. */
export function answer(state: State, request: SignedRequest): Answer | undefined {
  const service = SERVICES[request.headers['x-amz-target'] ?? ''];
  const record: RecordedRequest = {
    service,
    account: undefined,
    region: undefined,
    registryIds: readRegistryIds(request.body),
    outcome: 'ok',
  };
  state.requests.push(record);
  if (!service || request.method !== 'POST' || request.path !== '/') {
    return refuse(record, { name: 'UnknownOperationException', message: '' });
  }
  const { identities } = state;
  const region = service === 'ecr' ? state.region : 'us-east-1';
  const verified = verifySignature(request, { identities, service, region, now: clock(state) });
  if ('refusal' in verified) return refuse(record, verified.refusal);
  const { identity } = verified;
  record.account = identity.account;
  record.region = verified.region;
  record.role = identity.role;
  const spoilt = spoil(state, record, (refusal) => refuse(record, refusal));
  if (spoilt !== undefined) return spoilt.answer;
  const refusal =
    findDenial(identity, service) ??
    (service === 'ecr' ? findRegistryFault(identity, record.registryIds) : undefined);
  if (refusal) return refuse(record, refusal);
  return handOut(state, { service, account: identity.account, region: verified.region });
}

function refuse(record: RecordedRequest, { name, message, status = 400 }: Refusal): Answer {
  record.outcome = name;
  return { status, error: name, body: JSON.stringify({ __type: name, message }) };
}

function readRegistryIds(body: Buffer): unknown {
  try {
    return (JSON.parse(body.toString('utf8')) as { registryIds?: unknown }).registryIds;
  } catch {
    return undefined;
  }
}

function findDenial({ denied, account, role }: Identity, service: Service): Refusal | undefined {
  const needed = [`${service}:GetAuthorizationToken`];
  if (service === 'ecr-public') needed.push('sts:GetServiceBearerToken');
  if (denied === undefined || !needed.includes(denied)) return undefined;
  return {
    name: 'AccessDeniedException',
    message: `User: ${nameOf({ account, role })} is not authorized to perform: ${denied} on resource: * because no identity-based policy allows the ${denied} action`,
  };
}

/**
 * Stricter than AWS, which needs no `registryIds` and takes other accounts': mixed-up identities
 * must show.
 */
function findRegistryFault({ account }: Identity, ids: unknown): Refusal | undefined {
  if (Array.isArray(ids) && ids.length === 1 && ids[0] === account) return undefined;
  return {
    name: 'InvalidParameterException',
    message:
      "Invalid parameter at 'registryIds' failed to satisfy constraint: 'must be the account'",
  };
}

type Grant = { service: Service; account: string; region: string };

function handOut(state: State, { service, account, region }: Grant): Answer {
  const expiration = Math.floor(clock(state) / 1000) + state.lifetimeSeconds;
  const token = mintToken(expiration);
  state.tokens.push({ token, service, account, expiresAt: expiration * 1000 });
  const data = {
    authorizationToken: Buffer.from(`AWS:${token}`).toString('base64'),
    expiresAt: expiration,
  };
  const proxyEndpoint = `https://${account}.dkr.ecr.${region}.amazonaws.com`;
  const authorizationData = service === 'ecr' ? [{ ...data, proxyEndpoint }] : data;
  return { status: 200, body: JSON.stringify({ authorizationData }) };
}

/** As long and of the same make as a real one: base64 of JSON with the expiry in clear. */
function mintToken(expiration: number): string {
  const payload = randomBytes(1200).toString('base64');
  const datakey = randomBytes(136).toString('base64');
  const content = { payload, datakey, version: '2', type: 'DATA_KEY', expiration };
  return Buffer.from(JSON.stringify(content)).toString('base64');
}
