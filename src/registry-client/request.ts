import type { CheckResult } from './result.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly authorization?: string;
  readonly accept?: string;
  readonly form?: Readonly<Record<string, string>>;
  /** Whether to read the body of the response. */
  readonly isRead?: boolean;
};

export type HttpResponse = {
  readonly status: number;
  /** All WWW-Authenticate headers, joined by commas. */
  readonly challenge: string;
  readonly contentType: string;
  readonly body: string;
  readonly retryAfter?: string | undefined;
};

export type SendResult = HttpResponse | CheckResult;

/** Sends one request. Never rejects. */
export type Send = (request: HttpRequest) => Promise<SendResult>;
