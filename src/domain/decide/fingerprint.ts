import type { Triple } from '../triples/triple.ts';
import type { Marks } from './slot.ts';

/**
 * Tells whether two texts are the same without holding either: 32 bits of a keyed hash, in hex. So
 * few, because they lie on a disk: a text that holds a secret tells 32 bits of it, whatever becomes
 * of the hash's reputation, and of a weak one less than a longer hash would. Somebody's login meets
 * one of ours by chance once in four billion.
 */
export type Fingerprints = {
  readonly take: (text: string) => string;
  readonly matches: (fingerprint: string, text: string) => boolean;
  /** Of entries, whatever their spacing and the order of their members. */
  readonly entries: Marks;
  /** The key, once a fingerprint was taken under it. */
  readonly key: () => string | undefined;
};

/** Fingerprints under the key of a ledger; where it has none, under a new one (see makeKey). */
export function fingerprintsOf(given: string | undefined, newKey: string): Fingerprints {
  let key = given;
  const take = (text: string) => {
    key ??= newKey;
    return sumUnder(key, text);
  };
  const matches = (mark: string, text: string) => isFingerprint(mark, text, key);
  const entries: Marks = {
    take: (json) => take(entryText(json)),
    matches: (mark, json) => matches(mark, entryText(json)),
  };
  return { key: () => key, take, matches, entries };
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
  const { length } = text;
  for (let index = 0; index < length; index += 1)
    value = imul(value ^ text.charCodeAt(index), 0x01000193);
  return value;
}

const { imul } = Math;

export function toHex(sum: number): string {
  return (sum >>> 0).toString(16).padStart(8, '0');
}

/** What makes a triple another one: its credential. */
export function tripleText({ user, password, sessionToken, roleArn, externalId }: Triple): string {
  // Without a role as before there were any: ledgers remember it.
  if (roleArn === undefined) return JSON.stringify([user, password, sessionToken]);
  return JSON.stringify([user, password, sessionToken, roleArn, externalId]);
}

/** An entry's text, whatever the order of its members: docker rewrites it. */
export function entryText(json: unknown): string {
  const members = typeof json === 'object' && json !== null ? Object.entries(json).sort() : json;
  return JSON.stringify([JSON.stringify(members)]);
}
