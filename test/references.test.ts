import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parsePage } from './support/markdown.ts';

/** Folders of the repository, and what lies beside them that refers to files. */
const FOLDERS = ['src', 'test', 'scripts', 'features', 'docs', '.ci', '.github', '.devcontainer'];
const BESIDE = readdirSync('.').filter((name) => /\.(?:md|json|js)$/.test(name));
const FILES = [...BESIDE, ...FOLDERS.flatMap(filesBelow)].filter(
  (path) => path !== 'package-lock.json',
);

/** Not of this repository: what packages call their license, and GitHub's own form. */
const OTHERS = new Set(['LICENSE.md', '../../security/advisories/new']);

const IN_FOLDER = /(?<![\w./@}-])(?:src|test|scripts|features|docs|\.ci|\.github)\/[\w./-]+\.\w+/g;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** What a text names and the repository does not have. */
function findDangling(path: string, text: string): string[] {
  const prose = joinLines(text).replace(/\bhttps?:\/\/[^\s)"'`]+/g, '');
  const pages = [...prose.matchAll(/[\w./@~-]*\w\.md\b/gi)].map(([name]) => name);
  const paths = [...prose.matchAll(IN_FOLDER)].map(([name]) => name);
  const links = path.endsWith('.md') ? parsePage(path, text).links : [];
  return [
    ...pages.filter((name) => !isThere(name, path) && !OTHERS.has(name)),
    ...paths.filter((name) => !name.endsWith('.md') && !existsSync(name)),
    ...links.filter((link) => !isFound(link, path) && !OTHERS.has(link)),
    ...findHeadings(prose).filter(([page, heading]) => !hasHeading(page, heading)),
  ].map(String);
}

/** A comment's sentence goes on in its next line. */
function joinLines(text: string): string {
  return text.replace(/\n[ \t]*(?:\*|\/\/|#)[ \t]/g, ' ');
}

/** From the root, beside the file that names it, or what the Feature ships. */
function isThere(name: string, from: string): boolean {
  return ['.', dirname(from), 'features/registry-auth'].some((folder) =>
    isFile(join(folder, name)),
  );
}

/** What lies beside the repository is on this machine alone. */
function isFile(path: string): boolean {
  return !path.startsWith('..') && existsSync(path);
}

function isFound(link: string, from: string): boolean {
  const [target = ''] = link.split('#');
  return target === '' || /^(?:https|mailto):/.test(target) || isFile(join(dirname(from), target));
}

/** `(docs/clients.md, Docker; crane)` names two headings of a page. */
function findHeadings(prose: string): [page: string, heading: string][] {
  return [...prose.matchAll(/\((docs\/\w+\.md), ([^)]+)\)/g)].flatMap(
    ([, page = '', headings = '']) =>
      headings.split('; ').map((one): [string, string] => [page, one]),
  );
}

function hasHeading(page: string, heading: string): boolean {
  if (!existsSync(page)) return true;
  return readFileSync(page, 'utf8').split('\n').includes(`## ${heading}`);
}

describe('a reference to a file', () => {
  test('leads to one of this repository', () => {
    const dangling = FILES.flatMap((path) =>
      findDangling(path, readFileSync(path, 'utf8')).map((name) => `${path}: ${name}`),
    );
    expect(FILES.length).toBeGreaterThan(200);
    expect(dangling).toEqual([]);
  });

  // In pieces, because this file is read too.
  const PAGE = `absent${'.md'}`;
  const CODE = `src${'/absent.ts'}`;
  const CLIENTS = `clients${'.md'}`;

  test.each([
    ['a page', `/** As others do (${PAGE} 1.2). */`, PAGE],
    ['a page of docs', `// see docs/${PAGE}`, `docs/${PAGE}`],
    ['a page beside the repository', `../${PAGE}`, `../${PAGE}`],
    ['a page without its folder', `(${CLIENTS}\n * 3)`, CLIENTS],
    ['a program', `the rules are in ${CODE}`, CODE],
    ['a heading', `(docs/${CLIENTS}, Docker;\n * Absent)`, `docs/${CLIENTS},Absent`],
  ])('that does not exist is found: %s', (_, text, name) => {
    expect(findDangling('src/world.ts', text)).toEqual([name]);
  });

  test('that does not exist is found in a link of a page', () => {
    const text = '[a](absent.svg) [b](README.md#words) [c](#d) [e](https://a.example/f.md)';
    expect(findDangling('docs/a', text)).toEqual([]);
    expect(findDangling(`docs/${PAGE}`, text)).toEqual(['absent.svg']);
  });
});
