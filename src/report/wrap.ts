/** What is typed in the middle of a sentence, and copied from there. */
const PROGRAM =
  '(?:registry-auth (?:apply|status|check|logout|export|hook|--help)|(?:docker|podman) (?:login|logout|pull)|(?:helm|regctl) registry log(?:in|out)|kubectl apply|chmod|chown)';
const WORD =
  '(?: (?:--?[\\w-]*|kubernetes|[a-z]{1,4}[-+=][a-z]+|[A-Z][A-Z_|]+|~?[\\w@-]*[./:~][^ ;]*))';
const COMMAND = new RegExp(`${PROGRAM}${WORD}*(?: (?:&&|\\|) ${PROGRAM}${WORD}*)*`, 'g');
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

/** Narrower than this nothing can be read. */
const NARROWEST = 30;

/**
 * Breaks a line between words, for a terminal of this width; what follows is indented. A command is
 * never broken, nor is a word. Without a width all stays as it is.
 */
export function wrapLine(line: string, width: number | undefined, indent: number): string {
  if (width === undefined || width < NARROWEST) return line;
  const start = /^ */.exec(line)?.[0] ?? '';
  const glued = line.slice(start.length).replace(COMMAND, (text) => text.replaceAll(' ', GLUE));
  const hanging = ' '.repeat(indent <= width / 2 ? indent : 4);
  const lines: string[] = [];
  let current = start;
  for (const word of glued.split(' ')) {
    const isFirst = current.trim() === '';
    const longer = isFirst ? current + word : `${current} ${word}`;
    if (!isFirst && lengthOf(longer) > width) {
      lines.push(current.trimEnd());
      current = hanging + word;
    } else current = longer;
  }
  return [...lines, current].join('\n').replaceAll(GLUE, ' ');
}

/** No text has it: `plain` escapes what controls a terminal. */
const GLUE = '\u0001';

function lengthOf(text: string): number {
  return text.replace(COLOUR, '').length;
}
