/** One way in that a server offers (RFC 9110, 11.6.1). */
export type Challenge = {
  /** Lower case. */
  readonly scheme: string;
  /** By names in lower case; the first of two with one name. */
  readonly parameters: ReadonlyMap<string, string>;
};

const SEPARATORS = /[\s,]*/y;
const TOKEN = /[^\s,="]+/y;
const EQUALS = /[\t ]*=[\t ]*/y;
/** One that never ends goes to the end of the text. */
const QUOTED = /"((?:[^"\\]|\\.)*)(?:\\?$|")/sy;
const BARE = /[^\s,"]*/y;

/**
 * The challenges in the text of a WWW-Authenticate header, or of several with commas between them.
 * Whatever the text, it never throws, and looks at no character more than a few times.
 */
export function parseChallenges(text: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const takeValue = (): string => {
    const quoted = take(QUOTED);
    if (quoted) return (quoted[1] ?? '').replace(/\\(.)/gs, '$1');
    return take(BARE)?.[0] ?? '';
  };
  while (at < text.length) {
    take(SEPARATORS);
    const name = take(TOKEN)?.[0].toLowerCase();
    // What can begin neither a name nor a separator is skipped.
    if (name === undefined) at += 1;
    else if (!take(EQUALS)) challenges.push({ scheme: name, parameters: new Map() });
    else {
      const value = takeValue();
      const parameters = challenges.at(-1)?.parameters;
      if (parameters && !parameters.has(name)) parameters.set(name, value);
    }
  }
  return challenges;
}
