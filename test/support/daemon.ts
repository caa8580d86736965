import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export type Daemon = { readonly pid: number; readonly log: string };

/** Starts a program that stays as long as this process, with both its streams in the file `log`. */
export function startDaemon(command: string, args: readonly string[], log: string): Daemon {
  const out = openSync(log, 'a');
  // A session of its own: Ctrl-C in the terminal must not end the engine before its containers are
  // removed. A test run that is killed can't stop anything: the system does.
  const mortal = ['--pdeathsig', 'TERM', command, ...args];
  const child = spawn('setpriv', mortal, { detached: true, stdio: ['ignore', out, out] });
  child.on('error', () => {});
  child.unref();
  if (child.pid === undefined) throw new Error(`${command}: does not start; is it installed?`);
  return { pid: child.pid, log };
}

/** Polls until `probe` answers; rejects with the daemon's log once it has ended or time is up. */
export async function waitForDaemon<T>(
  daemon: Daemon,
  probe: () => Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (!isRunning(daemon.pid) || Date.now() > deadline) {
      throw new Error(`not ready: ${readFileSync(daemon.log, 'utf8').slice(-4000)}`);
    }
    await sleep(50);
  }
}

/** Ends a process by its id and waits until it is gone, by force after `timeoutMs`. */
export async function stopDaemon(pid: number, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  signal(pid, 'SIGTERM');
  while (isRunning(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL');
    await sleep(50);
  }
}

function isRunning(pid: number): boolean {
  return signal(pid, 0);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
