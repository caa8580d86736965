import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/** A function that begins with one of these looks or thinks, and changes nothing. */
const PURE = /^(?:find|parse|plan|resolve|render)(?![a-z])/;

const OUTSIDE =
  /^import (?!type)(?<names>[^;]*?) from 'node:(?:fs|fs\/promises|http|https|net|tls|child_process)';/gm;

/** What begins a declaration of the module itself: the formatter puts nothing else at a margin. */
const DECLARATION = /^(?=(?:export )?(?:async )?(?:function|const|let|class|type|interface) )/m;

const wordsOf = (code: string) => new Set(code.match(/[\w$]+/g));

/** The functions whose name promises that they do nothing outside, but which do, or call one. */
function findLiars(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const outside = [...code.matchAll(OUTSIDE)].flatMap(([, names = '']) => [...wordsOf(names)]);
  const doers = new Set(outside);
  doers.delete('type');
  const declarations = code.split(DECLARATION).flatMap((body) => {
    const name = /^(?:export )?(?:async )?(?:function|const) (\w+)/.exec(body)?.[1];
    return name === undefined ? [] : [{ name, words: wordsOf(body) }];
  });
  for (let before = -1; before < doers.size; ) {
    before = doers.size;
    for (const { name, words } of declarations)
      if ([...words].some((word) => word !== name && doers.has(word))) doers.add(name);
  }
  return declarations.map(({ name }) => name).filter((name) => PURE.test(name) && doers.has(name));
}

test('sees who reads a file, by itself or through another, and who does not', () => {
  const text = [
    "import { readFileSync as read } from 'node:fs';",
    "import type { Stats } from 'node:fs';",
    "const load = (path: string) => read(path, 'utf8');",
    'const findHome = (path: string) => load(path).trim();',
    'export async function parse(path: string) {\n  return load(path);\n}',
    '/** Does not read. */',
    'const parseHome = (stats: Stats) => String(stats.uid);',
    'const finder = (path: string) => load(path);',
  ].join('\n');
  expect(findLiars(text)).toEqual(['findHome', 'parse']);
});

test('a function that finds, parses, plans, resolves or renders does nothing outside', () => {
  const src = join(__dirname, '../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
  const liars = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      findLiars(readFileSync(join(src, file), 'utf8')).map((name) => `${file}: ${name}`),
    );
  expect(liars).toEqual([]);
});

test('no type has its name twice', () => {
  const src = join(__dirname, '../src');
  const names = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap(
      (file) =>
        readFileSync(join(src, file), 'utf8').match(
          /^(?:export )?(?:type|interface|class) \w+/gm,
        ) ?? [],
    )
    .map((declaration) => declaration.split(' ').at(-1));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
