import { readdirSync, readFileSync } from 'node:fs';

/** The command lines that were seen on this machine, containers included, while something ran. */
export type Watch = {
  /** Ends the watch: each command line once, its arguments joined by spaces. */
  stop(): string[];
};

/** Looks at every process again and again: what stands on a command line, anybody can read. */
export function watchArguments(): Watch {
  const seen = new Set<string>();
  const look = () => {
    for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) note(seen, name);
  };
  // A program of ours runs for 30 ms on a fast machine.
  const timer = setInterval(look, 8);
  return {
    stop: () => {
      clearInterval(timer);
      return [...seen].sort();
    },
  };
}

function note(seen: Set<string>, pid: string): void {
  try {
    seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
  } catch {
    // Ended in the meantime.
  }
}
