import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, stopDaemon, waitForDaemon } from '../../support/daemon.ts';
import { run, runOrThrow } from '../../support/run.ts';
import { type Engine, onEngine, type State, saveState } from './state.ts';

const DEFAULT_SOCKET = '/var/run/docker.sock';
const DEFAULT_BRIDGE = 'docker0';

/** The engine's own log; of an engine that was there before, nothing: it is no test's to read. */
export function readEngineLog(state: State): string {
  return state.engine?.isOurs ? readFileSync(engineLog(state), 'utf8') : '';
}

function engineLog(state: State): string {
  return join(state.dir, 'engine', 'log');
}

/** Uses the engine that answers already, else starts one that is gone with the run. */
export async function startEngine(state: State): Promise<void> {
  const socket = runningSocket();
  if (await answers(socket)) {
    state.engine = { socket, socketGroup: statSync(socket).gid, isOurs: false };
  } else {
    await startOwnEngine(state);
  }
  saveState(state);
}

function runningSocket(): string {
  const address = process.env.DOCKER_HOST ?? `unix://${DEFAULT_SOCKET}`;
  if (!address.startsWith('unix://')) {
    throw new Error('DOCKER_HOST: not a unix socket, which the tests mount into containers');
  }
  return address.slice('unix://'.length);
}

async function answers(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  const env = { DOCKER_HOST: `unix://${socket}` };
  return (await run('docker', ['version'], { env })).status === 0;
}

/**
 * Starts an engine in the run's folder; `enter` is put before its command, to start it in
 * surroundings of its own.
 */
export async function startOwnEngine(state: State, enter: readonly string[] = []): Promise<void> {
  const dir = join(state.dir, 'engine');
  mkdirSync(dir);
  const socket = join(dir, 'docker.sock');
  const hadBridge = hasBridge();
  // The machine's firewall, forwarding and routes stay: the tests talk over loopback only.
  const network = [
    '--iptables=false',
    '--ip6tables=false',
    '--ip-masq=false',
    '--ip-forward=false',
  ];
  const paths = ['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec')];
  const address = ['--pidfile', join(dir, 'pid'), '--host', `unix://${socket}`];
  // A containerd of the machine's that answers would be shared with other engines.
  const spaces = ['--containerd-namespace', state.run];
  const pluginSpaces = ['--containerd-plugins-namespace', `${state.run}-plugins`];
  const args = [...paths, ...address, ...network, ...spaces, ...pluginSpaces];
  const [command = '', ...rest] = [...enter, 'dockerd', ...args];
  const daemon = startDaemon(command, rest, engineLog(state));
  state.pids.push(daemon.pid);
  saveState(state);
  await waitForDaemon(daemon, async () => ((await answers(socket)) ? true : undefined));
  const engine: Engine = { socket, socketGroup: statSync(socket).gid, isOurs: true };
  state.engine = hadBridge ? engine : { ...engine, bridge: DEFAULT_BRIDGE };
  saveState(state);
}

function hasBridge(): boolean {
  return existsSync(`/sys/class/net/${DEFAULT_BRIDGE}`);
}

/** The label by which a run finds its containers again. */
export function runLabel(state: State): string {
  return `registry-auth.e2e=${state.run}`;
}

/** Takes back what a stopped engine of ours leaves: mounts under its folder, and its bridge. */
export async function tidyUpEngine(state: State): Promise<void> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const points = mounts.map((line) => line.split(' ')[1] ?? '').reverse();
  for (const point of points) {
    if (point.startsWith(`${state.dir}/`)) await run('umount', ['-l', point]);
  }
  if (state.engine?.bridge && hasBridge()) {
    await run('ip', ['link', 'delete', state.engine.bridge]).catch(() => undefined);
  }
}

/** Stops by id, the last one first, what this run started. */
export async function stopDaemons(state: State): Promise<void> {
  for (const pid of state.pids.splice(0).reverse()) await stopDaemon(pid);
  saveState(state);
}

/** The engine's client, with nobody's logins. */
export function docker(state: State, args: readonly string[]) {
  return run('docker', args, onEngine(state));
}

/** As `docker`, and rejects when it fails. */
export function dockerOrThrow(state: State, args: readonly string[]) {
  return runOrThrow('docker', args, onEngine(state));
}
