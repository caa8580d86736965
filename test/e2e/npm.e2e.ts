import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DevContainer, devcontainerUp } from './support/container.ts';

const LINE = `//npm.pkg.github.com/:_authToken=\${GITHUB_TOKEN}`;
const ENV = { GITHUB_TOKEN: 'canary-token' };

let container: DevContainer;

beforeAll(async () => {
  container = await devcontainerUp({ user: 'dev', options: { githubNpm: true }, secrets: ENV });
});
afterAll(() => container.down());

test('a container without ~/.npmrc gets one with the variable instead of its value', async () => {
  const { stdout } = await container.exec("stat -c '%U %a' ~/.npmrc && cat ~/.npmrc");
  expect(stdout).toBe(`dev 600\n${LINE}\n`);
});

describe('in a ~/.npmrc of the user', () => {
  const hook = () => container.exec('registry-auth hook postStart', { env: ENV });
  const write = (TEXT: string) =>
    container.exec('printf %s "$TEXT" >~/.npmrc && chmod 0644 ~/.npmrc', { env: { TEXT } });
  const read = async () => (await container.exec("stat -c '%a' ~/.npmrc; cat ~/.npmrc")).stdout;

  test.each([
    ['other lines are kept', 'save-exact=true\n; a comment\n', '\n'],
    ['a last line without an end gets one', 'save-exact=true', '\n'],
    ['lines of Windows stay so', 'save-exact=true\r\nfund=false\r\n', '\r\n'],
    ['a commented line is no line', `;${LINE}\n`, '\n'],
  ])('%s', async (_, text, newline) => {
    await write(text);
    await hook();
    const whole = text.endsWith('\n') ? text : `${text}\n`;
    expect(await read()).toBe(`644\n${whole}${LINE}${newline}`);
  });

  test.each([
    ['our own line', `${LINE}\n`],
    ['a token of the user', '//npm.pkg.github.com/:_authToken=canary-own\nfund=false'],
    ['a token with spaces around', '  //npm.pkg.github.com/:_authToken = canary-own\n'],
    ['a password', '//npm.pkg.github.com/:_password=canary-own\n'],
  ])('%s is left alone, and so is everything else', async (_, text) => {
    await write(text);
    const before = await container.exec("stat -c '%i %y' ~/.npmrc");
    expect(await hook()).toMatchObject({ status: 0 });
    expect(await read()).toBe(`644\n${text}`);
    expect(await container.exec("stat -c '%i %y' ~/.npmrc")).toEqual(before);
  });
});
