/** Assembles dist/registry-auth: a Feature that can be published as it stands. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const manifest = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));
const out = join('dist', manifest.id);

/**
 * Docker starts the helper for every pull, so it holds least: what a login needs, what only a
 * person types or asks for, what reads env files and the AWS SDK wait in bundles of their own. Start runs
 * the others from code that is compiled already.
 */
export const entries = {
  'registry-auth': 'src/bin/registry-auth.ts',
  'docker-credential-registry-auth': 'src/bin/docker-credential-registry-auth.ts',
  login: 'src/commands/login.ts',
  configure: 'src/bin/configure.ts',
  'command-line': 'src/bin/command-line.ts',
  inspect: 'src/bin/inspect.ts',
  check: 'src/bin/check.ts',
  ecr: 'src/providers/ecr/sdk.ts',
  'env-file': 'src/secrets/env-file.ts',
  'git-index': 'src/io/place/git-index.ts',
  exposure: 'src/io/place/exposure.ts',
  instead: 'src/secrets/instead.ts',
  made: 'src/providers/on-demand/made.ts',
  near: 'src/secrets/near.ts',
  owner: 'src/io/place/owner.ts',
  pasted: 'src/providers/pasted.ts',
  run: 'src/bin/run.ts',
  start: 'src/bin/start.ts',
};

/** The step of a workflow, which is on the tags of a release and no part of the Feature. */
export const actionEntries = {
  action: 'src/bin/action.ts',
  'action-post': 'src/bin/action-post.ts',
};

/** The tree of a tag: the Feature, and what makes it an action. */
const action = join('build', 'action');

/** What the oldest images that people still have would call Node. */
const OLDEST_READER = 'node6.17';

/**
 * jsonc-parser's scanner ends in a table of characters that nothing reads. It is made by a function
 * that runs, so that esbuild keeps it, in every bundle that parses config.json.
 */
const withoutTable = {
  name: 'without-table',
  setup({ onLoad }) {
    onLoad({ filter: /jsonc-parser\/.*\/scanner\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/^var CharacterCodes;.*$/ms, ''),
    }));
  },
};

/** What is required by its path is a file beside the bundles, which most runs do not need. */
const withFilesBeside = {
  name: 'with-files-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/.*\.ts$/ }, ({ kind, path }) =>
      kind === 'require-call' ? { path: path.replace('.ts', '.cjs'), external: true } : undefined,
    );
  },
};

/**
 * CommonJS starts faster than ESM, and minified faster than not; see test/bundle.test.ts for what
 * may be in each.
 */
export function bundle(name, { plugins = [], ...options } = {}) {
  return build({
    entryPoints: [entries[name] ?? actionEntries[name]],
    outfile: join(name in entries ? out : action, 'lib', `${name}.cjs`),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    // A Node that is too old must be able to read that it is.
    target: name === 'start' ? OLDEST_READER : 'node20',
    mainFields: ['module', 'main'],
    define: {
      VERSION: JSON.stringify(manifest.version),
      REPOSITORY: JSON.stringify(`${repositoryPage()}/blob/main`),
      // The SDK would warn on Node 20 in the middle of a docker pull.
      'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"',
      // What a provider advises is for check alone; see src/providers/provider.ts.
      ...(name === 'check' ? {} : { 'globalThis.WITHOUT_ADVICE': 'true' }),
      ...(name === 'pasted' ? {} : { 'globalThis.WITHOUT_PASTED': 'true' }),
    },
    alias: {
      '@aws-sdk/credential-provider-node': './src/providers/ecr/no-default-credentials.ts',
      // Of its parts only the parser is for us, and esbuild would keep the others.
      'jsonc-parser': './node_modules/jsonc-parser/lib/esm/impl/parser.js',
    },
    plugins: [...plugins, withoutTable, withFilesBeside],
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    ...options,
  });
}

async function assemble() {
  rmSync('dist', { recursive: true, force: true });
  mkdirSync(join(out, 'lib'), { recursive: true });
  const names = Object.keys(entries).filter((name) => existsSync(entries[name]));
  const results = await Promise.all(names.map((name) => bundle(name)));
  // For test/bundle.test.ts: what is in which bundle.
  mkdirSync(join('build', 'meta'), { recursive: true });
  for (const [index, { metafile }] of results.entries()) {
    writeFileSync(join('build', 'meta', `${names[index]}.json`), JSON.stringify(metafile));
  }
  writeFileSync(
    join(out, 'devcontainer-feature.json'),
    `${JSON.stringify({ ...manifest, ...addresses() }, null, 2)}\n`,
  );
  cpSync('LICENSE', join(out, 'LICENSE'));
  for (const file of [
    'install.sh',
    'private-node.sh',
    'wrapper.sh',
    'node-runtime.txt',
    'NOTES.md',
  ])
    cpSync(join('features', manifest.id, file), join(out, file));
  chmodSync(join(out, 'install.sh'), 0o755);
  writeFileSync(
    join(out, 'THIRD-PARTY-LICENSES.txt'),
    licences(results.flatMap(({ metafile }) => Object.keys(metafile.inputs))),
  );
}

async function assembleAction() {
  rmSync(action, { recursive: true, force: true });
  cpSync(out, action, { recursive: true });
  cpSync('action.yml', join(action, 'action.yml'));
  for (const name of Object.keys(actionEntries)) {
    const { metafile } = await bundle(name);
    writeFileSync(join('build', 'meta', `${name}.json`), JSON.stringify(metafile));
  }
}

/** Where containers.dev and the CLI send whoever wants to know more. */
function addresses() {
  const page = repositoryPage();
  return { documentationURL: `${page}#readme`, licenseURL: `${page}/blob/main/LICENSE` };
}

function repositoryPage() {
  const { repository } = JSON.parse(readFileSync('package.json', 'utf8'));
  return `https://github.com/${repository.replace('github:', '')}`;
}

/** The licence text of every package that a bundle holds a part of. */
function licences(inputs) {
  const packages = new Set(
    inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const texts = new Map();
  for (const folder of [...packages].sort()) {
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE']
      .map((one) => join(folder, one))
      .find(existsSync);
    // Some packages of one project leave the text to their siblings.
    const text = file
      ? readFileSync(file, 'utf8').trim()
      : `Licensed under ${license}; see the other packages of this project for the text.`;
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
  }
  return [...texts]
    .map(([text, names]) => `${names.join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(78)}\n\n`);
}

if (process.argv[1]?.endsWith('build.js')) {
  await assemble();
  await assembleAction();
}
