import type { Identity, Refusal } from './ecr-stand-in-signature.ts';

export type Mode = 'ok' | 'throttle' | 'throttle-once' | 'hang' | 'garbage' | 'error-500';
export type Service = 'ecr' | 'ecr-public' | 'sts';

/** A role that STS knows, with what its policies say. */
export interface Role {
  arn: string;
  account: string;
  /** The accounts that its trust policy names. */
  trusts: string[];
  externalId?: string;
  /** The name of an action that its own policy does not allow. */
  denied?: string;
}

/** What a test may change between two requests. */
export interface Settings {
  identities: Identity[];
  /** What STS lets identities assume. */
  roles: Role[];
  mode: Mode;
  /** The only service whose answers `mode` and `rawBody` spoil; each one's when undefined. */
  spoils: Service | undefined;
  lifetimeSeconds: number;
  delayMs: number;
  /** How far the stand-in's clock is ahead of the machine's. */
  clockOffsetMs: number;
  /** AWS always sends `Date`, and SDKs correct their clock by it; a proxy may drop it. */
  sendsDate: boolean;
  /** How long a refusal asks to wait, as a header has it. */
  retryAfter?: string;
  /** The only region that a request may be signed for, of ECR Public apart; any when undefined. */
  region: string | undefined;
  /** Sent, with success, in place of an answer. */
  rawBody: string | undefined;
}

export interface HandedOut {
  token: string;
  service: Service;
  account: string;
  /** Milliseconds, on the stand-in's clock. */
  expiresAt: number;
}

/** What was asked; neither keys nor tokens are kept. */
export interface RecordedRequest {
  service: Service | undefined;
  /** Whose signature was verified, if any was. */
  account: string | undefined;
  region: string | undefined;
  /** Of a session of a role. */
  role?: string | undefined;
  registryIds: unknown;
  /** Of STS: whom somebody wanted to be, and under which name. */
  roleArn?: string | null;
  sessionName?: string | null;
  /** The name of the refusal, or the mode that spoilt the answer, or `ok`. */
  outcome: string;
}

/** What answering a request reads and adds to. */
export interface State extends Settings {
  readonly requests: RecordedRequest[];
  readonly tokens: HandedOut[];
}

export interface Answer {
  status: number;
  /** The name for `x-amzn-ErrorType`. */
  error?: string;
  body: string;
  /** Of the body, where it is no JSON. */
  type?: string;
}

export function clock(settings: Settings): number {
  return Date.now() + settings.clockOffsetMs;
}

/** What a test wants in place of an answer, if anything; no answer at all is one, too. */
export function spoil(
  state: State,
  record: RecordedRequest,
  refuse: (refusal: Refusal) => Answer,
): { answer: Answer | undefined } | undefined {
  const { mode, spoils, rawBody } = state;
  if (spoils !== undefined && spoils !== record.service) return undefined;
  if (rawBody !== undefined) return { answer: { status: 200, body: rawBody } };
  if (mode === 'ok') return undefined;
  record.outcome = mode;
  if (mode === 'hang') return { answer: undefined };
  if (mode === 'garbage') {
    return { answer: { status: 200, body: '<html>Welcome to the guest network</html>' } };
  }
  if (mode === 'error-500') {
    const message = 'Internal failure';
    return { answer: refuse({ name: 'ServerException', message, status: 500 }) };
  }
  if (mode === 'throttle-once') state.mode = 'ok';
  return { answer: refuse({ name: 'ThrottlingException', message: 'Rate exceeded' }) };
}

/** As AWS names an identity in its messages. */
export function nameOf({ account, role }: { account: string; role?: string | undefined }): string {
  return role === undefined
    ? `arn:aws:iam::${account}:user/ci`
    : `arn:aws:sts::${account}:assumed-role/${role}/session`;
}
