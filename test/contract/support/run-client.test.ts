import { expect, test } from '@jest/globals';
import { newPlace } from './place.ts';
import { runClient, withPrograms } from './run-client.ts';

const say = (program: string) => runClient(newPlace(), program, ['-c', 'echo hello']);

test('a test runs the clients that it names', async () => {
  await withPrograms(['sh'], async () => {
    expect(await say('sh')).toEqual({ status: 0, stdout: 'hello\n', stderr: '' });
  });
});

test('and no other, be it there or not', async () => {
  const refused = /^(?:sh|no-such-client): not among the clients of this test$/;
  await withPrograms(['docker'], async () => {
    for (const program of ['sh', 'no-such-client'])
      await expect(say(program)).rejects.toThrow(refused);
  });
  await expect(say('docker')).rejects.toThrow('docker: not among the clients of this test');
});
