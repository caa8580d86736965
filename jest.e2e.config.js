import unit from './jest.config.js';

/** The real engine and registry: needs root (or an engine that runs) and Debian's packages. */
export default {
  ...unit,
  testMatch: ['<rootDir>/test/e2e/**/*.e2e.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // The environment of every program is made anew, from the set-up's state, which a wiped
  // environment would lose.
  setupFilesAfterEnv: [],
  globalSetup: '<rootDir>/test/e2e/support/start.ts',
  globalTeardown: '<rootDir>/test/e2e/support/stop.ts',
  testTimeout: 180_000,
};
