import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tripleOf } from '../support/ecr-stand-in-identities.ts';

type Env = Readonly<Record<string, string>>;

function account(index: number): string {
  return String(100_000_000_000 + index);
}

export function ecrHost(index: number): string {
  return `${account(index)}.dkr.ecr.us-east-1.amazonaws.com`;
}

export function identities(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    accessKeyId: `AKIAIOSFODNN7EXAMP${String(index).padStart(2, '0')}`,
    // As long as a real one, and of its characters: any other would be looked at closely.
    secretAccessKey: `benchSecretOfALengthThatAWSsHave00000000${index}`.slice(-40),
    account: account(index),
  }));
}

export function ecrTriples(count: number): Env {
  const all = identities(count).map((one, index) => tripleOf(`E${index}`, ecrHost(index), one));
  return Object.assign({}, ...all);
}

/**
 * A token in the cache of Amazon's own helper, as version 0.6 writes it; returns the variables with
 * the keys that it is for.
 */
export function amazonsOwn(home: string): Env {
  const [identity] = identities(1);
  const { accessKeyId = '', secretAccessKey = '' } = identity ?? {};
  // It names a key by its text with the MD5 of nothing behind it.
  const sum = Buffer.concat([Buffer.from(accessKeyId), createHash('md5').digest()]);
  const entry = {
    AuthorizationToken: Buffer.from('AWS:a token').toString('base64'),
    ProxyEndpoint: `https://${ecrHost(0)}`,
    RequestedAt: new Date().toISOString(),
    ExpiresAt: new Date(Date.now() + 12 * 3_600_000).toISOString(),
    Service: 'ecr',
  };
  const key = `us-east-1-${sum.toString('base64')}-${account(0)}`;
  mkdirSync(join(home, '.ecr'), { recursive: true });
  const text = JSON.stringify({ Registries: { [key]: entry }, Version: '1.0' });
  writeFileSync(join(home, '.ecr/cache.json'), text, { mode: 0o600 });
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}
