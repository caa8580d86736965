import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { discover } from '../src/registries/discover.ts';
import { installWrappers } from './support/built.ts';
import { type EcrStandIn, startEcrStandIn } from './support/ecr-stand-in.ts';
import { readPages, where } from './support/markdown.ts';
import { makeRuntime } from './support/memory.ts';
import {
  type Example,
  findExamples,
  findVariables,
  writeEnvFiles,
} from './support/page-commands.ts';
import { callBundle, scratchHome } from './support/process.ts';
import { run } from './support/run.ts';

// A page runs several programs, one after another, on a machine that may be busy.
jest.setTimeout(30_000);

type Variables = Readonly<Record<string, string | undefined>>;

const PAGES = readPages();
const named = PAGES.map((page) => ({ path: page.path, page }));

describe('secrets', () => {
  test.each(named)('that $path sets are whole triples without a problem', async ({ page }) => {
    for (const block of page.blocks) {
      const variables = await findVariables(block);
      const { desired, problems, notices } = discover([{ name: 'environment', variables }], {
        githubToken: false,
      });
      const ids = Object.keys(variables).map((name) => name.replace(/_CONTAINER_REGISTRY_.*/, ''));
      expect({ at: where(page, block), problems, notices }).toEqual({
        at: where(page, block),
        problems: [],
        notices: [],
      });
      expect([...new Set(desired.flatMap(({ ids: all }) => all))].sort()).toEqual(
        [...new Set(ids)].sort(),
      );
    }
  });

  test('are on every recipe, with what becomes of them', async () => {
    const recipes = PAGES.filter(({ path }) => /^docs\/recipes\/[a-z-]+\.md$/.test(path));
    const bare = [];
    for (const page of recipes) if ((await findExamples(page)).length === 0) bare.push(page.path);
    expect([recipes.length > 10, bare]).toEqual([true, []]);
  });
});

describe('what we print', () => {
  // The keys that AWS's own documentation has for examples.
  const identity = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    account: '123456789012',
  };
  const PATH = installWrappers(scratchHome());
  const XDG_RUNTIME_DIR = makeRuntime();
  let standIn: EcrStandIn;
  beforeAll(async () => {
    const { account } = identity;
    const role = {
      arn: `arn:aws:iam::${account}:role/pull-team-images`,
      account,
      trusts: [account],
      externalId: 'a-value-of-your-own',
    };
    standIn = await startEcrStandIn({ identities: [identity], roles: [role] });
  });
  afterAll(() => standIn.close());

  test.each(named)('is what $path shows', async ({ page }) => {
    const { url } = standIn;
    const aws = {
      AWS_ENDPOINT_URL_ECR: url,
      AWS_ENDPOINT_URL_ECR_PUBLIC: url,
      AWS_ENDPOINT_URL_STS: url,
    };
    const at = { PATH, XDG_RUNTIME_DIR, ...aws };
    let home = '';
    for (const example of await findExamples(page)) {
      if (!example.goesOn) home = scratchHome();
      const { block, output } = example;
      const printed = await print(example, home, at);
      const parse = output.language === 'json' ? JSON.parse : String;
      const told = (text: string) => [where(page, block), parse(timeless(text))];
      expect(told(printed)).toEqual(told(output.text.replaceAll('your-user', 'real-user')));
    }
  });
});

/**
 * What a terminal would show, both streams. A container has started before, unless the example is
 * what starts do.
 */
async function print({ block, env, files, goesOn }: Example, home: string, at: Variables) {
  writeEnvFiles(home, files);
  const options = { home, cwd: home, env: { ...at, ...env } };
  const isStart = /^registry-auth (?:apply|hook)/.test(block.text);
  if (!goesOn && !isStart) await callBundle('registry-auth', ['hook', 'postStart'], options);
  const { stdout } = await run('sh', ['-c', `exec 2>&1\n${block.text}`], options);
  return fold(stdout.replaceAll(home, '/workspaces/project'));
}

/** Lines of pages end at 100 columns: what is longer goes on, further in. */
function fold(text: string): string {
  return text.replace(/^(.{1,100}) (?=\S)(.{2,})$/gm, (line, first, rest) =>
    line.length > 100 ? `${first}\n      ${rest}` : line,
  );
}

function timeless(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/"(version|node)": "\d[\d.]+"/g, '"$1": "NUMBER"');
}
