import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installWrappers, LIB } from '../support/built.ts';
import { type Content, type Item, readFolder, writeFolder } from './folder.ts';
import { differences, type Oracle } from './judge.ts';
import { type Call, launchInside, type Place } from './launch.ts';
import type { Scenario, Step } from './scenarios.ts';

/** A place in which scenarios run, one call at a time. */
export type Stage = { readonly place: Place; readonly log: string; readonly close: () => void };

/** Makes a place where nothing is of the developer's: home, token cache, PATH's helper. */
export function openStage({ options }: Pick<Scenario, 'options'>): Stage {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'registry-auth-faults-')));
  const base = existsSync('/dev/shm') ? '/dev/shm' : folder;
  const memory = mkdtempSync(join(base, 'registry-auth-faults-'));
  // It is there at the first call as at all later ones, or these would have other calls of the system.
  mkdirSync(join(memory, `registry-auth-${process.getuid?.() ?? 0}`), { mode: 0o700 });
  const lib = join(folder, 'share', 'lib');
  cpSync(LIB, lib, { recursive: true });
  if (options) writeFileSync(join(folder, 'share', 'options.json'), JSON.stringify(options));
  const PATH = installWrappers(join(folder, 'bin'));
  const close = () => {
    for (const path of [folder, memory]) rmSync(path, { recursive: true, force: true });
  };
  const place = { home: join(folder, 'home'), lib, env: { PATH, XDG_RUNTIME_DIR: memory } };
  return { place, log: join(folder, 'trace'), close };
}

/** What a scenario starts with and ends with while nothing disturbs it; rejects where it fails. */
export async function findOracle(scenario: Scenario, place: Place): Promise<Oracle> {
  const { files = {}, before = [], call, next = call } = scenario;
  writeFolder(place.home, contentOf(files));
  await prepare(before, place);
  const old = readFolder(place.home);
  const done = await after(call, old, place);
  if (differences(old, done).length === 0) throw new Error(`${scenario.name}: changes nothing`);
  const ends = [await after(next, old, place), await after(next, done, place)];
  return { old, done, ends };
}

/** Calls and other programs' deeds, undisturbed, one after the other. */
export async function prepare(steps: readonly Step[], place: Place): Promise<void> {
  const config = join(place.home, '.docker/config.json');
  let remembered = '';
  for (const step of steps) {
    if (typeof step !== 'string') await launchWell(step, place);
    else if (step === 'remember the file') remembered = readFileSync(config, 'utf8');
    else if (step === 'bring the file back') writeFileSync(config, remembered);
    else writeFileSync(config, withoutRecord(readFileSync(config, 'utf8')));
  }
}

/** As podman writes it, which knows nothing of `plugins`. */
function withoutRecord(text: string): string {
  const { plugins: _, ...config } = JSON.parse(text);
  return JSON.stringify(config, null, '\t');
}

async function after(call: Call, content: Content, place: Place): Promise<Content> {
  writeFolder(place.home, content);
  await launchWell(call, place);
  return readFolder(place.home);
}

async function launchWell(call: Call, place: Place): Promise<void> {
  const { status, stdout, stderr } = await launchInside(call, place);
  if (status !== 0) throw new Error(`${call.args.join(' ')}: ${status}\n${stdout}${stderr}`);
}

export function contentOf(files: NonNullable<Scenario['files']>): Content {
  const content = new Map<string, Item>();
  for (const [path, given] of Object.entries(files)) {
    const folder = dirname(path);
    if (folder !== '.') content.set(folder, content.get(folder) ?? item({ kind: 'directory' }));
    content.set(path, item(typeof given === 'string' ? { text: given } : given));
  }
  return content;
}

function item(given: Partial<Item>): Item {
  const mode = given.kind === 'directory' ? 0o700 : 0o600;
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  // Bytes are characters here.
  const text = Buffer.from(given.text ?? '').toString('latin1');
  return { kind: 'file', mode, ...owner, ...given, text };
}
