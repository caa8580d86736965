import { answer, type HelperInput } from '../commands/credential-helper.ts';
import { writeAll, writeLast } from '../io/files/descriptor.ts';
import { InputError, readInput } from '../io/files/input.ts';
import { readWorld, type World, type WorldInput } from '../world.ts';
import { ecrAccess, loadBundle, readFeature, SELF } from './machine.ts';

declare const VERSION: string;

/** A pull waits for this; docker itself sets no limit. */
const BUDGET_MS = 20_000;

/** A login is rare, and its code would be more than half of what a pull loads. */
const record: HelperInput['record'] = (verb, text) =>
  loadBundle('login')[verb](text, readAll(readFeature()));

function readAll(feature: Pick<WorldInput, 'options' | 'actionFile'> = {}): World {
  return readWorld({ ...SELF, ...feature, ecr: ecrAccess(BUDGET_MS, true) });
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const reply = await answer({ words, readInput, readWorld: readAll, record, version: VERSION });
  writeAll(1, reply.stdout);
  writeAll(2, reply.stderr);
  // A pending name look-up must not delay docker.
  process.exit(reply.status);
}

main().catch((error: unknown) => {
  const { name = 'error', message, code = '' } = error as NodeJS.ErrnoException;
  const isOfInput = error instanceof InputError;
  const what = isOfInput ? `standard input ${message}` : `unexpected ${name} ${code}`.trimEnd();
  // The protocol's errors go to stdout, and docker would show a whole stack trace.
  for (const stream of isOfInput ? [1] : [1, 2]) writeLast(stream, `registry-auth: ${what}\n`);
  process.exit(1);
});
