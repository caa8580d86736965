import type { Problem } from '../problem.ts';
import type { CheckOutcome } from '../registry-client/result.ts';

/** One result of a check, as shown. No field holds a credential or a registry's own text. */
export type Finding = {
  readonly id?: string | undefined;
  readonly provider?: string;
  readonly host?: string;
  readonly key?: string;
  readonly image?: string | undefined;
  readonly outcome: CheckOutcome;
  /** Where the credential is from; absent if there is none. */
  readonly source?: string | undefined;
  readonly what: string;
  /** The same without a host, for a hook's log. */
  readonly hostless: string;
  readonly fix?: string | undefined;
  readonly milliseconds: number;
};

export function findIncomplete(problems: readonly Problem[], isInCodespace: boolean): Finding[] {
  const incomplete = problems.filter(({ code }) => code === 'TRIPLE_INCOMPLETE');
  return incomplete.map(({ id = '', subject, what, fix }) => ({
    id,
    outcome: 'incomplete',
    what: `${subject}: ${what}`,
    hostless: `${subject}: ${what}`,
    fix: isInCodespace ? `${fix}; ${WHERE_MISSING}` : fix,
    milliseconds: 0,
  }));
}

/** Easily forgotten steps for Codespaces secrets (docs/clients.md, Codespaces). */
const WHERE_MISSING =
  'check the Codespaces secrets of the repository, of your account and of the organization; ' +
  'the last two must be granted to this repository; then ' +
  'stop and start the codespace';
