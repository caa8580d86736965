import type { Triple } from '../triples/triple.ts';

/** Loaded when first needed: a tenth of the time that Node takes to start. */
const crypto = (): typeof import('node:crypto') => require('node:crypto');

/**
 * Tells whether two texts are the same without holding either: a keyed hash under a ledger's random
 * key, with 32 bits of a checksum before it. These tell most texts apart, and let a run that finds
 * everything as it should be do without node:crypto; they are far too few to find a text by.
 */
export type Fingerprints = {
  readonly take: (text: string) => string;
  readonly matches: (fingerprint: string, text: string) => boolean;
  /** By the checksum alone: false where they differ, or where that cannot be told so cheaply. */
  readonly mayMatch: (fingerprint: string, text: string) => boolean;
  /** The key; made when the first fingerprint is taken. */
  readonly key: () => string | undefined;
};

/** Fingerprints under the given key, or under a new one. */
export function fingerprintsOf(given: string | undefined): Fingerprints {
  let key = given;
  let start = checksum(key ?? '');
  const sum = (text: string) => toHex(checksum(text, start));
  const hash = (text: string) => crypto().hash('sha256', key + text, 'base64url');
  const mayMatch = (fingerprint: string, text: string) => fingerprint.startsWith(`${sum(text)}.`);
  return {
    key: () => key,
    mayMatch,
    take: (text) => {
      if (key === undefined) {
        key = crypto().randomBytes(32).toString('base64');
        start = checksum(key);
      }
      return `${sum(text)}.${hash(text)}`;
    },
    matches: (fingerprint, text) => {
      // Version 0.1.0 took them without the checksum.
      if (!fingerprint.includes('.')) return fingerprint === hash(text);
      return mayMatch(fingerprint, text) && fingerprint.endsWith(hash(text));
    },
  };
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
