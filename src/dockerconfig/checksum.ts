import type { Triple } from '../secrets/triple.ts';

const { imul } = Math;

/** Zeros that fill the last word. */
const PADDING = '\0\0\0';

/**
 * 32 bits, mixed as in MurmurHash 3. Reads four bytes at a time, and with an index: a run is so
 * short that V8 interprets it, and each step of a loop counts for 100 registries.
 */
export function checksum(text: string, seed = 0x811c9dc5): number {
  // A copy, because a Buffer may begin in the middle of a word.
  const { buffer, byteOffset, length } = Buffer.from(text + PADDING);
  const words = new Int32Array(buffer.slice(byteOffset, byteOffset + (length & ~3)));
  let value = seed ^ (length - PADDING.length);
  for (let at = 0; at < words.length; at += 1) {
    value = imul(value ^ (words[at] ?? 0), 0xcc9e2d51);
    value ^= value >>> 15;
  }
  value = imul(value, 0x85ebca6b);
  return value ^ (value >>> 16);
}

export function toHex(sum: number): string {
  return (sum >>> 0).toString(16).padStart(8, '0');
}

/**
 * Shows whether two entries of one login mean the same, in 8 hex digits, so that no more than 32
 * bits of a secret are on a disk. It includes the login's name, so that equal secrets of two
 * registries do not look equal.
 */
export function entryChecksum(login: string, meaning: string): string {
  return toHex(checksum(`${login}\n${meaning}`));
}

export function tripleChecksum(login: string, triple: Triple): string {
  return entryChecksum(login, meaningOfTriple(triple));
}

/** Its credential without its ID; the meaning of its entry if nothing is exchanged. */
export function meaningOfTriple(triple: Triple): string {
  const { user, password, command, sessionToken = '', roleArn, externalId } = triple;
  const role = roleArn === undefined ? '' : JSON.stringify([roleArn, externalId]);
  const made = command === undefined ? '' : `\0${command}`;
  return `${user}\0${password}\0${sessionToken}\0${role}${made}`;
}

/** For where the secret is not kept: enough to show a rotation, too little to test guesses. */
export function shorten(sum: string | undefined): string | undefined {
  return sum?.slice(0, 4);
}

/** Either may be shortened. */
export function isSameChecksum(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
