import { expect, test } from '@jest/globals';
import { parseCommand } from '../../src/bin/command-line.ts';

const APPLY = {
  name: 'apply',
  dryRun: false,
  force: false,
  prune: undefined,
  envFiles: [],
  credentials: undefined,
  json: false,
};

test.each([
  ['', { name: 'help', json: false }],
  ['--help', { name: 'help', json: false }],
  ['apply --help', { name: 'help', topic: 'apply', json: false }],
  ['help check', { name: 'help', topic: 'check', json: false }],
  ['--version', { name: 'version', json: false }],
  ['--json --version', { name: 'version', json: true }],
  ['apply', APPLY],
  ['apply --dry-run --json', { ...APPLY, dryRun: true, json: true }],
  ['apply --force --prune', { ...APPLY, force: true, prune: [] }],
  ['apply --env-file a --env-file b', { ...APPLY, envFiles: ['a', 'b'] }],
  ['apply --credentials helper', { ...APPLY, credentials: 'helper' }],
  ['hook onCreate', { name: 'hook', phase: 'onCreate', json: false }],
  ['hook postStart --json', { name: 'hook', phase: 'postStart', json: true }],
  ['status --require A,B', { name: 'status', words: [], json: false, require: ['A', 'B'] }],
  [
    'status --require A --require=B C',
    { name: 'status', words: [], json: false, require: ['A', 'B', 'C'] },
  ],
  ['--json status', { name: 'status', words: [], json: true }],
  ['status --json', { name: 'status', words: [], json: true }],
  ['status a.io/b', { name: 'status', words: ['a.io/b'], json: false }],
  ['check', { name: 'check', words: [], json: false }],
  ['check A r.io/b:1 --json', { name: 'check', words: ['A', 'r.io/b:1'], json: true }],
  ['logout', { name: 'logout', words: [], json: false }],
  ['logout A r.io --json', { name: 'logout', words: ['A', 'r.io'], json: true }],
])('%s', (words, command) => {
  expect(parseCommand(words.split(' ').filter(Boolean))).toEqual(command);
});

test.each([
  ['aply', 'aply: is not a registry-auth command'],
  ['apply now', 'apply: takes names only with --prune'],
  ['apply --fast', 'apply: unknown option --fast'],
  ['apply --env-file', 'apply: --env-file needs a value'],
  ['apply --credentials secret', 'apply: --credentials must be file or helper'],
  ['hook', 'hook: needs one of onCreate, updateContent, postCreate, postStart'],
  ['hook onStart', 'hook: needs one of onCreate, updateContent, postCreate, postStart'],
  ['hook onCreate postStart', 'hook: needs one of onCreate, updateContent, postCreate, postStart'],
  ['check --fast', 'check: unknown option --fast'],
  ['status a b', 'status: takes one ID, registry or image'],
  ['status --require ,', 'status: --require needs IDs, separated by commas'],
])('wrong usage: %s', (words, line) => {
  const command = parseCommand(words.split(' '));
  const problem = command.name === 'usage' ? command.problem : undefined;
  expect(problem && `${problem.subject}: ${problem.what}`).toMatch(line);
  expect(problem?.fix).toMatch(/^(?:run registry-auth (?:[a-z]+ )?--help|did you mean .*\?)$/);
});
