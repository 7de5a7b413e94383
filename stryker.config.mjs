// Changes one thing at a time in the core and runs the tests that touch it: what no test notices is told.
// `npm run test:mutants -- -m 'src/core/rewards/**'` takes one folder. The report lies in .cache/mutants.html.
export default {
  mutate: ['src/core/{rewards,metrics,answers}/**', 'src/rows/{read,views/mirror,views/polarity}/**'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutants.config.ts' },
  coverageAnalysis: 'perTest',
  ignorePatterns: ['/dist', '/.cache', '/media'],
  tempDirName: '.cache/mutants',
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { reportTests: false, allowColor: false },
  htmlReporter: { fileName: '.cache/mutants.html' },
  jsonReporter: { fileName: '.cache/mutants.json' },
  concurrency: 2,
  timeoutMS: 20_000,
  thresholds: { high: 95, low: 85, break: 85 },
};
