import { discover } from '../../src/domain/discover.ts';
import { createLedger, type Ledger, parseLedger } from '../../src/domain/ledger.ts';
import { type PlannedChange, planChange, type Texts } from '../../src/domain/plan.ts';
import type { Rules } from '../../src/domain/reconcile.ts';
import { type CredentialsMode, type Exchanged, findWanted } from '../../src/domain/wanted.ts';

export type ApplyOptions = Partial<Pick<Rules, 'force' | 'canUseHelper' | 'now'>> & {
  readonly mode?: CredentialsMode;
  readonly prune?: boolean;
  readonly isPrebuild?: boolean;
  readonly exchanged?: ReadonlyMap<string, Exchanged>;
};

/** A config.json and a ledger in memory, and the pure part of our commands on them. */
export class Desk {
  texts: Texts;
  readonly #newLedger = createLedger();

  constructor(config?: string) {
    this.texts = { config, ledger: undefined };
  }

  /** Applies triples given as `ID: [server, user, password]`; other variables as they are. */
  apply(
    triples: Record<string, [string, string, string] | string>,
    options: ApplyOptions = {},
  ): PlannedChange {
    const found = discover([{ name: 'environment', variables: variablesOf(triples) }], {
      githubToken: true,
    });
    const { mode = 'file', isPrebuild = false, exchanged = new Map(), prune = false } = options;
    return this.#write(
      {
        force: false,
        canUseHelper: true,
        now: 0,
        giveBackAdopted: false,
        ...options,
        mayRemove: (row) => prune && !found.brokenIds.has(row.id),
      },
      (config, ledger) =>
        findWanted(found.claims, {
          mode,
          isPrebuild,
          exchanged,
          ledger,
          githubToken: found.githubToken,
          hasCredsStore: config.credsStore !== undefined,
        }),
    );
  }

  logout(): PlannedChange {
    return this.#write(
      { force: false, canUseHelper: true, now: 0, giveBackAdopted: true, mayRemove: () => true },
      () => [],
    );
  }

  #write(rules: Rules, want: Parameters<typeof planChange>[1]['want']): PlannedChange {
    const input = {
      rules,
      want,
      envFiles: () => [],
      shown: '~/.docker/config.json',
      newLedger: this.#newLedger,
    };
    const planned = planChange(this.texts, input);
    const { config, ledger, before } = planned.change;
    this.texts = {
      config: config === undefined ? this.texts.config : (config ?? undefined),
      ledger: ledger === undefined ? (before ?? this.texts.ledger) : (ledger ?? undefined),
    };
    return planned;
  }

  /** As docker does it: decode, change, write anew with tabs and without a final newline. */
  rewrite(change: (config: DockerJson) => void): void {
    const config: DockerJson = JSON.parse(this.texts.config || '{}');
    change(config);
    this.texts = { ...this.texts, config: JSON.stringify(config, null, '\t') };
  }

  dockerLogin(key: string, user: string, password: string): void {
    this.rewrite((config) => {
      config.auths = {
        ...config.auths,
        [key]: { auth: Buffer.from(`${user}:${password}`).toString('base64') },
      };
    });
  }

  get config(): DockerJson {
    return JSON.parse(this.texts.config || '{}');
  }

  get ledger(): Ledger | undefined {
    const parsed = this.texts.ledger === undefined ? undefined : parseLedger(this.texts.ledger);
    return parsed && 'ledger' in parsed ? parsed.ledger : undefined;
  }

  /** What `auths` holds, as `user:password` by key. */
  get logins(): Record<string, string> {
    const entries = Object.entries(this.config.auths ?? {});
    return Object.fromEntries(
      entries.map(([key, { auth = '' }]) => [key, Buffer.from(auth, 'base64').toString()]),
    );
  }
}

export type DockerJson = {
  auths?: Record<string, { auth?: string; [member: string]: unknown }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
  [member: string]: unknown;
};

function variablesOf(
  triples: Record<string, [string, string, string] | string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(triples).flatMap(([id, value]): [string, string][] => {
      if (typeof value === 'string') return [[id, value]];
      const prefix = `${id}_CONTAINER_REGISTRY`;
      return [
        [`${prefix}_SERVER`, value[0]],
        [`${prefix}_USER`, value[1]],
        [`${prefix}_PASSWORD`, value[2]],
      ];
    }),
  );
}
