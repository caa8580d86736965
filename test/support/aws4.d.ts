/** The part of aws4 that the ECR stand-in and its test use; the package ships no types. */
declare module 'aws4' {
  export type SigningRequest = {
    method: string;
    host: string;
    path: string;
    service: string;
    region: string;
    headers: Record<string, string>;
    body: string | Buffer;
    extraHeadersToIgnore?: Record<string, boolean>;
    extraHeadersToInclude?: Record<string, boolean>;
  };
  export type SigningKeys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  export class RequestSigner {
    constructor(request: SigningRequest, keys: SigningKeys);
    prepareRequest(): void;
    signature(): string;
  }
  export function sign(request: SigningRequest, keys: SigningKeys): SigningRequest;
}
