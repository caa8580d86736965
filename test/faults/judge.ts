import { searchFor } from '../support/secrets.ts';
import { type Content, type Item, isLeftover } from './folder.ts';
import type { Call, Ended } from './launch.ts';
import { SECRETS } from './scenarios.ts';

/** What undisturbed calls make of a scenario's home. */
export type Oracle = {
  readonly old: Content;
  readonly done: Content;
  /** What the next call makes of the old and of the done. */
  readonly ends: readonly Content[];
};

/** What is wrong in a home right after a disturbed call: each file is the old or the new one. */
export function judgeMiddle(content: Content, { old, done }: Oracle): string[] {
  const paths = [...new Set([...old.keys(), ...done.keys(), ...content.keys()])];
  return paths.flatMap((path) => {
    const item = content.get(path);
    if (isLeftover(path)) return judgeLeftover(path, item, [old, done]);
    const isEither = [old, done].some((one) => isSame(item, one.get(path)));
    return isEither ? [] : [`${path}: neither the old nor the new one`];
  });
}

/** It may hold secrets, so it is no more open than the file that it was to replace. */
function judgeLeftover(path: string, item: Item | undefined, known: readonly Content[]): string[] {
  if (item === undefined) return [];
  if (item.kind === 'directory') return (item.mode & 0o077) === 0 ? [] : [tellMode(path, item)];
  const replaced = path.replace(/\.lock\/[^/]+$/, '');
  const modes = [0o600, ...known.flatMap((one) => one.get(replaced)?.mode ?? [])];
  return modes.includes(item.mode) ? [] : [tellMode(path, item)];
}

function tellMode(path: string, { mode }: Item): string {
  return `${path}: mode ${mode.toString(8)}`;
}

function isSame(one: Item | undefined, other: Item | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What is wrong in a home after the next call: it is what it would have been anyway. */
export function judgeEnd(content: Content, { ends }: Oracle, gone: readonly string[]): string[] {
  const found = differences(content, ends[0] ?? new Map());
  const isRight = ends.some((end) => differences(content, end).length === 0);
  const all = [...content].map(([path, { text }]) => `${path}\n${text}`).join('\n');
  const leaks = gone.length > 0 ? searchFor(gone).findIn(Buffer.from(all, 'latin1')) : [];
  return [...(isRight ? [] : found), ...leaks.map((leak) => `still there: ${leak}`)];
}

/** The paths at which two homes say different things. */
export function differences(one: Content, other: Content): string[] {
  const paths = [...new Set([...one.keys(), ...other.keys()])];
  return paths.flatMap((path) => {
    const [here, there] = [one.get(path), other.get(path)];
    if (!here || !there) return [`${path}: ${here ? 'should not be there' : 'is not there'}`];
    return isSame(here, there) ? [] : [`${path}: differs`];
  });
}

/** What is wrong with what was said. */
export function judgeWords({ stdout, stderr }: Ended): string[] {
  return searchFor(SECRETS)
    .findIn(Buffer.from(stdout + stderr))
    .map((leak) => `said: ${leak}`);
}

/** What is wrong with how a call ended in which the system refused something. */
export function judgeAnswer(call: Call, ended: Ended, isDone: boolean): string[] {
  const { status, stdout, stderr } = ended;
  const isHook = call.args[0] === 'hook';
  const words = call.program === 'registry-auth' ? stderr : stdout;
  const isTold = call.program === 'registry-auth' ? /\[[A-Z_]+\]/.test(words) : words !== '';
  return [
    ...(status === 0 || (status === 1 && !isHook) ? [] : [`exit status ${status}`]),
    ...(status === 0 && !isHook && !isDone ? ['says success, and it is not done'] : []),
    ...(isDone && /left unchanged/.test(words) ? ['says that nothing was done, and it is'] : []),
    ...((status !== 0 || !isDone) && !isTold ? ['says nothing of what went wrong'] : []),
    ...(/unexpected|node:|\bat \//.test(stdout + stderr) ? ['words for a developer'] : []),
  ];
}
