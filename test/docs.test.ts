import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as ecrApi from '@aws-sdk/client-ecr';
import * as ecrPublicApi from '@aws-sdk/client-ecr-public';
import * as stsApi from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { parseCommand } from '../src/bin/command-line.ts';
import { PROVIDERS } from '../src/providers/find.ts';
import { discover } from '../src/registries/discover.ts';
import { OUTCOMES } from '../src/registry-client/result.ts';
import { COMMANDS, renderHelp } from '../src/report/help.ts';
import { KEY_STATES } from '../src/report/ready.ts';
import { parseJsonc, readPages, where } from './support/markdown.ts';
import { isOurs } from './support/page-commands.ts';
import { triple } from './support/triples.ts';

const PAGES = readPages();
const named = PAGES.map((page) => ({ path: page.path, page }));
const blocksOf = (...languages: string[]) =>
  PAGES.flatMap((page) =>
    page.blocks
      .filter(({ language }) => languages.includes(language))
      .map((block) => ({ page, block })),
  );

describe('links', () => {
  test.each(named)(
    'of $path lead to a page, and to a heading of it',
    ({ page: { path, links } }) => {
      const broken = links.filter(
        (link) => !/^(?:https|mailto):/.test(link) && !isFound(path, link),
      );
      expect(broken).toEqual([]);
    },
  );

  test('lead from README to every page', () => {
    const found = new Set(['README.md']);
    for (const path of found) {
      const links = PAGES.find((page) => page.path === path)?.links ?? [];
      for (const link of links) found.add(join(dirname(path), link.replace(/#.*/, '')));
    }
    expect(PAGES.map(({ path }) => path).filter((path) => !found.has(path))).toEqual([]);
  });
});

function isFound(from: string, link: string): boolean {
  const [target = '', anchor] = link.split('#');
  const path = target === '' ? from : join(dirname(from), target);
  const page = PAGES.find((one) => one.path === path);
  return existsSync(path) && (anchor === undefined || (page?.anchors.includes(anchor) ?? false));
}

describe('blocks', () => {
  test('are of kinds that these tests read', () => {
    const known = ['sh', 'json', 'jsonc', 'dotenv', 'text', 'yaml', 'mermaid'];
    const others = PAGES.flatMap((page) =>
      page.blocks
        .filter(({ language }) => !known.includes(language))
        .map((block) => where(page, block)),
    );
    expect(others).toEqual([]);
  });

  test('of shell are understood by sh', () => {
    const wrong = blocksOf('sh').flatMap(({ page, block }) => {
      const { status, stderr } = spawnSync('sh', ['-n'], { input: block.text, encoding: 'utf8' });
      return status === 0 ? [] : [`${where(page, block)}: ${stderr}`];
    });
    expect(wrong).toEqual([]);
  });

  test('of JSON can be parsed, and use options of ours as the manifest has them', () => {
    const { options } = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));
    for (const { page, block } of blocksOf('json', 'jsonc')) {
      const { language, text } = block;
      const given = optionsIn(language === 'json' ? JSON.parse(text) : parseJsonc(text));
      const wrong = Object.entries(given).filter(([name, value]) => !allows(options[name], value));
      expect([where(page, block), wrong]).toEqual([where(page, block), []]);
    }
  });
});

/** The options that a devcontainer.json gives to this Feature. */
function optionsIn(value: unknown): Record<string, unknown> {
  const { features = {} } = value as { features?: Record<string, Record<string, unknown>> };
  const ours = Object.entries(features).filter(([name]) => /\/registry-auth[:@]/.test(name));
  return Object.assign({}, ...ours.map(([, options]) => options));
}

type Option = { readonly type: string; readonly enum?: readonly unknown[] };

function allows(option: Option | undefined, value: unknown): boolean {
  return typeof value === option?.type && (option.enum?.includes(value) ?? true);
}

test('pages show the output of no programs but ours', () => {
  const others = blocksOf('sh').filter(
    ({ block }) => block.isFollowedBy?.language === 'text' && !isOurs(block),
  );
  const below = others.filter(({ page }) => page.path.startsWith('docs/'));
  expect(below.map(({ page, block }) => where(page, block))).toEqual([]);
});

test('the dev container CLI has the options that pages name', () => {
  const cli = 'node_modules/.bin/devcontainer';
  const { stdout } = spawnSync(cli, ['up', '--help'], { encoding: 'utf8' });
  const lines = blocksOf('sh').flatMap(({ block }) =>
    block.text.replaceAll('\\\n', ' ').match(/devcontainer up .*/g),
  );
  const named = lines.flatMap((line) => line?.match(/--[a-z-]+/g) ?? []);
  expect([named.length > 1, named.filter((name) => !stdout.includes(` ${name} `))]).toEqual([
    true,
    [],
  ]);
});

test('recipes name codes that there are', () => {
  const problem = readFileSync('src/problem.ts', 'utf8');
  const recipes = PAGES.filter(({ path }) => path.startsWith('docs/recipes/'));
  const codes = recipes
    .flatMap(({ spans }) => spans)
    .filter((span) => /^(?:ECR|GOOGLE_KEY)_[A-Z_]+$/.test(span) && !/_CONTAINER_/.test(span));
  expect([codes.length > 5, codes.filter((code) => !problem.includes(`'${code}'`))]).toEqual([
    true,
    [],
  ]);
});

describe('our commands', () => {
  const inBlocks = blocksOf('sh').flatMap(({ page, block }) => {
    const lines = block.text.replace(/\\\n\s*/g, '').split('\n');
    const found = lines.flatMap((line) => [
      ...line.matchAll(/(?:^|&& |\| |sudo (?:-\S+ )*)registry-auth( [^|&;>#]*)?/g),
    ]);
    return found.map(([, words = '']) => [where(page, block), words.trim()]);
  });
  const inProse = PAGES.flatMap(({ path, spans }) =>
    spans
      // One with brackets, PHASE or COMMAND tells how words may be put together.
      .filter((span) => span.startsWith('registry-auth ') && !/[[|…]|PHASE|COMMAND/.test(span))
      .map((span) => [path, span.slice('registry-auth '.length)]),
  );

  test('have words that the command line takes', () => {
    const wrong = [...inBlocks, ...inProse].filter(
      ([, words = '']) => parseCommand(words.split(/ +/).filter(Boolean)).name === 'usage',
    );
    expect(wrong).toEqual([]);
  });
});

test('docs/cli.md names every option, state and outcome that there is', () => {
  const spans = PAGES.find(({ path }) => path === 'docs/cli.md')?.spans ?? [];
  const words = (path: string, start: string) => {
    const [, text = ''] = readFileSync(path, 'utf8').split(start);
    return (text.split(';')[0] ?? '').match(/(?<=')[a-z-]+(?=')/g) ?? [];
  };
  const all = [
    ...COMMANDS.flatMap((one) => renderHelp(one, '').match(/--[a-z-]+/g) ?? []),
    ...Object.keys(KEY_STATES),
    ...words('src/report/registries.ts', 'export type Outcome ='),
    ...PROVIDERS.map(({ name }) => name),
  ];
  const said = spans.flatMap((span) => span.split(' '));
  expect(all.length).toBeGreaterThan(25);
  expect(all.filter((word) => !said.includes(word))).toEqual([]);
});

test('docs/check.md names every outcome that a check can have', () => {
  const spans = PAGES.find(({ path }) => path === 'docs/check.md')?.spans ?? [];
  const outcomes = Object.keys(OUTCOMES);
  expect(outcomes.length).toBe(16);
  expect(outcomes.filter((outcome) => !spans.includes(outcome))).toEqual([]);
});

test('docs/recipes/other.md tells truly what becomes of SERVER', () => {
  const text = readFileSync('docs/recipes/other.md', 'utf8');
  const [, table = ''] = text.split('| you write | it is used as |\n|---|---|\n');
  const rows = (table.split('\n\n')[0] ?? '').split('\n').map((row) => row.split('|').slice(1, 3));
  const codes = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  const spellings = rows.flatMap(([written, used]) =>
    codes(written).map((server) => ({
      server,
      keys: used?.includes('as it is') ? [server] : codes(used),
    })),
  );
  expect(spellings.length).toBeGreaterThan(7);
  for (const { server, keys } of spellings) {
    const variables = triple('ACME', server, 'ada', 'secret');
    const { desired } = discover([{ name: 'environment', variables }], { githubToken: false });
    expect([server, desired.flatMap((login) => login.keys)]).toEqual([server, keys]);
  }
});

test('policies allow only what Amazon knows', () => {
  const actions = blocksOf('json').flatMap(({ block }) => {
    const { Statement = [] } = JSON.parse(block.text);
    return Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
  });
  const isKnown = (action: string) => {
    const [service, name] = action.split(':');
    if (service === 'ecr') return `${name}Command` in ecrApi;
    if (service === 'ecr-public') return `${name}Command` in ecrPublicApi;
    // A permission without a command of its own.
    if (action === 'sts:GetServiceBearerToken') return true;
    return service === 'sts' && `${name}Command` in stsApi;
  };
  expect(actions.length).toBeGreaterThan(4);
  expect(actions.filter((action: string) => !isKnown(action))).toEqual([]);
});

test('the policies of a role fit each other, and the triple that assumes it', () => {
  const { blocks = [] } = PAGES.find(({ path }) => path === 'docs/recipes/ecr.md') ?? {};
  const statements = blocks
    .filter(({ language }) => language === 'json')
    .flatMap(({ text }) => JSON.parse(text).Statement ?? []);
  const ofRole = statements.filter(({ Action }) => Action === 'sts:AssumeRole');
  const text = blocks.map((block) => block.text).join('');
  const secret = (part: string) => new RegExp(`_${part} .*--body '?([^'\\n]*)`).exec(text)?.[1];
  const role = secret('ROLE_ARN');
  expect(ofRole.map(({ Resource, Condition }) => [Resource, Condition])).toEqual([
    [role, undefined],
    [undefined, { StringEquals: { 'sts:ExternalId': secret('EXTERNAL_ID') } }],
  ]);
  // The user that the trust policy names, and the role that is made of it, are the page's own.
  const nameOf = (arn = '') => arn.slice(arn.lastIndexOf('/') + 1);
  expect(text).toContain(`create-user --user-name ${nameOf(ofRole[1]?.Principal.AWS)}`);
  expect(text).toContain(`create-role --role-name ${nameOf(role)} `);
});
