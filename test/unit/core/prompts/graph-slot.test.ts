import { expect, it } from 'vitest';
import { shownGraph } from '../../../../src/core/prompts/describe-graph.ts';

it.each([
  ['{"objects": []}', { shown: '{"objects":[]}', source: 'whole' }],
  ['I see it.\n```json\n{"objects": [1]}\n```', { shown: '{"objects":[1]}', source: 'code_block' }],
  ['so {"a": {"b": 1}}, as told', { shown: '{"a":{"b":1}}', source: 'braces' }],
])('shownGraph: extracts the JSON from %j', (text, expected) => {
  expect(shownGraph(text, 'text')).toEqual(expected);
});

it('shownGraph: returns a text without JSON unchanged, or an empty graph if requested (R26)', () => {
  expect(shownGraph('a red cube', 'text')).toEqual({ shown: 'a red cube', source: 'raw' });
  expect(shownGraph('a red cube', 'empty')).toEqual({ shown: '{}', source: 'raw' });
});
