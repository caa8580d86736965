import { PHASES } from '../feature/mode.ts';

/** The general help, and a page for each command, for a terminal of 80 columns. */
export const HELP = `registry-auth: logs container clients in to the registries that your
<ID>_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD variables describe.

usage:
  registry-auth apply       writes an entry for every triple into config.json
  registry-auth status      what is configured, and what gets in its way
  registry-auth check       asks each registry whether it accepts the credential
  registry-auth logout      removes what we wrote, puts back what was before
  registry-auth export      prints a config.json, or a Secret for a cluster
  registry-auth hook        what the dev container runs by itself
  registry-auth --version   the version, Node, and where the options came from
  registry-auth COMMAND --help

Every command takes --json: one document on stdout.

exit status: 0 success, 1 something needs your attention, 2 wrong usage
`;

type Page = {
  readonly usage: string;
  readonly about: string;
  readonly options: string;
  readonly examples: readonly [string, string];
  readonly status?: string;
  readonly page?: string;
};

const JSON_LINE = '  --json             one document on stdout, problems too';

const PAGES: Readonly<Record<string, Page>> = {
  apply: {
    usage: `registry-auth apply [--dry-run] [--force] [--prune ID…] [--env-file FILE]…
                    [--credentials file|helper] [--json]`,
    about: "Writes an entry for every triple into docker's config.json.",
    options: `  --dry-run          only shows what would be done
  --force            also replaces a login that you made by hand
  --prune ID…        removes the entries of IDs or hosts whose secrets are gone
  --env-file FILE    also reads triples from this file; can be repeated
  --credentials file    the entry holds the credential
  --credentials helper  our credential helper answers, and no secret is written
${JSON_LINE}`,
    examples: ['registry-auth apply --dry-run', 'registry-auth apply --env-file registry.env'],
  },
  status: {
    usage: `registry-auth status [ID|HOST|IMAGE] [--json]
  registry-auth status --require ID[,ID]… [--json]`,
    about: `What is configured, from where, until when, and what gets in its way. For an
ID, a registry or an image: which login each client uses, and why. It makes no
connection.`,
    options: `  --require ID,ID    one line: whether each of these is ready, and if not, why
${JSON_LINE}`,
    examples: ['registry-auth status ghcr.io/acme/app', 'registry-auth status --require ACME,HUB'],
    status: '0 success, 1 a problem or an ID that is not ready, 2 wrong usage',
  },
  check: {
    usage: 'registry-auth check [ID|HOST|IMAGE]… [--json]',
    about: `Asks each registry whether it accepts what docker would send, and for an image
whether it may be pulled. Without arguments: every registry with a triple.`,
    options: JSON_LINE,
    examples: ['registry-auth check', 'registry-auth check ACME ghcr.io/acme/app:1.2'],
    status: '0 accepted or open, 1 anything else, 2 wrong usage',
    page: 'docs/check.md',
  },
  logout: {
    usage: 'registry-auth logout [ID|HOST]… [--json]',
    about: `Removes what we wrote, or the part that you name, and puts back what was
there before. The next start logs in again while the secrets are set.`,
    options: JSON_LINE,
    examples: ['registry-auth logout', 'registry-auth logout ACME ghcr.io'],
  },
  export: {
    usage: `registry-auth export docker-config [--force] [--json] [ID|HOST]…
  registry-auth export kubernetes [--name NAME] [--namespace NAMESPACE]
                    [--force] [--json] [ID|HOST]…`,
    about: `Prints the credentials of all triples, or of some, with fresh tokens: as a
config.json that needs no helper, or as a Secret of Kubernetes.`,
    options: `  --name NAME            name of the Secret (default: registry-auth)
  --namespace NAMESPACE  its namespace (default: the one kubectl uses)
  --force                prints the passwords even to a terminal
  --json                 one document on stdout: all of it, or the problems`,
    examples: [
      'registry-auth export docker-config >child/config.json',
      'registry-auth export kubernetes --namespace ci | kubectl apply -f -',
    ],
    status: '0 success, 1 a problem, and nothing is printed, 2 wrong usage',
  },
  hook: {
    usage: `registry-auth hook ${PHASES.join('|')} [--json]`,
    about: `What the lifecycle commands of the Feature run: apply, with the Feature's
options. Prints IDs and providers only.`,
    options: JSON_LINE,
    examples: ['registry-auth hook postStart', 'registry-auth hook onCreate'],
    status: '0 always; with the option strict, 1 on a problem',
  },
};

export const COMMANDS: readonly string[] = Object.keys(PAGES);

/** The page of a command, else the general help; `root` is where the repository is. */
export function renderHelp(topic: string | undefined, root: string): string {
  const page = PAGES[topic ?? ''];
  if (page === undefined) return `${HELP}more: ${root}/docs/cli.md\n`;
  const { usage, about, options, examples } = page;
  const { status = '0 success, 1 a problem, 2 wrong usage', page: more = `docs/cli.md#${topic}` } =
    page;
  return [
    `usage:\n  ${usage}`,
    about,
    `options:\n${options}`,
    `examples:\n${examples.map((line) => `  ${line}`).join('\n')}`,
    `exit status: ${status}\nmore: ${root}/${more}\n`,
  ].join('\n\n');
}
