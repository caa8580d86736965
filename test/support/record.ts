import { entry } from './triples.ts';

type Plugins = Record<string, Record<string, string>>;
export type DockerJson = { plugins?: Plugins; [member: string]: unknown };

const isOurs = (name: string) => /^registry-auth(?:-|$)/.test(name);

/** Our record in the text of a config.json, by the names of logins. */
export function recordsOf(config: string): Record<string, string> {
  const { plugins = {} }: DockerJson = JSON.parse(config || '{}');
  return plugins['registry-auth'] ?? {};
}

/** What stands in the text of a config.json beside our record. */
export function othersOf(config: string): DockerJson {
  const { plugins = {}, ...rest }: DockerJson = JSON.parse(config || '{}');
  const left = Object.entries(plugins).filter(([name]) => !isOurs(name));
  return left.length > 0 ? { ...rest, plugins: Object.fromEntries(left) } : rest;
}

/**
 * The text of a config.json after a `docker login` into the file: docker keeps what it does not
 * know, and `plugins`, and writes all of it anew.
 */
export function loggedIn(config: string, key: string, user: string, password: string): string {
  const whole = JSON.parse(config || '{}');
  const auths = { ...whole.auths, [key]: entry(user, password) };
  return JSON.stringify({ ...whole, auths }, null, '\t');
}
