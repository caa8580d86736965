import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { makeRuntime } from './memory.ts';

/**
 * Runs before each test file: a developer's own logins, secrets and AWS settings must not change a
 * result.
 */
const home = mkdtempSync(join(tmpdir(), 'registry-auth-home-'));
const own =
  /_?CONTAINER_REGISTRY_|^AWS_|^DOCKER_|^XDG_|^REGISTRY_AUTH|^GITHUB_|^CODESPACE|^ACTIONS_|^HELM_/;
for (const name of Object.keys(process.env)) if (own.test(name)) delete process.env[name];
process.env.HOME = home;

// Our programs cache tokens in memory, and forget those of secrets that they don't see.
process.env.XDG_RUNTIME_DIR = makeRuntime();

afterAll(() => rmSync(home, { recursive: true, force: true }));
