import type { Triple } from '../secrets/triple.ts';

const { imul } = Math;

/**
 * 32 bits, mixed as MurmurHash 3 does it. In words of four bytes: a run is so short that V8
 * interprets it, and character by character 100 registries took three times as long.
 */
export function checksum(text: string, seed = 0x811c9dc5): number {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.alloc((length + 3) & ~3);
  bytes.write(text);
  let value = seed ^ length;
  for (const word of new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)) {
    value = imul(value ^ word, 0xcc9e2d51);
    value ^= value >>> 15;
  }
  value = imul(value, 0x85ebca6b);
  return value ^ (value >>> 16);
}

export function toHex(sum: number): string {
  return (sum >>> 0).toString(16).padStart(8, '0');
}

/**
 * Tells whether two entries of one login mean the same without holding either, in 8 hex digits: so
 * few that no more than 32 bits of a secret are on a disk. The login's name is in it, so that equal
 * secrets of two registries do not look equal.
 */
export function entryChecksum(login: string, meaning: string): string {
  return toHex(checksum(`${login}\n${meaning}`));
}

export function tripleChecksum(login: string, triple: Triple): string {
  return entryChecksum(login, meaningOfTriple(triple));
}

/** Its credential without its ID; where nothing is exchanged, the meaning of its entry. */
export function meaningOfTriple(triple: Triple): string {
  const { user, password, command, sessionToken = '', roleArn, externalId } = triple;
  const role = roleArn === undefined ? '' : JSON.stringify([roleArn, externalId]);
  const made = command === undefined ? '' : `\0${command}`;
  return `${user}\0${password}\0${sessionToken}\0${role}${made}`;
}

/** Where no secret may rest: it shows a rotation, and finds not even a weak password by trying. */
export const SHORT_LENGTH = 4;

/** Either may be a short one. */
export function isSameChecksum(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
