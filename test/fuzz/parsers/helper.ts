import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { answer } from '../../../src/commands/credential-helper.ts';
import { erase, store } from '../../../src/commands/login.ts';
import { parseQuestion } from '../../../src/registries/question.ts';
import type { Report } from '../../../src/report/text.ts';
import { readWorld } from '../../../src/world.ts';
import { CANARY } from '../../support/secrets.ts';
import { configWith, triple } from '../../support/triples.ts';
import { parser } from '../parser.ts';

const HOST = 'reg.example.com';
const LOGINS = 'registry-auth-logins.json';
const ENTRY = ['quay.io', 'eve', 'in the file'] as const;
const VALID = [
  ...[
    HOST,
    `https://${HOST}/`,
    `${HOST}:443\n`,
    'https://index.docker.io/v1/',
    'quay.io',
    'quay.io/t',
  ],
  ...['constructor', `https://ada@${HOST}`, `evil.example/${HOST}`, `${HOST}\\.evil.example`],
  JSON.stringify({ ServerURL: HOST, Username: 'bob', Secret: 'by hand' }),
  JSON.stringify({ ServerURL: 'r.io:5000', Username: '<token>', Secret: 'é\u0000"' }),
  '{"ServerURL":"https://index.docker.io/v1/","Username":"bob","Secret":""}',
];

const UID = process.getuid?.() ?? 0;

/** One call, as a client makes it, of our program without its process. */
function call(verb: string, input: Uint8Array | string, folder: string): Promise<Report> {
  const variables = { DOCKER_CONFIG: folder, ...triple('ACME', HOST, 'ada', CANARY) };
  const environment = { name: 'environment', variables };
  const now = () => 1_000;
  const load = () => Promise.reject(new Error('no AWS'));
  const ecr = { load, cache: undefined, madeCache: undefined, now, budgetMs: 0 };
  const world = () => readWorld({ environment, uid: UID, ecr, now });
  return answer({
    words: [verb],
    // As Node decodes what stdin holds.
    readInput: () => Buffer.from(input).toString('utf8'),
    readWorld: world,
    record: (verb, text) => (verb === 'store' ? store : erase)(text, world()),
    version: '0',
  });
}

type Credential = {
  readonly ServerURL: string;
  readonly Username: string;
  readonly Secret: string;
};

function credentialIn({ stdout, status }: Report): Credential | undefined {
  return status === 0 && stdout !== '' ? JSON.parse(stdout) : undefined;
}

function prepared(folder: string): string {
  const [host, user, password] = ENTRY;
  writeFileSync(join(folder, 'config.json'), configWith({ [host]: [user, password] }));
  return folder;
}

/** What any reader of JSON makes of bytes, where that is a credential that can be kept. */
function storable(text: string): Credential | undefined {
  try {
    const { ServerURL, Username, Secret } = JSON.parse(text);
    const isWhole = [ServerURL, Username, Secret].every((one) => typeof one === 'string');
    return isWhole && Username !== '' ? { ServerURL, Username, Secret } : undefined;
  } catch {
    return undefined;
  }
}

export const HELPER = parser<string>({
  name: 'helper protocol',
  valid: fc.constantFrom(...VALID),
  around: [
    ['https://r.io/', '/a'],
    ['{"ServerURL":"r.io","Username":"', '","Secret":""}'],
    ['{"ServerURL":"', '","Username":"u","Secret":""}'],
  ],
  extra: fc.constantFrom('get', 'get', 'store', 'erase', 'list'),
  read: ({ bytes, folder }) =>
    Promise.all(['get', 'store', 'erase'].map((verb) => call(verb, bytes, folder))),
  properties: {
    'it answers in one line, which is JSON where all is well': async ({ bytes, folder }, verb) => {
      const { status, stdout, stderr } = await call(verb, bytes, prepared(folder));
      assert.equal(stderr, '');
      if (status === 1) return assert.match(stdout, /^[ -~]+\n$/);
      if (verb === 'store' || verb === 'erase') return assert.equal(stdout, '');
      assert.match(stdout, /^\{[^\n]*\}\n$/);
      for (const value of Object.values(JSON.parse(stdout))) assert.equal(typeof value, 'string');
    },
    'it answers for the host that was asked, under its name, and for no other': async ({
      text,
      bytes,
      folder,
    }) => {
      const found = credentialIn(await call('get', bytes, prepared(folder)));
      if (!found) return;
      assert.equal(found.ServerURL, text.trim());
      const expected = found.Secret === CANARY ? HOST : 'quay.io';
      const url = /^https?:\/\//i.test(text.trim()) ? text.trim() : `https://${text.trim()}`;
      assert.equal(new URL(url).hostname.replace(/\.$/, ''), expected);
      assert.ok(!url.includes('@') || new URL(url).username === '');
    },
    'what is stored is what comes back, and is gone once it is erased': async ({
      text,
      bytes,
      folder,
    }) => {
      const given = storable(text);
      const stored = await call('store', bytes, prepared(folder));
      const question = parseQuestion(given?.ServerURL.trim() ?? '');
      assert.equal(stored.status, given && question ? 0 : 1);
      if (!given || !question) return assert.deepEqual([...readdirSync(folder)], ['config.json']);
      const { ServerURL: server, Username, Secret } = given;
      const found = credentialIn(await call('get', server, folder));
      assert.deepEqual(found, { ServerURL: server.trim(), Username, Secret });
      assert.equal((await call('erase', server, folder)).status, 0);
      const left = credentialIn(await call('get', server, folder));
      assert.notEqual(`${left?.Username}:${left?.Secret}`, `${Username}:${Secret}`);
      // A logout is remembered where there is something to be logged out of.
      const isRemembered = question.names.includes(HOST);
      assert.equal(existsSync(join(folder, LOGINS)), isRemembered);
    },
    'config.json is nothing that it writes to, and nothing else is left': async (
      { bytes, folder },
      verb,
    ) => {
      const path = join(prepared(folder), 'config.json');
      const before = readFileSync(path, 'utf8');
      await call(verb, bytes, folder);
      assert.equal(readFileSync(path, 'utf8'), before);
      assert.deepEqual(
        [...readdirSync(folder)].filter((name) => name !== LOGINS),
        ['config.json'],
      );
    },
    'words repeat nothing of what was given': async ({ text, folder }) => {
      const marked = JSON.stringify({ ServerURL: `${text}/zzz`, Username: 'zzz', Secret: 'zzz' });
      for (const [verb, input] of [
        ['store', marked.slice(0, -1)],
        ['store', marked],
        ['erase', `zzz:zzz@${text}`],
        ['zzz', text],
      ] as const)
        assert.doesNotMatch((await call(verb, input, folder)).stdout, /zzz/);
    },
  },
});
