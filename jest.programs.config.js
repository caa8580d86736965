import unit from './jest.config.js';

/** What test suites and builds pull with, in many languages: `.ci/clients` and `.ci/programs` bring it. */
export default {
  ...unit,
  testMatch: ['<rootDir>/test/programs/*.test.ts'],
  testPathIgnorePatterns: [],
};
