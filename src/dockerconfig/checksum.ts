import type { Triple } from '../domain/triples/triple.ts';

/**
 * 32 bits, by FNV-1a; other offsets give other sums, and a sum goes on from that of the text
 * before.
 */
export function checksum(text: string, offset = 0x811c9dc5): number {
  let value = offset;
  const { length } = text;
  for (let index = 0; index < length; index += 1)
    value = imul(value ^ text.charCodeAt(index), 0x01000193);
  return value;
}

const { imul } = Math;

export function toHex(sum: number): string {
  return (sum >>> 0).toString(16).padStart(8, '0');
}

/**
 * Tells whether two texts of one login are the same without holding either: 8 hex digits. So few,
 * because they lie on a disk: whatever becomes of the sum, it tells no more than 32 bits of a
 * secret. The login's name is in it, so that equal secrets of two registries do not look equal.
 */
function sumFor(login: string, text: string): string {
  return toHex(checksum(text, checksum(`${login}\n`)));
}

/**
 * Of what an entry means (see meaningOf), whatever its form: docker writes it anew at each save.
 */
export function entryChecksum(login: string, meaning: string): string {
  return sumFor(login, meaning);
}

/** Of what makes a triple another one: its credential, and no ID. */
export function tripleChecksum(login: string, triple: Triple): string {
  const { user, password, sessionToken, roleArn, externalId } = triple;
  return sumFor(login, JSON.stringify([user, password, sessionToken, roleArn, externalId]));
}

/**
 * Where no secret may rest: enough to see a rotation, and too few to find even a weak password by
 * trying.
 */
export const SHORT_LENGTH = 4;

/** Whether two sums, of which either may be a short one, are of the same text. */
export function isSameChecksum(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
