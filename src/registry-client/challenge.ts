/** One authentication scheme that a server offers (RFC 9110, 11.6.1). */
export type Challenge = {
  /** Lower case. */
  readonly scheme: string;
  /** By name in lower case; of two with one name, the first. */
  readonly parameters: ReadonlyMap<string, string>;
};

/**
 * A scheme, or a parameter with its value, quoted or bare; whatever stands between is skipped. A
 * quoted value without a closing quote extends to the end of the text.
 */
const PART = /([^\s,="]+)(?:[\t ]*=[\t ]*(?:"((?:[^"\\]|\\.)*)(?:\\?$|")|([^\s,"]*)))?/gs;

/**
 * The challenges in a WWW-Authenticate header, or in several with commas between them. It never
 * throws, and its time grows in proportion to the text.
 */
export function parseChallenges(text: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, word = '', quoted, bare] of text.matchAll(PART)) {
    const name = word.toLowerCase();
    const value = quoted?.replace(/\\(.)/gs, '$1') ?? bare;
    const parameters = challenges.at(-1)?.parameters;
    if (value === undefined) challenges.push({ scheme: name, parameters: new Map() });
    else if (parameters && !parameters.has(name)) parameters.set(name, value);
  }
  return challenges;
}
