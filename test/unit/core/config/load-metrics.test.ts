import { expect, test } from 'vitest';
import { loadMetrics } from '../../../../src/core/config/load-metrics.ts';

test('metrics of one’s own are programs by name, with their place in the file', () => {
  expect(loadMetrics('politeness: { command: [python, metrics.py] }', 'm.yaml').metrics).toMatchObject([
    { name: 'politeness', at: 'm.yaml.politeness', command: ['python', 'metrics.py'] },
  ]);
});

test.each([
  ['a: {comand: [x]}', /Unknown field "comand"/],
  // What is not YAML is said to be that, and not to lack fields.
  ['a: [', /Flow sequence/],
])('%s is refused in words', (text, why) => {
  const { metrics, problems } = loadMetrics(text, 'm.yaml');
  expect(metrics).toBeNull();
  expect(problems[0]!.message).toMatch(why);
});
