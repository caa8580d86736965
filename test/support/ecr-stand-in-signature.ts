import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestSigner } from 'aws4';

/** An IAM user, or a session of one, that the stand-in knows. */
export interface Identity {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  account: string;
  /** The name of an action that its policy does not allow. */
  denied?: string;
  /** Its session token is no longer good. */
  expired?: boolean;
  /** When a role's keys end, in milliseconds on the stand-in's clock. */
  until?: number;
  /** The name of the role that it is a session of. */
  role?: string;
}

/** A refusal in the words of AWS; the name goes into `__type`. */
export interface Refusal {
  name: string;
  message: string;
  status?: number;
}

export interface SignedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

export interface Expectation {
  identities: Identity[];
  service: string;
  /** Any region when undefined. */
  region: string | undefined;
  now: number;
}

export interface Verified {
  identity: Identity;
  region: string;
}

/** AWS allows five minutes for most services, ECR among them. */
const MAX_SKEW_MINUTES = 5;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<key>[^/,]+)\/(?<date>\d{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request, *SignedHeaders=(?<signed>[a-z0-9;-]+), *Signature=(?<signature>[0-9a-f]{64})$/;

type Claim = Record<'key' | 'date' | 'region' | 'service' | 'signed' | 'signature', string>;

/** Who signed the request, after everything AWS would check was checked; else AWS's refusal. */
export function verifySignature(
  request: SignedRequest,
  expected: Expectation,
): Verified | { refusal: Refusal } {
  const header = request.headers.authorization;
  if (header === undefined) {
    return refuse('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const claim = AUTHORIZATION.exec(header)?.groups as Claim | undefined;
  if (!claim) {
    return refuse('IncompleteSignatureException', 'Authorization header is not in the right form.');
  }
  const identity = expected.identities.find(({ accessKeyId }) => accessKeyId === claim.key);
  if (!identity || request.headers['x-amz-security-token'] !== identity.sessionToken) {
    return refuse(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  if (identity.expired || (identity.until ?? Number.POSITIVE_INFINITY) <= expected.now) {
    return refuse('ExpiredTokenException', 'The security token included in the request is expired');
  }
  const fault =
    findDateFault(request.headers['x-amz-date'], claim.date, expected.now) ??
    findScopeFault(claim, expected) ??
    findUnsignedHeader(request.headers, claim.signed.split(';')) ??
    findSignatureFault(request, claim, identity);
  return fault === undefined
    ? { identity, region: claim.region }
    : refuse('InvalidSignatureException', fault);
}

function refuse(name: string, message: string): { refusal: Refusal } {
  return { refusal: { name, message } };
}

function findDateFault(
  date: string | undefined,
  scopeDate: string,
  now: number,
): string | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
    .exec(date ?? '')
    ?.slice(1)
    .map(Number);
  if (!date?.startsWith(scopeDate) || !parts) {
    return 'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP';
  }
  const [year = 0, month = 0, day, hour, minute, second] = parts;
  const signedAt = Date.UTC(year, month - 1, day, hour, minute, second);
  const slack = MAX_SKEW_MINUTES * 60_000;
  if (signedAt < now - slack) {
    return `Signature expired: ${date} is now earlier than ${amzDate(now - slack)} (${amzDate(now)} - ${MAX_SKEW_MINUTES} min.)`;
  }
  if (signedAt > now + slack) {
    return `Signature not yet current: ${date} is still later than ${amzDate(now + slack)} (${amzDate(now)} + ${MAX_SKEW_MINUTES} min.)`;
  }
  return undefined;
}

function amzDate(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function findScopeFault(claim: Claim, { region, service }: Expectation): string | undefined {
  if (claim.service !== service)
    return `Credential should be scoped to correct service: '${service}'.`;
  if (region !== undefined && claim.region !== region) {
    return 'Credential should be scoped to a valid region.';
  }
  return undefined;
}

/** Like AWS: `host` and every `x-amz-` header must be signed. */
function findUnsignedHeader(headers: Record<string, string>, signed: string[]): string | undefined {
  const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const missing = needed.find((name) => !signed.includes(name));
  return missing && `'${missing}' must be a 'SignedHeader' in the AWS Authorization.`;
}

function findSignatureFault(
  request: SignedRequest,
  claim: Claim,
  identity: Identity,
): string | undefined {
  const own = Buffer.from(computeSignature(request, claim, identity));
  const isSame = timingSafeEqual(own, Buffer.from(claim.signature));
  return isSame
    ? undefined
    : 'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
}

function computeSignature(request: SignedRequest, claim: Claim, identity: Identity): string {
  const names = claim.signed.split(';');
  const headers = Object.fromEntries(names.map((name) => [name, request.headers[name] ?? '']));
  // aws4 trusts this header instead of hashing the body, so a changed body would pass.
  if (headers['x-amz-content-sha256'] !== undefined) {
    headers['x-amz-content-sha256'] = createHash('sha256').update(request.body).digest('hex');
  }
  // aws4 adds these to what it signs even when the client did not.
  const added = ['content-length', 'content-type', 'x-amz-security-token', 'host'];
  const signer = new RequestSigner(
    {
      method: request.method,
      host: request.headers.host ?? '',
      path: request.path,
      service: claim.service,
      region: claim.region,
      headers,
      body: request.body,
      extraHeadersToInclude: Object.fromEntries(names.map((name) => [name, true])),
      extraHeadersToIgnore: Object.fromEntries(added.map((name) => [name, true])),
    },
    { accessKeyId: identity.accessKeyId, secretAccessKey: identity.secretAccessKey },
  );
  signer.prepareRequest();
  return signer.signature();
}
