import { expect, it } from 'vitest';
import { answerSection } from '../../../../src/core/reports/sections/answer-section.ts';
import { accuracySection, kindSection } from '../../../../src/core/reports/sections/accuracy.ts';
import { consistencySection, viewSection } from '../../../../src/core/reports/sections/views.ts';
import { outcomeOf } from '../../../../src/core/reports/sections/outcome-section.ts';
import { measuredRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { summarise } from '../../../../src/core/metrics/evaluation-results.ts';
import { ORIGINAL, PAIR } from '../../../../src/rows/view-list.ts';
import { evaluationOf, OPTIONS, rowOf, unjudged, yesNoRows } from '../../../support/evaluation.ts';

const asked = (id: string, type: string, completion: string) =>
  rowOf({
    id,
    task: 'yesno',
    question: 'Is it so?',
    answer: 'yes',
    completion,
    meta: { question_type: type },
  });
const texts = (table: { rows: { cells: { text: string }[] }[] }) =>
  table.rows.map(({ cells }) => cells.map(({ text }) => text));

it('kindSection: reports accuracy by kind of row for each evaluation [A-40]', () => {
  const rows = [asked('1', 'goal aim', 'yes'), asked('2', 'goal aim', 'no'), asked('3', 'ego', 'yes')];
  const other = evaluationOf([asked('1', 'ego', 'no'), asked('2', 'goal aim', 'yes')], { subject: 'other' });
  const { tables } = kindSection([evaluationOf(rows), other], OPTIONS)!;
  expect(tables.map(({ id }) => id)).toEqual(['kinds-question-type-0']);
  expect(texts(tables[0]!)).toEqual([
    ['mine', 'ego', '100.0', '50.0', '0.0', '1'],
    ['other', 'ego', '0.0', '50.0', '0.0', '1'],
    ['mine', 'goal aim', '50.0', '50.0', '0.0', '2'],
    ['other', 'goal aim', '100.0', '50.0', '0.0', '1'],
  ]);
  expect(kindSection([evaluationOf(yesNoRows({ original: 3, mirror: 3 }))], OPTIONS)).toBe(null);
});

it('kindSection: shows chance and image-free bound of pairs next to pair accuracy', () => {
  const pair = (id: string, answer: string, type = 'ego') =>
    PAIR.map((view) => {
      const row = { id, task: 'yesno', question: 'Is it so?', answer, completion: 'yes', view };
      return rowOf({ ...row, meta: { question_type: type } });
    });
  // With equal wordings, the best answer without the image is right for 3 of 4 pairs.
  const rows = [
    ...pair('1', 'yes'),
    ...pair('2', 'yes'),
    ...pair('3', 'yes'),
    ...pair('4', 'no'),
    ...pair('5', 'yes', 'goal'),
  ];
  const { tables } = kindSection([evaluationOf(rows)], OPTIONS)!;
  const { columns } = tables[0]!;
  expect(columns.slice(4).map(({ title }, i) => [title, texts(tables[0]!)[0]![i + 4]])).toEqual([
    ['chance', '50.0'],
    ['pair accuracy', '75.0'],
    ['chance for pairs', '25.0'],
    ['image-free bound', '75.0'],
    ['unparsed, %', '0.0'],
    ['rows', '4'],
  ]);
});

it('answerSection: shows the distributions of answers and of reference answers [A-44]', () => {
  const rows = yesNoRows({ original: 30, mirror: 0 });
  const { tables, charts } = answerSection([evaluationOf(rows)], OPTIONS)!;
  expect(texts(tables[0]!)).toEqual([['mine', '0.81', '0.00', '75.0', '100.0', '40']]);
  const bars = charts[0]!.series.map(({ name, points }) => [name, points.map(({ label, y }) => [label, y])]);
  expect(bars).toEqual([
    [
      'mine',
      [
        ['yes', 75],
        ['no', 25],
      ],
    ],
    [
      'reference answers',
      [
        ['yes', 100],
        ['no', 0],
      ],
    ],
  ]);
  expect(answerSection([], OPTIONS)).toBe(null);
});

it('answerSection: separates letters of options from their texts, which have other reference answers', () => {
  const row = rowOf({ id: '1', task: 'mcq', answer: 'B', choices: ['left', 'right'], completion: 'right' });
  const hidden = {
    ...evaluationOf([row], { subject: 'hidden' }),
    figures: summarise([measuredRow(row)], true),
  };
  const { charts } = answerSection([evaluationOf([row]), hidden], OPTIONS)!;
  expect(
    charts.map(({ caption, series }) => [
      caption,
      ...series.map(({ points }) => points.map(({ label }) => label)),
    ]),
  ).toEqual([
    ['Answers to choice questions of own', ['B'], ['B']],
    ['Answers to choice questions of own, by text', ['right'], ['right']],
  ]);
});

it('report: leaves values open if rules cannot score answers, and counts these answers', () => {
  const views = ['original', 'mirror', 'rotate:180'] as const;
  const place = (id: string, said: string, question_type = 'place') =>
    views.map((view) => {
      const row = rowOf({
        id,
        view,
        task: 'side',
        question: 'Where is the apple?',
        answer: 'to the left',
        completion: view === 'original' ? said : 'to the left',
        meta: { question_type },
      });
      return view === 'original' && said === 'near the plate' ? unjudged(row) : row;
    });
  const one = evaluationOf([
    ...place('1', 'to the left'),
    ...place('2', 'near the plate'),
    ...place('3', 'to the right'),
    ...place('4', 'to the right', 'direction'),
  ]);
  for (const section of [accuracySection, consistencySection, kindSection, viewSection]) {
    const [table] = section([one], OPTIONS)!.tables;
    const column = table!.columns.findIndex(({ title }) => title === 'not scored');
    expect([table!.id, table!.rows.at(-1)!.cells[column]?.text]).toEqual([table!.id, '1']);
    expect(table!.rows.at(-1)!.cells[column + 1]?.text).toBe(section === kindSection ? '3' : '4');
  }
  const [accuracy] = accuracySection([one], OPTIONS)!.tables;
  expect(accuracy!.rows[0]!.cells[1]).toMatchObject({ text: '25.0–50.0', lacks: { not_judged: 1, n: 4 } });
  expect(outcomeOf([one], OPTIONS)!.sentences.join(' ')).toContain(
    'answers both views correctly for 25.0–50.0% (2.1 – 92.3) of 4 questions evaluated in both views, 1 of them with an answer that is not scored.',
  );
});

it('report: draws bounds by kind of question, and shows pair accuracy in their table', () => {
  const rows = ['goal', 'goal', 'goal', 'ego'].flatMap((question_type, i) =>
    PAIR.map((view) => {
      // No rule can judge the mirror of the first question, whose original is wrong.
      const completion = i > 0 ? 'to the left' : view === ORIGINAL ? 'to the right' : 'It depends.';
      const texts = { task: 'side', question: 'Where is the cup?', answer: 'to the left', completion };
      const row = rowOf({ id: `${i}`, view, ...texts, meta: { question_type } });
      return completion === 'It depends.' ? unjudged(row) : row;
    }),
  );
  const evaluation = evaluationOf(rows);
  const [kinds] = outcomeOf([evaluation], OPTIONS)!.section.charts;
  const shown = kinds!.series.map(({ points }) =>
    points.map(({ label, y, bounds }) => [label, (bounds ?? [y]).map((end) => Math.round(end))]),
  );
  expect(shown).toEqual([
    [
      ['ego', [100]],
      ['goal', [67]],
    ],
    [
      ['ego', [100]],
      ['goal', [67, 100]],
    ],
  ]);
  const [table] = kindSection([evaluation], OPTIONS)!.tables;
  expect(table!.columns.map(({ title }) => title)).toContain('pair accuracy');
  expect(texts(table!)[1]!.slice(0, 6)).toEqual(['mine', 'goal', '66.7', '66.7–100.0', '50.0', '66.7']);
});
