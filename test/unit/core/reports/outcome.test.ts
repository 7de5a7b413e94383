import { describe, expect, test } from 'vitest';
import type { Audit, AuditFigure } from '../../../../src/core/metrics/audit/audit.ts';
import { buildReport } from '../../../../src/core/reports/build-report.ts';
import { drawChart } from '../../../../src/core/reports/drawing.ts';
import { reportHtml } from '../../../../src/core/reports/html.ts';
import { outcomeOf } from '../../../../src/core/reports/sections/outcome-section.ts';
import type { Evaluation } from '../../../../src/core/reports/evaluation.ts';
import type { ViewId } from '../../../../src/rows/view-list.ts';
import { evaluationOf, OPTIONS, rowOf, unjudged } from '../../../support/evaluation.ts';

/** An evaluation of 200 or `length` questions in both views: so many originals and mirrors, or other partners, are right. */
function evaluated(
  subject: string,
  originals: number,
  mirrors: number,
  length = 200,
  partner: ViewId = 'mirror',
): Evaluation {
  const rows = Array.from({ length }, (_, i) =>
    ['original', partner].map((view) =>
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
  const finding = lead[0]!.startsWith('On ') || lead.length === 1 ? null : lead[0]!;
  return {
    sentence: lead.slice(finding === null ? 0 : 1, Math.max(1, lead.length - 1)).join(' '),
    finding,
    first: sections[0]!,
  };
};

test('outcome: begins with the model ahead in pair accuracy, and its values', () => {
  const { sentence, finding, first } = opening(evaluated('given', 195, 90), evaluated('spatial', 180, 175));
  expect(finding).toBe('Largest view gap: given answers 97.5% of originals and 45.0% of mirrors correctly.');
  expect(sentence).toMatch(
    /^On val, spatial answers both views correctly most often: for 87\.5% \([\d. –]+\) of 200 questions evaluated in both views, against 45\.0% \([\d. –]+\) for given\. The image-free bound of all questions, which a model can reach without the image, is 100\.0% of pairs\. A model with one fixed answer to each form of question reaches 100\.0%\. \S+ and \S+ are not clearly above the score of one answer to each form of question, so there is no evidence that the model used the images\.$/,
  );
  expect(first.id).toBe('outcome');
  const [chart] = first.charts;
  expect(chart!.series.map(({ name }) => name)).toEqual(['originals', 'mirrors', 'pair accuracy']);
  expect(chart!.series.map(({ points }) => points.map(({ y }) => y))).toEqual([
    [90, 97.5],
    [87.5, 45],
    [87.5, 45],
  ]);
});

test('outcome: shows pairs with only one view right, for the evaluated view', () => {
  const shown = (partner: ViewId) =>
    opening(evaluated('given', 195, 90, 200, partner)).first.tables.map(({ id, rows }) => [
      id,
      ...rows.slice(0, 2).map(({ cells }) => cells.map(({ text }) => text)),
    ]);
  const pair = (name: string) => [
    'outcome-examples',
    ['original', expect.anything(), 'yes', 'yes', '✓\u00a0correct'],
    [name, expect.anything(), 'yes', 'no', '✗\u00a0wrong'],
  ];
  expect(shown('mirror')).toEqual([pair('mirror')]);
  expect(shown('reverse')).toEqual([pair('reversed')]);
});

test('outcome: shows no value if no answer is scored', () => {
  const rows = (['original', 'mirror'] as const).map((view) =>
    unjudged(rowOf({ id: 'q', task: 'yesno', answer: 'yes', view, set: 'val', completion: 'so it seems' })),
  );
  const { sentence } = opening(evaluationOf(rows, { subject: 'a', key: 'a' }));
  expect(sentence).toMatch(/^On val, no answer of a is scored yet\. The accuracy is unknown on 1 question/);
});

test('outcome: reports an uncertain order, and equal models', () => {
  expect(opening(evaluated('a', 150, 150), evaluated('b', 146, 146)).sentence).toContain(
    'Compare the evaluations row by row before you trust the order.',
  );
  expect(opening(evaluated('a', 150, 150), evaluated('b', 150, 150)).sentence).toMatch(
    /^On val, a answers both views correctly for 75\.0% .*, like b\. The image-free bound/,
  );
});

test('outcome: reports evaluations on different rows of sets with the same name', () => {
  expect(opening(evaluated('a', 150, 150), evaluated('b', 40, 40, 100)).sentence).toMatch(
    /^On val, a .* of 100 for b\. The rows differ, so the order is uncertain\. The image-free bound/,
  );
});

test('outcome: reports the value of a single evaluation, or its absence', () => {
  expect(opening(evaluated('a', 150, 150)).sentence).toMatch(
    /^On val, a answers both views correctly for 75\.0% \([\d. –]+\) of 200 questions evaluated in both views\. The image-free bound of all questions, which a model can reach without the image, is .* a is not clearly above the score of one answer to each form of question, so /,
  );
  expect(opening().sentence).toMatch(/^No evaluations/);
});

test('outcome: draws the first six of many evaluations, with a note', () => {
  const many = Array.from({ length: 8 }, (_, i) => evaluated(`m${i}`, 100 + i, 100 + i));
  const [chart] = opening(...many).first.charts;
  expect(chart!.notes[0]).toBe('First 6 of 8 evaluations. The tables contain all evaluations.');
  expect(chart!.notes[1]).toContain('Image-free bound, originals and mirrors of val: ');
  expect(chart!.series[0]!.points).toHaveLength(6);
});

/** Questions for the side, of which so many originals and mirrors are right, and others that are all right. */
function ofKinds(subject: string, originals: number, mirrors: number): Evaluation {
  const rows = Array.from({ length: 80 }, (_, i) =>
    (['original', 'mirror'] as const).map((view) => {
      const type = i < 40 ? 'side' : 'nearer';
      const isRight = type === 'nearer' || i < (view === 'original' ? originals : mirrors);
      return rowOf({
        id: `q${i}`,
        task: 'yesno',
        question: `Is ${i} ${view === 'original' ? 'left' : 'right'} of it?`,
        answer: 'yes',
        view,
        set: 'val',
        completion: isRight ? 'yes' : 'no',
        meta: { question_type: type },
      });
    }),
  ).flat();
  return evaluationOf(rows, { subject, key: subject });
}

test('outcome: reports the kind of question with the largest view gap, with example pairs', () => {
  const evaluations = [ofKinds('given', 40, 0), ofKinds('spatial', 38, 37)];
  const { finding, first } = opening(...evaluations);
  expect(finding).toBe(
    'Largest view gap: given answers 100.0% of side questions and 0.0% of their mirrors correctly.',
  );
  const [dumbbells, bars] = first.charts;
  expect([dumbbells!.kind, bars!.kind]).toEqual(['dumbbell', 'bars']);
  expect(dumbbells!.series.map(({ name }) => name)).toEqual(['originals', 'mirrors']);
  expect(dumbbells!.series[1]!.points.map(({ label, y }) => [label, y])).toEqual([
    ['side: spatial', 92.5],
    ['side: given', 0],
    ['nearer or farther: spatial', 100],
    ['nearer or farther: given', 100],
  ]);
  expect(first.tables[0]!.rows.map(({ cells }) => cells.map(({ text }) => text))).toEqual([
    ['original', 'Is 0 left of it?', 'yes', 'yes', '✓\u00a0correct'],
    ['mirror', 'Is 0 right of it?', 'yes', 'no', '✗\u00a0wrong'],
    ['original', 'Is 1 left of it?', 'yes', 'yes', '✓\u00a0correct'],
    ['mirror', 'Is 1 right of it?', 'yes', 'no', '✗\u00a0wrong'],
  ]);
  const { compared } = outcomeOf(evaluations, OPTIONS)!;
  expect(compared!.map(({ subject }) => subject)).toEqual(['given', 'spatial']);
  const html = reportHtml(buildReport(evaluations, OPTIONS));
  expect(html).toContain('<div class="finding"><p>Largest view gap: given answers 100');
  // A line between both dots of the side questions: as long as the axis.
  const { marks } = drawChart(dumbbells!);
  const lines = marks.filter(({ tag, at }) => tag === 'line' && at.class === 'base');
  expect(lines.map(({ at }) => Number(at.x2) - Number(at.x1) > 300)).toEqual([false, true, false, false]);
});

test('outcome: reports kinds of questions within their image-free bound, if the whole set is above its own', () => {
  const pairs = (share: number, bound: number, slice?: { field: string; value: string }) => ({
    set: 'val',
    view: null,
    task: 'all',
    metric: 'consistent',
    unit: 'share' as const,
    n: 450,
    value: share,
    interval: [share - 0.03, share + 0.03] as [number, number],
    floor: { constant: 0.05, words: bound, bounded: false },
    ...(slice && { slice }),
  });
  const kind = (value: string) => ({ field: 'question_type', value });
  const kinds = [pairs(0.91, 0.932, kind('nearer')), pairs(0.93, 0.1, kind('side'))];
  const told = (bound: number) =>
    opening({ ...evaluationOf([], { subject: 'a' }), figures: [pairs(0.92, bound), ...kinds] }).sentence;
  expect(told(0.458)).toContain(
    'Pair accuracy of a is not above the image-free bounds of these kinds of questions: nearer or farther (91.0%, image-free bound of this kind 93.2%).',
  );
  expect(told(0.95)).not.toContain('these kinds');
});

/** Yes to half of the originals, and to the other half of mirrors; so many pairs are right. */
function ofSides(subject: string, right: number, question: (view: string, i: number) => string): Evaluation {
  const rows = Array.from({ length: 80 }, (_, i) =>
    (['original', 'mirror'] as const).map((view) => {
      const answer = (view === 'original') === i % 2 > 0 ? 'yes' : 'no';
      const completion = i < right ? answer : 'maybe';
      return rowOf({
        id: `q${i}`,
        task: 'yesno',
        question: question(view, i),
        answer,
        view,
        set: 'val',
        completion,
      });
    }),
  ).flat();
  return evaluationOf(rows, { subject, key: subject });
}

test('outcome: shows the image-free bound, and names evaluations not above the bound', () => {
  const same = (_: string, i: number) => `Is ${i % 4} left of it?`;
  expect(opening(ofSides('a', 40, same)).sentence).toMatch(
    /of 80 questions evaluated in both views\. The image-free bound of all questions, which a model can reach without the image, is 0\.0% of pairs\. A model with one fixed answer to each form of question reaches 0\.0%\.$/,
  );
  const told = (view: string, i: number) => `Is ${i} left of it in the ${view}?`;
  expect(opening(ofSides('a', 40, told)).sentence).toMatch(
    /100\.0% of pairs\. A model with one fixed answer to each form of question reaches \d+\.\d%\. a is not clearly above the image-free bound of all questions, so there is no evidence that the model used the images\.$/,
  );
});

test('outcome: shows each bound next to its own evaluation if questions differ', () => {
  const same = (_: string, i: number) => `Is ${i % 4} left of it?`;
  const other = (view: string, i: number) => `Is ${i} left of it in the ${view}?`;
  const evaluations = [ofSides('a', 40, same), ofSides('b', 30, other)];
  const { sections, lead } = buildReport(evaluations, { ...OPTIONS, published: false });
  const { notes } = sections.find(({ id }) => id === 'consistency')!.tables[0]!;
  expect(
    notes.map((note) =>
      note.replace(/: Image-free bound, .*: (?=up to)/, ': … ').replace(/ of pairs .*/, '.'),
    ),
  ).toEqual(['a: … up to 0.0%.', 'b: … up to 100.0%.']);
  expect(lead.join(' ')).toMatch(
    /The image-free bound of all questions for a, which a model can reach without the image, is 0\.0% of pairs\. .* The image-free bound of all questions for b, which a model can reach without the image, is 100\.0% of pairs\. .* b is not clearly above the image-free bound/,
  );
});

test('outcome: reports no finding if the view gap is not significant', () => {
  expect(opening(ofKinds('given', 30, 28)).finding).toBeNull();
});

const AUDIT: Omit<Audit, 'figures'> = {
  seed: 0,
  judged: 40,
  cannot_tell: 0,
  waiting: 0,
  people: [{ name: 'mira', judged: 40 }],
  agreement: null,
  verdicts: [],
  rules: null,
  judge: null,
};

test('outcome: shows values from human ratings, for both views and each view', () => {
  const figure = (view: string | null, value: number, n = 200): AuditFigure => ({
    set: 'val',
    view,
    metric: view === null ? 'consistent' : 'accuracy',
    bounds: [0.2, 0.9],
    not_judged: 140,
    with_judge: null,
    missing: 0,
    n,
    estimate: { value, these: [value, value], such: [value, value], judged: 20, n },
  });
  const audited = (figures: AuditFigure[]) => ({
    ...evaluated('given', 195, 90),
    audit: { ...AUDIT, figures },
  });
  const chart = (figures: AuditFigure[]) => opening(audited(figures)).first.charts[0]!;
  const drawn = (figures: AuditFigure[]) => chart(figures).series.map(({ points: [point] }) => point!.y);
  const all = [figure('original', 0.8), figure('mirror', 0.7), figure(null, 0.6)];
  expect(drawn(all)).toEqual([80, 70, 60]);
  expect(chart(all).notes).toContain('Estimated from human ratings: given.');
  // Of more originals than were evaluated in both views, the share may be lower than both right.
  expect(drawn([figure('original', 0.3, 400), figure('mirror', 0.7), figure(null, 0.6)])).toEqual([
    97.5, 70, 60,
  ]);

  expect(opening(audited(all)).sentence).toContain(
    'both views correctly for 60.0% of 200 questions evaluated in both views. The value of given is estimated from 20 pairs with human ratings; by rules alone it is 20.0–90.0% (140 of 200 not scored).',
  );
  const both = opening(audited(all), evaluated('other', 100, 100)).sentence;
  expect(both).toContain('The value of other is not estimated, because its answers have no human ratings.');
  // What a judge says is named, too.
  const with_judge = { bounds: [0.55, 0.55] as [number, number], not_judged: 0 };
  expect(opening(audited([{ ...figure(null, 0.6), with_judge }])).sentence).toContain(
    'by rules alone it is 20.0–90.0% (140 of 200 not scored), with the judge 55.0%.',
  );
});

test('outcome: excludes a preliminary estimate from the headline, and counts missing ratings', () => {
  const preliminary: AuditFigure = {
    set: 'val',
    view: null,
    metric: 'consistent',
    bounds: [0.45, 0.45],
    not_judged: 0,
    with_judge: null,
    n: 200,
    estimate: { value: 0, these: [0, 0.6], such: [0, 0.62], judged: 4, n: 200 },
    missing: 6,
  };
  const { sentence, first } = opening({
    ...evaluated('given', 195, 90),
    audit: { ...AUDIT, figures: [preliminary] },
  });
  expect(sentence).toContain('both views correctly for 45.0%');
  expect(sentence).toContain('Too few human ratings to estimate the value of given: rate 6 more pairs.');
  expect(first.charts[0]!.notes.join()).not.toContain('Estimated');
});

describe('signs of failure in the first sentence', () => {
  /** Of 200 questions of two kinds, so many originals and opposites are right. */
  function overfit(
    subject: string,
    shares: Record<string, readonly [number, number]>,
    step: number | null = null,
  ) {
    const rows = Object.entries(shares).flatMap(([task, right]) =>
      Array.from({ length: 200 }, (_, i) =>
        (['original', 'polarity'] as const).map((view, v) =>
          rowOf({
            id: `${task}${i}`,
            task: 'yesno',
            answer: 'yes',
            view,
            set: 'val',
            completion: i < right[v]! ? 'yes' : 'no',
            meta: { task },
          }),
        ),
      ).flat(),
    );
    return evaluationOf(rows, { subject, key: `${subject} ${step}`, step });
  }
  const first = (...evaluations: Evaluation[]) =>
    buildReport(evaluations, { ...OPTIONS, published: false }).lead[0];

  test('signs of failure report linguistic overfitting with values, first step and advice', () => {
    expect(first(overfit('given', { Depth: [189, 20] }))).toBe(
      'Linguistic overfitting: given follows the usual wording on val. 94.5% of originals are answered correctly and 10.0% of their opposite questions (200 pairs). The model responds to the usual wording, not to the relation (A-46 in docs/papers.md). Also train on opposite questions (`chirality view polarity`).',
    );
    const steps = (
      [
        [100, 100],
        [180, 80],
        [190, 20],
      ] as const
    ).map((right, i) => overfit('sft', { Depth: right }, 50 * i));
    expect(first(...steps, overfit('grpo', { Depth: [180, 175] }))).toMatch(
      /^Linguistic overfitting: sft at step 100 follows the usual wording on val, since step 50\. .* Alternatively, use a checkpoint from before step 50\.$/,
    );
    expect(first(overfit('a', { Depth: [190, 20] }), overfit('b', { Depth: [180, 60] }))).toContain(
      ' The same applies to b.',
    );
  });

  test('signs of failure report overfitting of a single kind of question', () => {
    const kinds = { Depth: [120, 118], Distance: [120, 70], Count: [120, 120] } as const;
    expect(first(overfit('sft', kinds))).toMatch(
      /: sft follows the usual wording on val\. 60\.0% of Distance questions are answered correctly and 35\.0% of their opposite questions \(200 pairs\)/,
    );
  });

  test('signs of failure are absent if opposite questions are slightly lower, or few', () => {
    expect(first(overfit('grpo', { Depth: [180, 172] }))).not.toContain('overfitting');
    expect(first(overfit('base', { Depth: [40, 60] }))).not.toContain('overfitting');
  });

  test('signs of failure report reward hacking of runs evaluated after the start of the hacking', () => {
    const hacking = { since: 30, message: 'Reward hacking: since step 30, the reward rises.' };
    const at = (step: number) => ({ ...evaluated('given', 180, 175), step, hacking });
    expect(first(at(20))).not.toContain('hacking');
    expect(first(at(20), { ...at(40), key: 'b' })).toBe(
      'Reward hacking in given: since step 30, the reward rises.',
    );
  });
});
