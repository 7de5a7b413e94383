import { expect, test } from 'vitest';
import { buildReport } from '../../../../src/core/reports/build.ts';
import type { Evaluation } from '../../../../src/core/reports/evaluation.ts';
import { evaluationOf, OPTIONS, rowOf } from '../../../support/evaluation.ts';

/** An evaluation of 200 or `length` questions in both views: so many originals and mirrors are right. */
function evaluated(subject: string, originals: number, mirrors: number, length = 200): Evaluation {
  const rows = Array.from({ length }, (_, i) =>
    (['original', 'mirror'] as const).map((view) =>
      rowOf({
        id: `q${i}`,
        task: 'yesno',
        answer: 'yes',
        view,
        set: 'val',
        completion: i < (view === 'original' ? originals : mirrors) ? 'yes' : 'no',
      }),
    ),
  ).flat();
  return evaluationOf(rows, { subject, key: subject });
}

const opening = (...evaluations: Evaluation[]) => {
  const { lead, sections } = buildReport(evaluations, { ...OPTIONS, published: false });
  return { sentence: lead[0]!, first: sections[0]! };
};

test('a report opens with who is ahead by both views, and a figure of it', () => {
  const { sentence, first } = opening(evaluated('given', 195, 90), evaluated('spatial', 180, 175));
  expect(sentence).toMatch(
    /^On val, spatial has both views right most often: for 87\.5 % \([\d. –]+\) of 200 questions asked in both views, against 45\.0 % \([\d. –]+\) of the next, given\.$/,
  );
  expect(first.id).toBe('outcome');
  const [chart] = first.charts;
  expect(chart!.series.map(({ name }) => name)).toEqual(['originals', 'mirrors', 'both views right']);
  expect(chart!.series.map(({ points }) => points.map(({ y }) => y))).toEqual([
    [90, 97.5],
    [87.5, 45],
    [87.5, 45],
  ]);
});

test('it says where the order may be chance, and where two are level', () => {
  expect(opening(evaluated('a', 150, 150), evaluated('b', 146, 146)).sentence).toContain(
    'Their intervals overlap: the order may be chance.',
  );
  expect(opening(evaluated('a', 150, 150), evaluated('b', 150, 150)).sentence).toMatch(
    /^On val, a has both views right for 75\.0 % .*, like b\.$/,
  );
});

test('it says where two were asked different rows of sets with one name', () => {
  expect(opening(evaluated('a', 150, 150), evaluated('b', 40, 40, 100)).sentence).toMatch(
    /^On val, a .* of the next, b\. They were asked different rows \(200 and 100\), so the order says little\.$/,
  );
});

test('of one evaluation it gives the figure, and of none it says so', () => {
  expect(opening(evaluated('a', 150, 150)).sentence).toMatch(
    /^On val, a has both views right for 75\.0 % \([\d. –]+\) of 200 questions asked in both views\.$/,
  );
  expect(opening().sentence).toMatch(/^No evaluations/);
});

test('many evaluations are drawn in part, and the figure says so', () => {
  const many = Array.from({ length: 8 }, (_, i) => evaluated(`m${i}`, 100 + i, 100 + i));
  const [chart] = opening(...many).first.charts;
  expect(chart!.notes[0]).toBe('The first 6 of 8 evaluations; the tables have all.');
  expect(chart!.notes[1]).toContain('Floor without looking, originals and mirrors of val: ');
  expect(chart!.series[0]!.points).toHaveLength(6);
});
