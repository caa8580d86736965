/** Commands inside a sentence, which you copy from there. */
const PROGRAM =
  '(?:registry-auth (?:apply|status|check|logout|export|hook|--help)|(?:docker|podman) (?:login|logout|pull)|(?:helm|regctl) registry log(?:in|out)|kubectl apply|chmod|chown)';
const WORD =
  '(?: (?:--?[\\w-]*|kubernetes|[a-z]{1,4}[-+=][a-z]+|[A-Z][A-Z_|]+|~?[\\w@-]*[./:~][^ ;]*))';
const COMMAND = new RegExp(`${PROGRAM}${WORD}*(?: (?:&&|\\|) ${PROGRAM}${WORD}*)*`, 'g');
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

/** Any narrower text is unreadable. */
const NARROWEST = 30;

/**
 * Breaks a line between words for a terminal of this width, and indents the rest. Never breaks a
 * command or a word. Without a width the line stays as it is.
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

/** No text contains it: `plain` escapes control characters. */
const GLUE = '\u0001';

function lengthOf(text: string): number {
  return text.replace(COLOUR, '').length;
}
