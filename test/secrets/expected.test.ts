import { expect, test } from '@jest/globals';
import { findExpected } from '../../src/secrets/expected.ts';

const find = (wanted: string[], ids: string[], variables: Record<string, string> = {}) =>
  findExpected(wanted, new Set(ids), { name: 'environment', variables });

test.each<[name: string, wanted: string[], ids: string[], missing: string[]]>([
  ['nothing', [], [], []],
  ['nothing, where something is there', [], ['ACME'], []],
  ['one that is there', ['ACME'], ['ACME'], []],
  ['one that is there in small letters', ['ACME'], ['acme'], []],
  ['one that is not there', ['ACME'], [], ['ACME']],
  ['one that others begin with', ['ACME'], ['ACME_2', 'ACM'], ['ACME']],
  ['three, of which one is there', ['C', 'B', 'A'], ['B'], ['C', 'A']],
])('expecting %s', (_, wanted, ids, missing) => {
  expect(find(wanted, ids).map(({ code, subject }) => [code, subject])).toEqual(
    missing.map((id) => ['TRIPLE_EXPECTED', id]),
  );
});

const WHAT = 'is required by this repository, but none of its three variables is set here';

test('outside a codespace, it names the ways in which a variable gets into a container', () => {
  const env = { GITHUB_REPOSITORY: 'octo-org/octo-repo' };
  expect(find(['ACME'], [], env)).toEqual([
    {
      code: 'TRIPLE_EXPECTED',
      subject: 'ACME',
      what: WHAT,
      fix: 'set ACME_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD with remoteEnv, --secrets-file or an env file of the option envFiles',
    },
  ]);
});

test.each([
  {
    name: 'it has the commands',
    env: { GITHUB_REPOSITORY: 'octo-org/octo.repo-1', GITHUB_SERVER_URL: 'https://github.com' },
    repository: 'octo-org/octo.repo-1',
  },
  {
    name: 'of another GitHub, it has its page',
    env: { GITHUB_REPOSITORY: 'a/b', GITHUB_SERVER_URL: 'https://octo-org.ghe.com' },
    repository: 'a/b',
    page: 'https://octo-org.ghe.com/settings/codespaces',
  },
  { name: 'that says nothing, it has a place for the repository', env: {} },
  ...['a', 'a/b/c', 'a/b;id', 'a/$(id)', '-o/x', 'a/b\nid', ' a/b', ''].map((repository) => ({
    name: `a repository goes into no command that is none: ${JSON.stringify(repository)}`,
    env: { GITHUB_REPOSITORY: repository },
  })),
  ...['http://github.com', 'https://u@github.com', 'https://github.com/x', 'github.com', ''].map(
    (url) => ({ name: `an address leads nowhere else: ${url}`, env: { GITHUB_SERVER_URL: url } }),
  ),
])('in a codespace $name', (row) => {
  const repository = 'repository' in row ? row.repository : 'OWNER/REPOSITORY';
  const page = 'page' in row ? row.page : 'https://github.com/settings/codespaces';
  const flags = `--app codespaces --user --repos ${repository}`;
  expect(find(['ACME'], [], { CODESPACES: 'true', ...row.env })).toEqual([
    {
      code: 'TRIPLE_EXPECTED',
      subject: 'ACME',
      what: WHAT,
      fix: `set its three secrets, or grant them to ${repository} if you have them, on ${page} or with gh on your own computer; then stop and start the codespace; a "secrets" block in devcontainer.json makes GitHub ask for them`,
      commands: [
        `gh secret set ACME_CONTAINER_REGISTRY_SERVER ${flags}`,
        `gh secret set ACME_CONTAINER_REGISTRY_USER ${flags}`,
        `gh secret set ACME_CONTAINER_REGISTRY_PASSWORD ${flags}`,
      ],
    },
  ]);
});
