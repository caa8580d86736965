import { readFileSync } from 'node:fs';
import { answer, type HelperInput } from '../commands/credential-helper.ts';
import { writeAll } from '../io/descriptor.ts';
import { readWorld, type World, type WorldInput } from '../world.ts';
import { become, ecrAccess, environment, loadBundle, readFeature, uid } from './machine.ts';

declare const VERSION: string;

/** A pull waits for this; docker itself sets no limit. */
const BUDGET_MS = 20_000;

/** A login is rare, and what it takes more than half of what a pull would wait for. */
const record: HelperInput['record'] = (verb, text) =>
  loadBundle('login').record(verb, text, readAll(readFeature()));

function readAll(feature: Pick<WorldInput, 'options' | 'actionFile'> = {}): World {
  return readWorld({
    ...feature,
    environment,
    uid,
    become,
    ecr: ecrAccess(BUDGET_MS),
    now: Date.now,
  });
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const readInput = () => readFileSync(0, 'utf8');
  const reply = await answer({ words, readInput, readWorld: readAll, record, version: VERSION });
  writeAll(1, reply.stdout);
  writeAll(2, reply.stderr);
  // A name look-up that is still open must not hold docker up.
  process.exit(reply.status);
}

main().catch((error: unknown) => {
  // The protocol's place for words is stdout, and docker would quote all of a stack trace.
  writeAll(1, `registry-auth: unexpected ${error instanceof Error ? error.name : 'error'}\n`);
  process.exit(1);
});
