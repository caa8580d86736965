type Screen = {
  readonly title: string;
  /** What was typed; nothing where the text is a piece of a log. */
  readonly command: string | undefined;
  /** With the colours of a terminal. */
  readonly text: string;
  readonly COLUMNS: number;
};

const WIDTH = 8.4;
const HEIGHT = 20;
const MARGIN = 20;

/** What the styles that our programs use are called in the picture. */
const CLASSES: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
};

/** A picture of a terminal, for light and dark pages. */
export function renderScreen({ title, command, text, COLUMNS }: Screen): string {
  const typed = command === undefined ? [] : [`\u001b[2m$\u001b[22m ${command}`];
  const lines = [...typed, ...text.trimEnd().split('\n')];
  const width = Math.ceil(COLUMNS * WIDTH + 2 * MARGIN);
  const height = lines.length * HEIGHT + 2 * MARGIN - 4;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
  <title id="title">${escapeText(title)}</title>
  <style>
    .card { fill: #ffffff; stroke: #d0d7de; }
    text {
      font-size: 14px;
      font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
      fill: #1f2328;
    }
    .bold { font-weight: 600; }
    .dim { fill: #59636e; }
    .red { fill: #b3202e; }
    .green { fill: #116329; }
    .yellow { fill: #7d4e00; }
    @media (prefers-color-scheme: dark) {
      .card { fill: #151b23; stroke: #3d444d; }
      text { fill: #f0f6fc; }
      .dim { fill: #9198a1; }
      .red { fill: #ff7b72; }
      .green { fill: #56d364; }
      .yellow { fill: #e3b341; }
    }
  </style>
  <rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" />
${lines.map(renderLine).join('\n')}
</svg>
`;
}

/** Each piece stands at its column, whatever font the reader has. */
function renderLine(line: string, index: number): string {
  const y = MARGIN + HEIGHT * index + 12;
  let column = 0;
  const pieces = findPieces(line).map(({ style, text }) => {
    const indent = text.length - text.trimStart().length;
    const words = text.trim();
    const x = MARGIN + (column + indent) * WIDTH;
    column += text.length;
    if (words === '') return '';
    const name = CLASSES[style] ? ` class="${CLASSES[style]}"` : '';
    const length = `textLength="${round(words.length * WIDTH)}"`;
    return `<text${name} x="${round(x)}" y="${y}" ${length} xml:space="preserve">${escapeText(words)}</text>`;
  });
  return `  ${pieces.join('')}`;
}

type Piece = { readonly style: string; readonly text: string };

/** A line's texts, each with the number of its style: no two of ours are in one another. */
function findPieces(line: string): Piece[] {
  const [first = '', ...others] = line.split('\u001b[');
  const rest = others.map((one) => {
    const [, style = '', text = ''] = /^(\d+)m(.*)$/.exec(one) ?? [];
    return { style, text };
  });
  return [{ style: '', text: first }, ...rest];
}

function round(number: number): string {
  return number.toFixed(1);
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
