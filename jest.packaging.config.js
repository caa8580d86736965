import config from './jest.config.js';

// These make what they run themselves.
const { globalSetup: _, ...unit } = config;

/**
 * install.sh, the wrapper, the private Node, releases, pins, the build's bytes and the workflows:
 * slow, and only of interest to who changes them.
 */
export default {
  ...unit,
  testMatch: ['<rootDir>/test/packaging/*.test.ts'],
  testPathIgnorePatterns: [],
};
