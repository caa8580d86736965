import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readPages } from './support/markdown.ts';
import { run } from './support/run.ts';

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8');

test('the troubleshooting page explains every code that a message may have, and no other', () => {
  const ofPrograms = read('src/problem.ts').matchAll(/^ {2}\| '([A-Z_\d]+)'/gm);
  const ofInstallation = ['install.sh', 'private-node.sh']
    .map((script) => read(`features/registry-auth/${script}`))
    .flatMap((script) => [...script.matchAll(/\b(?:die|complain) ([A-Z_]+)/g)]);
  const codes = new Set([...ofPrograms, ...ofInstallation].map(([, code]) => code));
  const rows = read('docs/troubleshooting.md').matchAll(/^\| (`[A-Z_\d`, ]+`) \|/gm);
  const explained = [...rows].flatMap(([, cell = '']) => cell.match(/[A-Z_\d]{3,}/g) ?? []);
  expect(explained.sort()).toEqual([...codes].sort());
});

test('the command of the troubleshooting page shows names, near misses too, and no value', async () => {
  const page = readPages().find(({ path }) => path === 'docs/troubleshooting.md');
  const command = page?.blocks.find(({ text }) => text.startsWith('printenv'))?.text ?? '';
  const names = [
    'ACME_CONTAINER_REGISTRY_SERVER',
    'ACME_CONTAINER_REGISTRY_USERNAME',
    'ACME_REGISTRY_PASSWORD',
    'CONTAINER_REGISTERY_HUB_USER',
    'hub_container_registry_password',
  ];
  const env = Object.fromEntries(names.map((name) => [name, 'a-value']));
  const { stdout } = await run('sh', ['-c', command], { env });
  expect(stdout.trim().split('\n').sort()).toEqual([...names].sort());
});
