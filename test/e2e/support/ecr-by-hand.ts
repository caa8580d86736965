import { sign } from 'aws4';
import type { EcrStandIn } from '../../support/ecr-stand-in.ts';
import type { Identity } from '../../support/ecr-stand-in-signature.ts';

/** A token as a user gets it from AWS's own command line. */
export async function exchangeByHand(standIn: EcrStandIn, identity: Identity): Promise<string> {
  const { account, accessKeyId, secretAccessKey } = identity;
  const headers = {
    'Content-Type': 'application/x-amz-json-1.1',
    'X-Amz-Target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
  };
  const body = JSON.stringify({ registryIds: [account] });
  const { host } = new URL(standIn.url);
  const where = { host, path: '/', service: 'ecr', region: 'us-east-1' };
  const signed = sign(
    { method: 'POST', ...where, headers, body },
    { accessKeyId, secretAccessKey },
  ).headers;
  const response = await fetch(standIn.url, { method: 'POST', headers: signed, body });
  const { authorizationData } = (await response.json()) as {
    authorizationData: { authorizationToken: string }[];
  };
  const login = Buffer.from(authorizationData[0]?.authorizationToken ?? '', 'base64');
  return `${login}`.slice('AWS:'.length);
}
