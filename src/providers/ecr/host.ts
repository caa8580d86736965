import { withoutPort } from '../../registries/keys.ts';

export type EcrHost =
  | {
      readonly kind: 'private';
      readonly host: string;
      readonly account: string;
      readonly region: string;
      readonly fips: boolean;
      readonly dualStack: boolean;
    }
  | { readonly kind: 'public'; readonly host: string };

const PUBLIC_HOSTS: readonly string[] = ['public.ecr.aws', 'ecr-public.aws.com'];

/** Commercial and GovCloud, China, European Sovereign Cloud, and the four isolated partitions. */
const IPV4_SUFFIXES: readonly string[] = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'cloud.adc-e.uk',
  'csp.hci.ic.gov',
];

const DUAL_STACK_SUFFIXES: readonly string[] = [
  'on.aws',
  'on.amazonwebservices.com.cn',
  'on.amazonwebservices.eu',
];

const PRIVATE_HOST =
  /^(?<account>\d{12})\.dkr(?<joint>[.-])ecr(?<fips>-fips)?\.(?<region>[a-z]{2,}(?:-[a-z]+)+-\d+)\.(?<suffix>.+)$/;

/** The AWS partition of a registry, as ARNs name it: each partition has its own identities. */
export function findPartition(host: EcrHost): string {
  const region = host.kind === 'public' ? '' : host.region;
  const [, mark = '', letter = ''] = /^(?:[a-z]{2}-)?(cn|eusc|gov|iso)([a-z]?)-/.exec(region) ?? [];
  const own = mark === 'gov' ? 'us-gov' : mark;
  return ['aws', own, letter].filter((part) => part !== '').join('-');
}

/** The ECR registry at a lower-case host; undefined for look-alikes and any port but 443. */
export function parseEcrHost(host: string): EcrHost | undefined {
  const bare = withoutPort(host);
  if (PUBLIC_HOSTS.includes(bare)) return { kind: 'public', host };
  // Most hosts skip the pattern.
  if (!bare.includes('.dkr')) return undefined;
  const { account, joint, fips, region, suffix } = PRIVATE_HOST.exec(bare)?.groups ?? {};
  if (account === undefined || region === undefined || suffix === undefined) return undefined;
  const dualStack = joint === '-';
  const suffixes = dualStack ? DUAL_STACK_SUFFIXES : IPV4_SUFFIXES;
  if (!suffixes.includes(suffix)) return undefined;
  return { kind: 'private', host, account, region, fips: fips !== undefined, dualStack };
}
