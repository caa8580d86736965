import { expect } from '@jest/globals';
import { testWith } from './needs.ts';
import { whyNot } from './run.ts';

/** Tests for needs.test.ts, which runs them in a Jest of its own. */
const there = { missing: whyNot(process.execPath, ['--version']) };
const absent = { missing: whyNot('no-such-client', ['--version']) };
const broken = { missing: whyNot(process.execPath, ['-e', 'process.exit(1)']) };
const other = { missing: whyNot(process.execPath, ['--version'], {}, /^Docker version/) };

const optional = { missing: absent.missing, isOptional: true } as const;

const never = () => expect('this test').toBe('not run');

testWith([there], 'has all', () => undefined);
testWith([absent], 'lacks one', never);
testWith([there, absent], 'lacks another', never);
testWith([absent, broken, other], 'lacks three', never);
testWith([there, optional], 'lacks what is optional', never);
