import { availableParallelism } from 'node:os';

/**
 * Unit, golden, process and contract tests: no engine, no root. The engine's tests have
 * jest.e2e.config.js, those of installation and release jest.packaging.config.js, and those of what
 * test suites and builds pull with jest.programs.config.js.
 */
export default {
  testEnvironment: 'node',
  injectGlobals: false,
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // Many tests wait, for processes that they started and for time to pass.
  maxWorkers: availableParallelism() * 2,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    ...['e2e', 'packaging', 'programs'].map((folder) => `<rootDir>/test/${folder}/`),
  ],
  globalSetup: '<rootDir>/test/support/prepare.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/isolate.ts'],
};
