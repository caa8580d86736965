import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { BUILT } from './support/built.ts';
import { scratchHome } from './support/process.ts';
import { runNode } from './support/run.ts';

jest.setTimeout(30_000);

type Option = { readonly type: string; readonly default: unknown; readonly description: string };
type Manifest = {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly options: Readonly<Record<string, Option>>;
};

const CLI = resolve('node_modules', '@devcontainers', 'cli', 'devcontainer.js');
const NOTES = readFileSync('features/registry-auth/NOTES.md', 'utf8');
const MANIFEST: Manifest = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));
const OPTIONS = Object.entries(MANIFEST.options);

/** What the dev container CLI makes of the manifest and NOTES: the page that people read. */
let page = '';

beforeAll(async () => {
  const collection = scratchHome();
  cpSync(BUILT, join(collection, MANIFEST.id), { recursive: true });
  const where = ['--project-folder', collection, '--namespace', 'octo-org/tools'];
  const finished = await runNode(CLI, ['features', 'generate-docs', ...where]);
  expect(finished).toMatchObject({ status: 0, stdout: '' });
  page = readFileSync(join(collection, MANIFEST.id, 'README.md'), 'utf8');
});

const headings = (text: string) => withoutCode(text).match(/^#+ .*$/gm) ?? [];

/** Text without what stands in it letter by letter, be it a `<` or a `#`. */
function withoutCode(text: string): string {
  return text.replace(/^```.*?^```$/gms, '').replace(/`[^`]+`/g, '');
}

test('the page has one title, and each heading once', () => {
  const { name, id, version } = MANIFEST;
  const [title, ...others] = headings(page);
  expect(title).toBe(`# ${name} (${id})`);
  expect(others).toEqual(['## Example Usage', '## Options', ...headings(NOTES)]);
  expect(new Set(others).size).toBe(others.length);
  expect(others.filter((one) => one.startsWith('# '))).toEqual([]);
  expect(page).not.toMatch(/^.+\n(?:=+|-+)$/m);
  const [major] = version.split('.');
  expect(page.match(/^ +"ghcr\.io\/.*$/gm)).toEqual([
    `    "ghcr.io/octo-org/tools/${id}:${major}": {}`,
  ]);
});

test('the page has every option in its table, and NOTES has a paragraph on each', () => {
  const rows = page.match(/^\|.*$/gm) ?? [];
  const told = OPTIONS.map(([name, { description, type, default: value }]) => {
    return `| ${name} | ${description} | ${type} | ${value === '' ? '-' : value} |`;
  });
  expect(rows).toEqual([expect.any(String), expect.stringMatching(/^[|-]+$/), ...told]);
  const [, inDepth = ''] = /^## Options in depth\n\n(.*?)^## /ms.exec(NOTES) ?? [];
  const explained = inDepth.trim().split('\n\n');
  expect(explained.map((one) => /^`(\w+)`/.exec(one)?.[1])).toEqual(OPTIONS.map(([name]) => name));
});

test('NOTES stands on the page to the letter, and so does the description', () => {
  expect(page.split(NOTES)).toHaveLength(2);
  expect(page.split(MANIFEST.description)).toHaveLength(2);
});

test('nothing on the page is taken for a tag, which would not be seen', () => {
  expect(withoutCode(page)).not.toMatch(/</);
});

test('NOTES leaves to the CLI what the CLI makes', () => {
  expect(NOTES).not.toMatch(/^# |^\||"ghcr\.io\/.*\/registry-auth|OWNER\/REPOSITORY/m);
  expect(NOTES.startsWith('## ')).toBe(true);
});

test('NOTES has no sign that the CLI replaces by a piece of the page', () => {
  expect(NOTES).not.toMatch(/\$[$&`']/);
});

test('NOTES shows the path of the archive that is pinned', () => {
  const [, archive] = /`v[\d.]+\/(node-v[\w.-]+)` below it/.exec(NOTES) ?? [];
  const pinned = readFileSync('features/registry-auth/node-runtime.txt', 'utf8');
  expect(pinned).toContain(`  ${archive}\n`);
});
