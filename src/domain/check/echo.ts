import type { Credential } from '../../dockerconfig/auth-entry.ts';

/** Shorter pieces turn up by chance. */
const PIECE = 6;

/**
 * Whether a text that a registry chose holds a piece of the credential, which it may have been sent
 * another time: such a text is not repeated. In no case, because names of hosts have none.
 */
export function isEcho(text: string, { user, secret }: Credential): boolean {
  const heard = text.toLowerCase();
  const bytes = Buffer.from(secret);
  const login = Buffer.from(`${user}:${secret}`);
  const forms = [
    secret,
    ...[bytes, login].flatMap((one) => [one.toString('hex'), one.toString('base64')]),
  ];
  return forms.some((form) => piecesOf(form.toLowerCase()).some((piece) => heard.includes(piece)));
}

function piecesOf(text: string): string[] {
  const count = Math.max(1, text.length - PIECE + 1);
  return Array.from({ length: count }, (_, start) => text.slice(start, start + PIECE));
}
