import { describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { found, helper, refused } from './support/helper.ts';

const HOST = 'reg.example.com';
const env = triple('ACME', HOST, 'ada', CANARY);

const login = (ServerURL: string, Username: string, Secret: string) =>
  JSON.stringify({ ServerURL, Username, Secret });

describe('store refuses', () => {
  test.each([
    { name: 'nothing', input: '', words: 'standard input is no JSON credential' },
    { name: 'words', input: 'hello', words: 'standard input is no JSON credential' },
    { name: 'null', input: 'null', words: 'standard input is no JSON credential' },
    { name: 'a number', input: '5', words: 'standard input is no JSON credential' },
    { name: 'an array', input: `[${login(HOST, 'b', 's')}]`, words: /^[^{]+\n$/ },
    {
      name: 'no ServerURL',
      input: '{"Username":"b","Secret":"s"}',
      words: 'no credentials server URL',
    },
    { name: 'an empty ServerURL', input: login(' ', 'b', 's'), words: 'no credentials server URL' },
    {
      name: 'no Username',
      input: `{"ServerURL":"${HOST}","Secret":"s"}`,
      words: 'no credentials username',
    },
    { name: 'an empty Username', input: login(HOST, '', 's'), words: 'no credentials username' },
    {
      name: 'a server that is none',
      input: login('a b', 'u', 's'),
      words: 'the server URL names no host',
    },
    {
      name: 'a Secret that is a number',
      input: `{"ServerURL":"${HOST}","Username":"b","Secret":5}`,
      words: /^[^{]+\n$/,
    },
  ])('$name', async ({ input, words }) => {
    const home = scratchHome();
    expect(await helper('store', input, { home, env })).toEqual(refused(words));
    expect(await helper('get', HOST, { home, env })).toEqual(found(HOST, 'ada', CANARY));
  });
});
