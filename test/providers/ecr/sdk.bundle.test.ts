import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { parseEcrHost } from '../../../src/providers/ecr/host.ts';
import { startEcrStandIn } from '../../support/ecr-stand-in.ts';
import { scratchHome } from '../../support/process.ts';
import { type Finished, runOrThrow } from '../../support/run.ts';

// Loads the whole SDK, on a machine that may be busy.
jest.setTimeout(30_000);

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const TRIPLE = { user: 'AKIAIOSFODNN7EXAMPLE', password: 'canary/secret+key' };
const KEYS = { accessKeyId: TRIPLE.user, secretAccessKey: TRIPLE.password };

/** Built as it ships: Jest's own globals change what the SDK makes of a network error. */
describe('the bundle', () => {
  const file = join(scratchHome(), 'ecr.cjs');
  const source = `
    const [file, host, keys] = process.argv.slice(1);
    require(file).exchangeEcrKeys(JSON.parse(host), JSON.parse(keys), AbortSignal.timeout(8000)).then(
      ({ user }) => console.log(user),
      ({ name, code }) => console.log(name, code));`;

  async function runBundle(url: string): Promise<Finished> {
    const setting = 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED="true"';
    const flags = ['--bundle', '--platform=node', '--format=cjs', `--define:${setting}`];
    const from = join(__dirname, '../../../src/providers/ecr/sdk.ts');
    const bin = join(__dirname, '../../../node_modules/.bin/esbuild');
    await runOrThrow(bin, [from, ...flags, '--main-fields=module,main', `--outfile=${file}`]);
    const args = ['-e', source, file, JSON.stringify(parseEcrHost(HOST)), JSON.stringify(TRIPLE)];
    return runOrThrow(process.execPath, args, { env: { AWS_ENDPOINT_URL_ECR: url } });
  }

  test('exchanges without a word about the version of Node', async () => {
    const ecr = await startEcrStandIn({ identities: [{ ...KEYS, account: '123456789012' }] });
    try {
      expect(await runBundle(ecr.url)).toEqual({ status: 0, stdout: 'AWS\n', stderr: '' });
    } finally {
      await ecr.close();
    }
  });

  test.each([
    ['ECONNREFUSED', 'http://127.0.0.1:9', 'Error'],
    ['ERR_INVALID_URL', 'nonsense', 'TypeError'],
  ])('keeps the code of the network: %s', async (code, url, name) => {
    expect(await runBundle(url)).toEqual({ status: 0, stdout: `${name} ${code}\n`, stderr: '' });
  });
});
