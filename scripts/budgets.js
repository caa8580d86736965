/**
 * Says what the build weighs and holds, beside what it may, and exits 1 where that is too much: all
 * that can be measured without a clock. Run after `npm run build`, in its folder.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const FEATURE = 'dist/registry-auth';
const ACTION = 'build/action';

/**
 * What each bundle may weigh, in bytes, and which packages it may hold, a scope by its slash.
 * Docker starts the helper for every pull, and a container every hook: both would wait for more.
 */
const BUNDLES = {
  'docker-credential-registry-auth': { bytes: 57_000, packages: ['jsonc-parser'] },
  'registry-auth': { bytes: 91_000, packages: ['jsonc-parser'] },
  configure: { bytes: 20_000, packages: ['zod', 'fastest-levenshtein'] },
  login: { bytes: 50_000, packages: ['jsonc-parser'] },
  'command-line': { bytes: 16_000, packages: ['fastest-levenshtein'] },
  inspect: { bytes: 110_000, packages: ['jsonc-parser', 'fastest-levenshtein'] },
  check: { bytes: 120_000, packages: ['jsonc-parser', 'fastest-levenshtein'] },
  'env-file': { bytes: 12_000, packages: ['dotenv'] },
  exposure: { bytes: 7_000, packages: [] },
  instead: { bytes: 4_000, packages: [] },
  made: { bytes: 12_000, packages: [] },
  near: { bytes: 6_000, packages: ['fastest-levenshtein'] },
  owner: { bytes: 4_000, packages: [] },
  'git-index': { bytes: 2_000, packages: [] },
  ecr: { bytes: 300_000, packages: ['@aws-sdk/', '@smithy/', '@aws-crypto/', '@aws/', 'bowser'] },
  pasted: { bytes: 31_000, packages: [] },
  run: { bytes: 4_000, packages: [] },
  start: { bytes: 2_000, packages: [] },
};

/** The same of the step of a workflow, which is no part of the Feature. */
const ACTION_BUNDLES = {
  action: { bytes: 12_000, packages: [] },
  'action-post': { bytes: 2_000, packages: [] },
};

/** The bytes that a download of the Feature takes. */
const PACKED = 280_000;

const problems = [
  ...checkBundles(FEATURE, BUNDLES),
  ...checkBundles(ACTION, { ...BUNDLES, ...ACTION_BUNDLES }, Object.keys(ACTION_BUNDLES)),
  ...checkPacked(),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Each bundle in a folder that has a budget, or should have one. */
function checkBundles(folder, budgets, asked) {
  const built = readdirSync(join(folder, 'lib')).filter((name) => name.endsWith('.cjs'));
  const names = new Set([...Object.keys(budgets), ...built.map((name) => name.slice(0, -4))]);
  return [...names].flatMap((name) => {
    const budget = budgets[name];
    if (budget === undefined) return [`${name}: has no budget in scripts/budgets.js`];
    if (!built.includes(`${name}.cjs`)) return [`${name}: has a budget, and is not built`];
    return asked && !asked.includes(name) ? [] : checkBundle(folder, name, budget);
  });
}

function checkBundle(folder, name, budget) {
  const { size } = statSync(join(folder, 'lib', `${name}.cjs`));
  const packages = packagesIn(name);
  const isAllowed = (one) =>
    budget.packages.some(
      (allowed) => one === allowed || (allowed.endsWith('/') && one.startsWith(allowed)),
    );
  console.log(`${name}: ${size} of ${budget.bytes} bytes, ${packages.length} packages`);
  return [
    ...(size > budget.bytes ? [`${name}: ${size} bytes, and may have ${budget.bytes}`] : []),
    ...packages.filter((one) => !isAllowed(one)).map((one) => `${name}: may not hold ${one}`),
  ];
}

/** From esbuild's own list of what it put into a bundle. */
function packagesIn(name) {
  const { inputs } = JSON.parse(readFileSync(join('build/meta', `${name}.json`), 'utf8'));
  const folders = Object.keys(inputs).flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  );
  return [...new Set(folders)].sort();
}

function checkPacked() {
  const entries = readdirSync(FEATURE, { recursive: true, withFileTypes: true });
  // The bench leaves what it compiled beside the bundles.
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.cache'));
  const contents = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
  const size = gzipSync(Buffer.concat(contents)).length;
  console.log(`packed: ${size} of ${PACKED} bytes`);
  return size > PACKED ? [`packed: ${size} bytes, and may have ${PACKED}`] : [];
}
