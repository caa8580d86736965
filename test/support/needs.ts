import { test } from '@jest/globals';

/** What a test cannot do without and not every machine has. */
export type Need = {
  /** Why it cannot be had here; undefined where it can. */
  readonly missing: string | undefined;
  /** Whether CI may be without it, because it takes long to bring. */
  readonly isOptional?: true;
};

type Check = () => Promise<void> | void;

const said = new Set<string>();

/**
 * `test` for what not every machine has: skipped where any of it is missing, with each reason said
 * once a file. With REQUIRE_CLIENTS=all, as in CI, it fails there instead, but for what is optional.
 */
export function testWith(
  needs: readonly Need[],
  behaviour: string,
  check: Check,
  run: (name: string, check: Check) => void = test,
): void {
  const reasons = new Set(needs.flatMap(({ missing }) => missing ?? []));
  const isRequired = needs.some(({ missing, isOptional }) => missing && !isOptional);
  if (reasons.size === 0) run(behaviour, check);
  else if (isRequired && process.env.REQUIRE_CLIENTS === 'all') fail(behaviour, reasons);
  else skip(behaviour, check, reasons);
}

function fail(behaviour: string, reasons: ReadonlySet<string>): void {
  test(behaviour, () => {
    throw new Error(`${[...reasons].join('; ')}; REQUIRE_CLIENTS=all allows no skipping`);
  });
}

function skip(behaviour: string, check: Check, reasons: ReadonlySet<string>): void {
  for (const reason of reasons) {
    if (!said.has(reason))
      process.stderr.write(`skipped, because ${reason}: the tests that need it\n`);
    said.add(reason);
  }
  test.skip(behaviour, check);
}
