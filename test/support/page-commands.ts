import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'dotenv';
import { writeProgram } from './built.ts';
import type { Block, Page } from './markdown.ts';
import { scratchHome } from './process.ts';
import { run } from './run.ts';

/** A service account's key as Google gives it, of nobody's. */
const GOOGLE_KEY = {
  type: 'service_account',
  private_key: '-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----\n',
  client_email: 'puller@my-project.iam.gserviceaccount.com',
};

const GH = `#!/bin/sh
call=$(mktemp -d "$CALLS/XXXXXX")
for word; do printf '%s\\n' "$word"; done >"$call/words"
cat >"$call/input"
`;

/** What `gh secret set` knows, of the options that pages name (cli/cli, pkg/cmd/secret/set). */
const GH_OPTIONS = {
  app: { type: 'string', short: 'a' },
  body: { type: 'string', short: 'b' },
  org: { type: 'string', short: 'o' },
  repo: { type: 'string', short: 'R' },
  repos: { type: 'string', short: 'r' },
  user: { type: 'boolean', short: 'u' },
} as const;

/**
 * The variables that a codespace gets when somebody types a block's `gh secret set` commands: a
 * shell runs them, and a gh that only writes down which words and what input it was given.
 */
export async function findSecrets({ text }: Block): Promise<Record<string, string>> {
  if (!text.includes('gh secret set')) return {};
  const read = [...text.matchAll(/< (\S+)$/gm)].map(([, name = '']) => [name, contentOf(name)]);
  const folder = scratchHome(Object.fromEntries(read));
  const calls = join(folder, 'calls');
  mkdirSync(calls);
  writeProgram(join(folder, 'bin/gh'), GH);
  for (const tool of ['aws', 'az', 'doctl', 'gcloud']) {
    writeProgram(join(folder, `bin/${tool}`), '#!/bin/sh\necho made-token\n');
  }
  const env = { CALLS: calls, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  const { status, stderr } = await run('sh', ['-euc', text], { cwd: folder, home: folder, env });
  if (status !== 0) throw new Error(stderr);
  const given = readdirSync(calls).map((call) => {
    const [words = '', input = ''] = ['words', 'input'].map((name) =>
      readFileSync(join(calls, call, name), 'utf8'),
    );
    return secretsOf(words, input);
  });
  return atPrompts(Object.assign({}, ...given));
}

/** AWS's own documentation has this key beside the IDs that its examples have. */
const AWS_SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

/** What you type where gh asks for a value, because a command has none for it. */
function atPrompts(secrets: Record<string, string>): Record<string, string> {
  const typed = Object.entries(secrets).map(([name, value]) => {
    if (value !== '') return [name, value];
    const user = secrets[name.replace('_PASSWORD', '_USER')] ?? '';
    const isAwsKey = name.endsWith('_PASSWORD') && /^A[KS]IA/.test(user);
    return [name, isAwsKey ? AWS_SECRET_KEY : 'typed-at-the-prompt'];
  });
  return Object.fromEntries(typed);
}

function contentOf(name: string): string {
  return name.endsWith('.json') ? `${JSON.stringify(GOOGLE_KEY, null, 2)}\n` : 'a-real-one\n';
}

function secretsOf(words: string, input: string): Record<string, string> {
  const [noun, verb, ...args] = words.trim().split('\n');
  if (noun !== 'secret' || verb !== 'set') return {};
  const { values, positionals } = parseArgs({ args, options: GH_OPTIONS, allowPositionals: true });
  if (!values.user && values.app !== 'codespaces') throw new Error(`no --app codespaces: ${words}`);
  const [name] = positionals;
  if (name === undefined) throw new Error(`no secret is named: ${words}`);
  return { [name]: values.body ?? input.replace(/[\r\n]+$/, '') };
}

/** The env file that a block shows: its first line is a comment with the file's name. */
export function findEnvFile({ language, text }: Block) {
  const [, name] = /^# (\S+)\n/.exec(text) ?? [];
  return language === 'dotenv' && name ? { name, variables: parse(text) } : undefined;
}

const known = new WeakMap<Block, Promise<Record<string, string>>>();

/** The triples that a block sets, by whatever means. */
export function findVariables(block: Block): Promise<Record<string, string>> {
  const found = known.get(block) ?? readVariables({ ...block, text: asFilledIn(block.text) });
  known.set(block, found);
  return found;
}

/** As a reader does it, who puts values of their own where a page has `paste-the-token-here`. */
function asFilledIn(text: string): string {
  const user = text.replace(/(_USER\W.*)your(?=-(?:user-)?name)/gi, '$1real');
  return user.replace(/paste-the-(?=[a-z-]+)|YOUR-(?=TOKEN)/g, 'this-is-the-');
}

async function readVariables(block: Block): Promise<Record<string, string>> {
  const { language, text } = block;
  if (language === 'sh') return findSecrets(block);
  if (language === 'dotenv') return parse(text);
  const isSecretsFile = language === 'json' && /^\{\s*"\w+_CONTAINER_REGISTRY_/.test(text);
  return isSecretsFile ? JSON.parse(text) : {};
}

export type Example = {
  readonly block: Block;
  readonly output: Block;
  /** What the page sets before it, and the env files that it shows. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** Whether it goes on where the one before stopped. */
  readonly goesOn: boolean;
};

/** The commands whose output a page shows, in the block right below them. */
export async function findExamples({ blocks }: Page): Promise<Example[]> {
  const examples: Example[] = [];
  let env: Record<string, string> = {};
  const files: Record<string, string> = {};
  let goesOn = false;
  for (const block of blocks) {
    const file = findEnvFile(block);
    if (file) files[file.name] = asFilledIn(block.text);
    const variables = file ? {} : await findVariables(block);
    if (file || Object.keys(variables).length > 0) {
      env = variables;
      goesOn = false;
    }
    const output = block.isFollowedBy;
    if (!output || !isOurs(block) || !['text', 'json'].includes(output.language)) continue;
    examples.push({ block, output, env, files: { ...files }, goesOn });
    goesOn = true;
  }
  return examples;
}

/** Whether a block runs nothing but `registry-auth`: what others print we do not know. */
export function isOurs({ language, text }: Block): boolean {
  return language === 'sh' && /^(?:registry-auth .*\n)+$/.test(text);
}

/** Writes the env files of an example as their owner should. */
export function writeEnvFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
}
