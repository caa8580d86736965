import { attempt } from './attempt.ts';

/** The value of a JSON text; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  return attempt(() => JSON.parse(text));
}

/** Whether a text holds nothing but white space, by the rules of JSON. */
export function isBlank(text: string): boolean {
  return text === '' || !/[^ \t\r\n]/.test(text);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of an object; undefined if there is none, or the value is not an object. */
export function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The members of an object; none of any other value. */
export function membersOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

/** docker's own settings have four levels, and its decoder stops at 10,000. */
const MAX_DEPTH = 1_000;

/** Whether a value has too many levels for a function that calls itself. */
export function isTooDeep(value: unknown): boolean {
  return countKeys(value) === TOO_DEEP;
}

/** How many keys a value has, in all its objects; TOO_DEEP if it is too deep. */
export function countKeys(value: unknown, room = MAX_DEPTH): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (room === 0) return TOO_DEEP;
  const values = Object.values(value);
  let count = Array.isArray(value) ? 0 : values.length;
  for (const inside of values) count += countKeys(inside, room - 1);
  return count;
}

export const TOO_DEEP = Number.POSITIVE_INFINITY;

/** The end of the year 9999: later years have five digits, and far later ones are no dates. */
const LAST_TIME = 253_402_300_799_999;

/** Milliseconds since the epoch from another program; undefined if they are not valid. */
export function toTime(milliseconds: number): number | undefined {
  return milliseconds > 0 && milliseconds <= LAST_TIME ? milliseconds : undefined;
}
