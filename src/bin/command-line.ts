import { parseArgs } from 'node:util';
import type { ApplyWords } from '../commands/apply.ts';
import type { ExportWords } from '../commands/export.ts';
import { PHASES, type Phase } from '../domain/feature/mode.ts';
import type { Problem } from '../domain/problem.ts';
import type { CredentialsMode } from '../reconcile/request.ts';

/** IDs, hosts or images, as they were typed; none for all that is configured. */
export type Query = { readonly words: readonly string[]; readonly json: boolean };

/** What the words on the command line ask for. */
export type Command =
  /** `configure` is install.sh's own: options from its environment in, options.json out. */
  | { readonly name: 'help' | 'version' | 'configure' }
  | { readonly name: 'usage'; readonly problem: Problem }
  | { readonly name: 'hook'; readonly phase: Phase }
  | ({ readonly name: 'status' | 'check' | 'logout' } & Query)
  | ({ readonly name: 'export'; readonly force: boolean } & Omit<ExportWords, 'isShown'>)
  | ({
      readonly name: 'apply';
      readonly envFiles: readonly string[];
      readonly credentials: CredentialsMode | undefined;
      readonly json: boolean;
      /** IDs and hosts to remove. */
      readonly prune: readonly string[] | undefined;
    } & Omit<ApplyWords, 'canUseHelper' | 'removal'>);

export const HELP = `registry-auth: logs container clients in to the registries that your
<ID>_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD variables describe.

usage:
  registry-auth apply [--dry-run] [--force] [--prune ID…] [--env-file FILE]…
                      [--credentials file|helper] [--json]
      writes an entry for every triple into Docker's config.json
        --dry-run      only show what would be done
        --force        also replace a login that was made by hand since
        --prune ID…    remove the entries of IDs or hosts whose secrets are gone
        --env-file     read triples from this file too
        --credentials  file: the entry holds the credential; helper: our
                       credential helper answers, and no secret is written
  registry-auth status [HOST|IMAGE] [--json]
      what is configured, from where, until when, and what gets in its way;
      for a registry or an image, who each client comes as, and why
  registry-auth check [ID|HOST|IMAGE]…  [--json]
      asks each registry whether it accepts what docker would send, and
      for an image whether it may be pulled
  registry-auth logout [ID|HOST]…  [--json]
      removes what we wrote and puts back what was there before
  registry-auth export kubernetes [--name NAME] [--namespace NAMESPACE]
                                  [--force] [ID|HOST]…
      prints a Secret that a cluster can pull with; a terminal only with --force
  registry-auth hook ${PHASES.join('|')}
      what the dev container runs by itself
  registry-auth --help, --version

exit status: 0 all well, 1 something needs you, 2 wrong usage
`;

const FLAG = { type: 'boolean', default: false } as const;

/** Parses the words after the program's name. Never throws. */
export function parseCommand([name = '', ...args]: readonly string[]): Command {
  if (['', '--help', '-h', 'help'].includes(name) || args.includes('--help') || args.includes('-h'))
    return { name: 'help' };
  if (['--version', '-v', 'version'].includes(name)) return { name: 'version' };
  try {
    if (name === 'configure' && args.length === 0) return { name };
    if (name === 'apply') return parseApply(args);
    if (name === 'hook') return parseHook(args);
    if (name === 'export') return parseExport(args);
    if (name === 'status' || name === 'check' || name === 'logout') {
      const options = { json: FLAG };
      const { values, positionals: words } = parseArgs({ args, options, allowPositionals: true });
      if (name === 'status' && words.length > 1) return usage('takes one registry or image', name);
      return { name, words, ...values };
    }
    return usage('is no command of registry-auth', name);
  } catch (error) {
    return usage(describe(error), name);
  }
}

function parseApply(args: string[]): Command {
  const options = {
    'dry-run': FLAG,
    force: FLAG,
    prune: FLAG,
    'env-file': { type: 'string', multiple: true, default: [] as string[] },
    credentials: { type: 'string' },
    json: FLAG,
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const {
    'dry-run': dryRun,
    'env-file': envFiles,
    credentials,
    prune: isPruning,
    ...flags
  } = values;
  if (positionals.length > 0 && !isPruning) return usage('takes names only with --prune', 'apply');
  const prune = isPruning ? positionals : undefined;
  if (credentials !== undefined && credentials !== 'file' && credentials !== 'helper')
    return usage('--credentials is neither file nor helper', 'apply');
  return { name: 'apply', dryRun, envFiles, credentials, prune, ...flags };
}

/** Kubernetes's names, RFC 1123: a namespace is one label, a Secret's name may have several. */
const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';

function parseExport(args: string[]): Command {
  const options = {
    name: { type: 'string', default: 'registry-auth' },
    namespace: { type: 'string' },
    force: FLAG,
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [format, ...names] = positionals;
  const { force, ...secret } = values;
  const { name, namespace = 'default' } = secret;
  if (format !== 'kubernetes') return usage('knows the format kubernetes only', 'export');
  if (name.length > 253 || !new RegExp(`^${LABEL}(?:\\.${LABEL})*$`).test(name))
    return usage("--name is no name of a Secret: a-z, 0-9, '-' and '.'", 'export');
  if (namespace.length > 63 || !new RegExp(`^${LABEL}$`).test(namespace))
    return usage("--namespace is no namespace: a-z, 0-9 and '-', at most 63", 'export');
  return { name: 'export', secret, names, force };
}

function parseHook(args: string[]): Command {
  const phase = args.length === 1 ? PHASES.find((one) => one === args[0]) : undefined;
  if (phase) return { name: 'hook', phase };
  // Takes long to load, so a hook of the Feature never gets here; throws what it does not know.
  parseArgs({ args, options: {}, allowPositionals: true });
  return usage(`needs one of ${PHASES.join(', ')}`, 'hook');
}

/** The first sentence of parseArgs, which names the option; the rest is about positional ones. */
function describe(error: unknown): string {
  const [first = ''] = String((error as Error).message).split('. ');
  return first.charAt(0).toLowerCase() + first.slice(1);
}

function usage(what: string, subject: string): Command {
  const fix = 'run registry-auth --help';
  return { name: 'usage', problem: { code: 'USAGE', subject, what, fix } };
}
