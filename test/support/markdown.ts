import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of code. */
export type Block = {
  readonly language: string;
  readonly text: string;
  /** The line that its fence opens in. */
  readonly line: number;
  /** The block that nothing but empty lines stands before. */
  readonly isFollowedBy: Block | undefined;
};

export type Page = {
  /** From the repository's root. */
  readonly path: string;
  readonly blocks: readonly Block[];
  /** Targets of links, as they are written. */
  readonly links: readonly string[];
  /** What `#…` can name. */
  readonly anchors: readonly string[];
  /** Pieces of code within a line of prose. */
  readonly spans: readonly string[];
};

/** README and every page below docs. */
export function readPages(): Page[] {
  const below = readdirSync('docs', { recursive: true, encoding: 'utf8' });
  const paths = below.filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
  return ['README.md', ...paths.sort()].map((path) => parsePage(path, readFileSync(path, 'utf8')));
}

export function parsePage(path: string, text: string): Page {
  const { blocks, prose } = splitBlocks(text);
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  const links = prose.replace(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g);
  return {
    path,
    blocks,
    spans,
    links: [...links].map(([, target = '']) => target),
    anchors: findAnchors(prose),
  };
}

type Written = { -readonly [Name in keyof Block]: Block[Name] };

function splitBlocks(text: string): { blocks: Block[]; prose: string } {
  const blocks: Written[] = [];
  const prose: string[] = [];
  const pieces = text.split(/^( *)```(\w*)\n([\s\S]*?)^ *```$/m);
  let line = 1;
  for (let at = 0; at < pieces.length; at += 4) {
    const [between = '', indent = '', language, code] = pieces.slice(at, at + 4);
    prose.push(between);
    line += between.split('\n').length - 1;
    if (language === undefined || code === undefined) continue;
    const block = { language, text: unindent(code, indent), line, isFollowedBy: undefined };
    const before = blocks.at(-1);
    if (before && between.trim() === '') before.isFollowedBy = block;
    blocks.push(block);
    line += code.split('\n').length;
  }
  return { blocks, prose: prose.join('') };
}

function unindent(code: string, indent: string): string {
  return indent === '' ? code : code.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
}

/** As GitHub makes them of headings. */
function findAnchors(prose: string): string[] {
  const counts = new Map<string, number>();
  return [...prose.matchAll(/^#{1,6} +(.*)$/gm)].map(([, title = '']) => {
    const words = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** Where a block stands, for the message of a test that fails. */
export function where({ path }: Page, { line }: Block): string {
  return `${path}:${line}`;
}

/** JSON with comments and commas at ends; a devcontainer.json's piece may lack its braces. */
export function parseJsonc(text: string): unknown {
  const bare = text
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1')
    .replace(/,(\s*[}\]])/g, '$1');
  return JSON.parse(bare.trim().startsWith('{') ? bare : `{${bare}}`);
}
