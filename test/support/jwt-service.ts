import { randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Heard, Loopback } from './loopback.ts';
import { json, type Said, startLoopback } from './loopback.ts';
import { runOrThrow } from './run.ts';

/** A key and a certificate that signs itself, in files. */
export type Certificate = { readonly key: string; readonly certificate: string };

/** Makes a certificate for `localhost` that nobody else trusts. */
export async function makeCertificate(folder: string, name = 'localhost'): Promise<Certificate> {
  const key = join(folder, `${name}.key`);
  const certificate = join(folder, `${name}.crt`);
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await runOrThrow('openssl', [
    ...['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', certificate],
  ]);
  return { key, certificate };
}

/**
 * A token service for a real registry, by distribution's token specification: it signs tokens that
 * the registry verifies. `ada` with her password may pull what is below `team/`, and nothing else.
 */
export function startTokenService(
  { key, certificate }: Certificate,
  users: Readonly<Record<string, string>>,
): Promise<Loopback> {
  const signing = readFileSync(key, 'utf8');
  const chain = [readFileSync(certificate, 'utf8').replace(/-----[^-]+-----|\s/g, '')];
  return startLoopback((heard) => answer(heard));

  function answer({ method, authorization, query, body }: Heard): Said {
    const form = new URLSearchParams(body);
    const user = method === 'POST' ? form.get('refresh_token') : userOf(authorization);
    const isKnown = method === 'POST' ? user === users.identity : user !== undefined;
    if (!isKnown) return json({ errors: [{ code: 'UNAUTHORIZED', message: 'no' }] }, 401);
    const asked = [...query.getAll('scope'), form.get('scope') ?? ''].join(' ');
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'tests',
      sub: 'ada',
      aud: query.get('service') ?? form.get('service'),
      nbf: now - 10,
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
      access: accessOf(asked),
    };
    return json({ token: sealed({ typ: 'JWT', alg: 'ES256', x5c: chain }, claims) });
  }

  function userOf(authorization = ''): string | undefined {
    const [user = '', ...password] = Buffer.from(authorization.slice('Basic '.length), 'base64')
      .toString()
      .split(':');
    return Object.hasOwn(users, user) && users[user] === password.join(':') ? user : undefined;
  }

  function sealed(header: object, claims: object): string {
    const parts = [header, claims].map((part) => encode(JSON.stringify(part))).join('.');
    const signature = sign('sha256', Buffer.from(parts), {
      key: signing,
      dsaEncoding: 'ieee-p1363',
    });
    return `${parts}.${signature.toString('base64url')}`;
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function accessOf(scopes: string): object[] {
  return [...scopes.matchAll(/repository:(team\/[^:]+):(\S+)/g)].map(([, name, actions = '']) => ({
    type: 'repository',
    name,
    actions: actions.split(',').filter((action) => action === 'pull' || action === 'push'),
  }));
}
