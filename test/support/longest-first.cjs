const { default: Sequencer } = require('@jest/test-sequencer');

/** They take longest, but are small, and a first run goes by size: one of them would end alone. */
const LONGEST = /\/(?:check-many|ecr-time|faults|fuzz|leaks|sdk|table)\.test\.ts$/;

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const all = super.sort(tests);
    const isLong = ({ path }) => LONGEST.test(path);
    return [...all.filter(isLong), ...all.filter((one) => !isLong(one))];
  }
};
