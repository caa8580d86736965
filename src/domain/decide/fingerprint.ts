import type { Triple } from '../triples/triple.ts';

/**
 * Tells whether two texts are the same without holding either: 32 bits of a keyed hash, in hex. So
 * few, because they lie on a disk: a text that holds a secret tells 32 bits of it, whatever becomes
 * of the hash's reputation, and of a weak one less than a longer hash would. Somebody's login meets
 * one of ours by chance once in four billion.
 */
export type Fingerprints = {
  readonly take: (text: string) => string;
  readonly matches: (fingerprint: string, text: string) => boolean;
  /** The key, once a fingerprint was taken under it. */
  readonly key: () => string | undefined;
};

/** Fingerprints under the key of a ledger; where it has none, under a new one (see makeKey). */
export function fingerprintsOf(given: string | undefined, newKey: string): Fingerprints {
  let key = given;
  return {
    key: () => key,
    matches: (fingerprint, text) => isFingerprint(fingerprint, text, key),
    take: (text) => {
      key ??= newKey;
      return sumUnder(key, text);
    },
  };
}

/**
 * A key of fingerprints, by a random number from 0 to 1: with one of its own, a ledger does not
 * tell who else has the same password. It lies beside what it is the key of, and need not be hard
 * to guess.
 */
export function makeKey(random: number): string {
  return toHex(random * 2 ** 32);
}

/** What a ledger of version 1 has: SHA-256, in base64url. */
const OLD_LENGTH = 43;

/** Whether that is the fingerprint of a text, under the key of its ledger. */
export function isFingerprint(fingerprint: string, text: string, key: string | undefined): boolean {
  if (key === undefined) return false;
  if (fingerprint.length === OLD_LENGTH) return fingerprint === oldFingerprint(key + text);
  // Builds before the first release put a SHA-256 behind it.
  return fingerprint.startsWith(sumUnder(key, text));
}

function sumUnder(key: string, text: string): string {
  return toHex(checksum(text, checksum(key)));
}

/** Loading node:crypto takes a third of the time that Node takes to start. */
function oldFingerprint(text: string): string {
  const { hash } = require('node:crypto') as typeof import('node:crypto');
  return hash('sha256', text, 'base64url');
}

/**
 * 32 bits, by FNV-1a; other offsets give other sums, and a sum goes on from that of the text
 * before.
 */
export function checksum(text: string, offset = 0x811c9dc5): number {
  let value = offset;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value;
}

export function toHex(sum: number): string {
  return (sum >>> 0).toString(16).padStart(8, '0');
}

/** What makes a triple another one: its credential. */
export function tripleText({ user, password, sessionToken, roleArn, externalId }: Triple): string {
  // Without a role as before there were any: ledgers remember it.
  const role = roleArn === undefined ? [] : [roleArn, externalId];
  return JSON.stringify([user, password, sessionToken, ...role]);
}

/** An entry's text, whatever its spacing and the order of its members: docker rewrites both. */
export function entryText(raw: string): string {
  const value: unknown = JSON.parse(raw);
  const members =
    typeof value === 'object' && value !== null ? Object.entries(value).sort() : value;
  return JSON.stringify([JSON.stringify(members)]);
}
