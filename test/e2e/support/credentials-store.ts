import { randomUUID } from 'node:crypto';
import { asRoot } from './codespace.ts';
import type { DevContainer } from './container.ts';

/**
 * What VS Code's helper does when nobody is connected, and what it answers when the machine at the
 * other end has no such login.
 */
export const SILENT = 'exit 255';
export const NOT_FOUND = 'echo credentials not found in native keychain; exit 1';

// Reads, changes and writes in place, as the editor's shell commands do; other keys stay.
const SET_STORE = `const fs = require('fs'); const [file, store] = process.argv.slice(1);
  fs.mkdirSync(require('path').dirname(file), { recursive: true });
  const config = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)) : {};
  if (store) config.credsStore = store; else delete config.credsStore;
  fs.writeFileSync(file, JSON.stringify(config, null, '\\t'));`;

/**
 * Sets a credsStore as VS Code does whenever it connects: a new name, and a helper that is of no
 * use (docs/clients.md, VS Code).
 */
export async function injectCredsStore(
  container: DevContainer,
  behaviour: string = SILENT,
): Promise<string> {
  const store = `dev-containers-${randomUUID()}`;
  const helper = `/usr/local/bin/docker-credential-${store}`;
  const write = `printf %s "$SCRIPT" >${helper} && chmod 0755 ${helper}`;
  await asRoot(container, write, { SCRIPT: `#!/bin/sh\n${behaviour}\n` });
  await setCredsStore(container, store);
  return store;
}

/** Sets the credsStore of the user's config.json, or takes it away. */
export async function setCredsStore(container: DevContainer, store = ''): Promise<void> {
  const env = { SCRIPT: SET_STORE, STORE: store };
  const write = 'node -e "$SCRIPT" ~/.docker/config.json "$STORE"';
  const { status, stderr } = await container.exec(write, { env });
  if (status !== 0) throw new Error(`config.json: ${stderr}`);
}
