import { describe, expect, it } from 'vitest';
import type { ScoreRow } from '../../../../src/core/answers/score.ts';
import { answerSpread, isSpread } from '../../../../src/core/metrics/answer-spread.ts';
import { attribute, attributionMetrics } from '../../../../src/core/metrics/attribution.ts';
import { imageKey, isUnparsed, problemKey } from '../../../../src/core/evaluation/scored-row.ts';
import { chanceOf } from '../../../../src/core/metrics/chance.ts';
import type { SceneGraph } from '../../../../src/rows/scene-graph/scene-graph.ts';
import type { ImageRef } from '../../../../src/rows/sample/sample.ts';
import { scored } from '../metrics/rows.ts';

describe('scored row', () => {
  it.each<[ImageRef | undefined, string]>([
    ['a.jpg', 'a.jpg'],
    [{ path: 'a.jpg', w: 2, h: 2 }, 'a.jpg'],
    [{ parquet: 'b.parquet', column: 'image', row: 3 }, '["b.parquet","image",3,null]'],
    [{ w: 2, h: 2 }, 'row r'],
    [undefined, 'row r'],
  ])('imageKey: groups the image %j under %s', (image, key) => {
    expect(imageKey({ id: 'r', image })).toBe(key);
    expect(imageKey({ id: 'r', images: image === undefined ? [] : [image, 'z.jpg'] })).toBe(key);
  });

  it.each<[ScoreRow & { task: string }, boolean | null, number | null]>([
    [{ task: 'distance', answer: '2 m', completion: 'far' }, true, null],
    [{ task: 'bbox', answer: '[1, 2, 3, 4]', completion: 'there' }, true, null],
    [{ task: 'bbox', answer: '[1, 2, 3, 4]', completion: '[1, 2, 3, 4]' }, false, null],
    [{ task: 'point', answer: '(1, 2)', completion: 'there' }, true, null],
    [{ task: 'yesno', answer: 'yes', completion: 'perhaps' }, true, 1 / 2],
    [{ task: 'yesno', answer: 'yes', completion: 'no' }, false, 1 / 2],
    [{ task: 'side', answer: 'To the left.', completion: 'I cannot tell' }, true, 1 / 2],
    [{ task: 'side', answer: 'the upper left corner', completion: 'top left' }, false, 1 / 4],
    [{ task: 'mcq', answer: 'A', completion: '?', choices: ['x', 'y', 'z'] }, true, 1 / 3],
    [{ task: 'mcq', answer: 'A', completion: 'A' }, false, null],
    [{ task: 'count', answer: '2', completion: 'few' }, true, null],
    [{ task: 'judge', answer: '', completion: 'well' }, true, null],
    [{ task: 'scenegraph', answer: '', completion: 'none' }, true, null],
    [{ task: 'flipjson', answer: '', completion: 'none' }, true, null],
    [{ task: 'open', answer: 'a cup', completion: '' }, null, null],
  ])('scored row: reads %j as unparsed: %s, with chance %s', (row, unparsed, chance) => {
    expect(isUnparsed(scored(row))).toBe(unparsed);
    expect(chanceOf(scored(row))).toBe(chance);
  });

  it('problemKey: groups the completions of a question by set and view', () => {
    const row = scored({ id: 'a', completion: '', answer: '' });
    expect(problemKey(row)).toBe(problemKey({ ...row, set: '', view: 'original' }));
    expect(problemKey(row)).not.toBe(problemKey({ ...row, view: 'mirror' }));
  });
});

describe('answerSpread', () => {
  it('lists the most frequent answers first, and equally frequent answers alphabetically', () => {
    const rows = ['b', 'b', 'a', 'a', 'c', 'x'].map((letter, i) =>
      scored({ task: 'mcq', choices: ['w', 'x', 'y'], completion: letter, answer: 'B' }, i),
    );
    const given = answerSpread(rows).filter(({ metric }) => metric === 'given');
    expect(given.map(({ answer, value }) => [answer, value])).toEqual([
      ['B', 2 / 6],
      ['A', 2 / 6],
      ['C', 1 / 6],
      ['unparsed', 1 / 6],
    ]);
    const hidden = answerSpread(rows.map((row) => ({ ...row, options_hidden: true })));
    const texts = hidden.flatMap(({ metric, answer }) => (metric === 'given' ? answer : []));
    expect(texts).toEqual(['x', 'w', 'unparsed', 'y']);
    expect(['given', 'entropy', 'reference_top_share', 'accuracy', ''].map(isSpread)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('attribute: cause of a wrong answer', () => {
  const graph = (one: string, other: string): SceneGraph => ({
    version: 1,
    objects: [
      { id: 'a', label: 'cup' },
      { id: 'b', label: 'jug' },
    ],
    relations: [{ subject: one, predicate: 'left of', object: other, frame: 'viewer' }],
  });
  const row = { question: 'Is the cup left of the jug?', answer: 'yes', scene_graph: graph('a', 'b') };
  const [right, wrong] = [graph('a', 'b'), graph('b', 'a')].map((one) => JSON.stringify(one)) as [
    string,
    string,
  ];
  const silent = JSON.stringify({ ...graph('a', 'b'), relations: [] });
  it.each([
    [right, 'wrong', { graph: 'right', error: 'answer' }],
    [right, 'right', { graph: 'right', error: null }],
    [right, 'unparsed', { graph: 'right', error: 'format' }],
    [wrong, 'wrong', { graph: 'wrong', error: 'graph' }],
    [wrong, 'right', { graph: 'wrong', error: null }],
    [silent, 'wrong', { graph: 'silent', error: 'graph' }],
    ['no graph', 'wrong', { graph: 'none', error: 'format' }],
    ['no graph', 'right', { graph: 'none', error: null }],
  ] as const)('attribute returns for the graph %s and a %s answer %j', (written, outcome, cause) =>
    expect(attribute(row, written, outcome)).toEqual(cause),
  );

  it('attribute returns null if the row’s graph does not decide the answer', () => {
    const { question, answer } = row;
    expect(attribute({ question, answer }, right, 'wrong')).toBeNull();
    expect(attribute({ ...row, answer: 'no' }, right, 'wrong')).toBeNull();
  });

  it('counts causes among wrong answers, and missing graphs among right answers', () => {
    const of = (written: string, outcome: 'right' | 'wrong' | 'unparsed', n: number) => ({
      ...scored({ completion: '', answer: '' }, n),
      attribution: attribute(row, written, outcome)!,
    });
    const rows = [
      of(right, 'wrong', 0),
      of(wrong, 'wrong', 1),
      of(silent, 'wrong', 2),
      of(right, 'unparsed', 3),
      of(right, 'right', 4),
      of('no graph', 'right', 5),
    ];
    const metrics = attributionMetrics([...rows, scored({ completion: '', answer: '' }, 6)]);
    expect(Object.entries(metrics).map(([name, { value, n }]) => [name, value, n])).toEqual([
      ['graph_right', 3 / 6, 6],
      ['error_format', 1 / 4, 4],
      ['error_graph', 2 / 4, 4],
      ['error_answer', 1 / 4, 4],
      ['right_without_graph', 1 / 2, 2],
    ]);
    expect(attributionMetrics([])).toEqual({});
  });
});
