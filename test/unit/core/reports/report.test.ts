import { describe, expect, it } from 'vitest';
import { reportFile } from '../../../../src/core/reports/report-file.ts';
import { buildReport, guessMap } from '../../../../src/core/reports/build-report.ts';
import { tablesOf, type Table } from '../../../../src/core/reports/document.ts';
import {
  underDistinctNames,
  withoutRepeats,
  type Evaluation,
  type ReportOptions,
} from '../../../../src/core/reports/evaluation.ts';
import { INVESTIGATOR_TABLES } from '../../../../src/core/reports/published/investigator.ts';
import { SVQA_TABLES } from '../../../../src/core/reports/published/svqa.ts';
import { figuresOf } from '../../../../src/core/reports/published/table.ts';
import type { EvaluationRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { evaluationOf, OPTIONS, rowOf } from '../../../support/evaluation.ts';

const report = (evaluations: Evaluation[], options: Partial<ReportOptions> = {}) =>
  buildReport(evaluations, { ...OPTIONS, ...options });

function tableOf(id: string, evaluations: Evaluation[], options: Partial<ReportOptions> = {}): Table {
  const table = tablesOf(report(evaluations, options)).find((one) => one.id === id);
  if (!table) throw new Error(`There is no table ${id}.`);
  return table;
}

/** The texts of a row, by the text that its first cell begins with; without the first. */
function rowTexts({ rows }: Table, name: string): string[] {
  const row = rows.find(({ cells }) => cells[0]!.text === name);
  if (!row) throw new Error(`There is no row ${name}: ${rows.map(({ cells }) => cells[0]!.text).join('; ')}`);
  return row.cells.slice(1).map(({ text }) => text);
}

/** Q-Spatial++: 101 rows whose reference is 1 m, with so many of each answer. */
function qSpatial(counts: Record<string, number>): EvaluationRow[] {
  const answers = Object.entries(counts).flatMap(([answer, n]) => new Array<string>(n).fill(answer));
  expect(answers).toHaveLength(101);
  return answers.map((answer, n) =>
    rowOf({ id: `q${n}`, completion: `<answer>${answer}</answer>`, answer: '1 m', task: 'distance' }),
  );
}

/** So many right answers of CV-Bench's 788, 650, 600 and 600 rows. */
function cvBench(right: readonly number[], view: 'original' | 'polarity' = 'original'): EvaluationRow[] {
  const sizes = { Count: 788, Relation: 650, Depth: 600, Distance: 600 };
  return Object.entries(sizes).flatMap(([task, size], t) =>
    Array.from({ length: right[t] === undefined ? 0 : size }, (_, i) =>
      rowOf({
        id: `${task}-${i}`,
        task: 'mcq',
        choices: ['x', 'y'],
        answer: view === 'original' ? '(A)' : '(B)',
        completion: i < (right[t] ?? 0) === (view === 'original') ? '(A)' : '(B)',
        meta: { task, source: t >= 2 ? 'Omni3D' : i % 2 ? 'COCO' : 'ADE20K' },
        view,
      }),
    ),
  );
}

describe('published values, recomputed from answers with the same counts', () => {
  it.each([
    // R13: windows are over parsed rows, success over all.
    [
      'Qwen2.5-VL-3B, thinking prompt (“Base”)',
      { '0.7 m': 9, '1.2 m': 5, '1.8 m': 8, '5 m': 71, 'I cannot tell.': 8 },
    ],
    ['SpaceThinker-Qwen2.5VL-3B', { '0.7 m': 16, '1.2 m': 7, '1.8 m': 5, '5 m': 71, far: 2 }],
    ['SFT (CoT), from base', { '0.7 m': 11, '1.2 m': 13, '1.8 m': 4, '5 m': 70, far: 3 }],
    // R14: one answer of exactly twice the reference is in a window, and is not a success.
    ['SVQA-R1', { '0.7 m': 19, '1.2 m': 19, '1.8 m': 21, '2 m': 1, '5 m': 41 }],
  ])('recomputed values match Q-Spatial++: %s', (name, counts) => {
    const table = tableOf('svqa-q-spatial', [evaluationOf(qSpatial(counts))], { map: { own: 'q-spatial' } });
    const [success, completed, , ...windows] = rowTexts(table, 'mine');
    const [published, read, , ...printed] = rowTexts(table, name);
    expect([success, completed, ...windows]).toEqual([published, read, ...printed]);
  });

  it.each([
    ['Qwen2.5-VL-7B', [400, 411, 398, 388]],
    ['Llama-4-Scout + SceneGraph CoT', [533, 487, 535, 441]],
  ])('recomputed values match CV-Bench: %s', (name, right) => {
    const table = tableOf('investigator-cv-bench', [evaluationOf(cvBench(right))], {
      map: { own: 'cv-bench' },
    });
    const published = rowTexts(table, name);
    const own = rowTexts(table, 'mine');
    expect(own.slice(0, 4)).toEqual(published.slice(0, 4));
    // The total is the mean over rows (R22), which the paper calls Total.
    expect(own[6]).toBe(published[4]);
    expect(own[4]).toBe('–');
    expect(table.rows.find(({ cells }) => cells[0]!.text === name)!.cells[5]!.note).toMatch(/over all rows/);
  });

  it('a file has a section of published results only for a mapped set', () => {
    const titled = (map: Record<string, 'cv-bench'>) =>
      reportFile(
        report([evaluationOf(cvBench([9, 9, 9, 9]))], { map, published: false }),
        'markdown',
      ).includes('## Published');
    expect([titled({}), titled({ own: 'cv-bench' })]).toEqual([false, true]);
  });

  it('reports a set without questions of the kinds of its mapped benchmark', () => {
    const textOf = (set: 'q-spatial' | 'cv-bench') =>
      report([evaluationOf(cvBench([9, 9, 9, 9]))], { map: { own: set } })
        .sections.find(({ id }) => id === 'published')!
        .text.join(' ');
    expect(textOf('q-spatial')).toContain(
      'own has no questions of the kinds that the papers report for Q-Spatial++',
    );
    expect(textOf('cv-bench')).not.toContain('own has no');
  });

  it('names the evaluations of each file, if one set name means different files', () => {
    const [a, b] = [cvBench([9, 9, 9, 9]), cvBench([5, 5, 5, 5]).slice(0, 30)];
    const of = (subject: string, rows: typeof a, digest: string) =>
      evaluationOf(rows, { subject, digests: new Map([['own', digest]]) });
    const lead = (...files: string[]) =>
      report([of('sft', a, files[0]!), of('grpo', a, files[1]!), of('other', b, files[2]!)]).lead.join('\n');
    expect(lead('x', 'x', 'y')).toContain(
      `The set own is not the same file in all evaluations: sft, grpo (2,638 rows); other (30 rows). Compare values of the same file only.`,
    );
    expect(lead('x', 'x', 'x')).not.toContain('not the same file');
  });

  it('shows Pass@4 in brackets for CV-Bench with four answers per question, as in the paper', () => {
    const sampled = cvBench([400, 411, 398, 388]).flatMap((row) =>
      Array.from({ length: 4 }, (_, sample) =>
        // The third of four finds every answer.
        sample === 2
          ? rowOf({ ...row, task: 'mcq', answer: '(A)', completion: '(A)', view: 'original' })
          : row,
      ),
    );
    const table = tableOf('investigator-cv-bench', [evaluationOf(sampled)], { map: { own: 'cv-bench' } });
    const [count, , , distance, , macro, micro, official] = rowTexts(table, 'mine');
    expect(count).toMatch(/^63\.07 \(100\.00\)$/);
    expect([distance, macro, micro].every((text) => text!.endsWith(' (100.00)'))).toBe(true);
    expect(official).not.toContain('(');
    expect(table.rows.at(-1)!.cells[1]!.interval).toBeUndefined();
    expect(table.rows.at(-1)!.cells[1]!.note).toMatch(/^95%: [\d.]+ – [\d.]+\.$/);
    // An interval in the brackets of another row would be read as its Pass@4.
    const greedy = tableOf('investigator-cv-bench', [evaluationOf(cvBench([400, 411, 398, 388]))], {
      map: { own: 'cv-bench' },
    });
    const [, single] = greedy.rows.at(-1)!.cells;
    expect(single!.interval).toBeUndefined();
    expect(single!.note).toMatch(/^95%: [\d.]+ – [\d.]+\.$/);
  });

  it('requires judge verdicts for yes/no questions of paper B (R43)', () => {
    const rows = ['yes', 'no'].map((completion, n) =>
      rowOf({ id: `q${n}`, completion, answer: 'yes', task: 'yesno', question: 'Is it near?' }),
    );
    const judged = rows.map((row) => ({ ...row, score: { ...row.score, judge: 1 } }) as EvaluationRow);
    const yesNoOf = (some: EvaluationRow[]) =>
      tableOf('svqa-openspaces', [evaluationOf(some)], { map: { own: 'openspaces' } })
        .rows.filter(({ origin }) => origin === 'own')
        .map(({ cells }) => cells[5]!.text);
    expect(yesNoOf(judged)).toEqual(['100.00']);
    expect(yesNoOf(rows).every((text) => text === '–')).toBe(true);
  });

  it('compares Depth and Distance of CV-Bench before and after the flip, as in paper A', () => {
    const rows = [...cvBench([0, 0, 300, 376]), ...cvBench([0, 0, 600, 357], 'polarity')];
    const table = tableOf('shift-0', [evaluationOf(rows)]);
    const kinds = Object.fromEntries(table.rows.map(({ cells }) => [cells[1]!.text, cells[4]!.text]));
    expect(kinds).toMatchObject({ Depth: '+50.0', Distance: '−3.2' });
    // Nothing says that this model was trained by SFT or GRPO, of which the claim is.
    const claim = tableOf('claims-table', [evaluationOf(rows)]).rows[2]!.cells.at(-1)!;
    expect(claim.text).toBe('–');
  });

  it('shows a decrease of 3.17 points for CV-Bench distances after the flip (R20)', () => {
    const rows = [...cvBench([0, 0, 0, 376]), ...cvBench([0, 0, 0, 357], 'polarity')].filter(({ id }) =>
      id.startsWith('Distance'),
    );
    const own = evaluationOf(rows, { subject: 'grpo' });
    const weak = evaluationOf(
      [...cvBench([0, 0, 0, 300]), ...cvBench([0, 0, 0, 300], 'polarity')].filter(({ id }) =>
        id.startsWith('Distance'),
      ),
      { subject: 'base' },
    );
    const table = tableOf('shift-0', [own, weak], { base: 'base' });
    expect(table.columns.map(({ title }) => title)).toContain('OOD against base, %');
    const [kind, id, ood, gap, relative, toBase] = rowTexts(table, 'grpo');
    expect([kind, id, ood, gap, relative, toBase]).toEqual([
      'Distance',
      '62.7',
      '59.5',
      '−3.2',
      '−5.1',
      '+19.0',
    ]);
    const published = tablesOf(report([])).find((each) => each.id === 'investigator-shift')!;
    const grpo = published.rows.find(
      ({ cells }) => cells[0]!.text === 'GRPO' && cells[1]!.text === 'distance',
    )!;
    expect(grpo.cells[4]!.text).toBe('−3.17');
  });

  it('shows Pass@4 of four answers next to the chance level of four guesses (R53)', () => {
    const samples = [4, 1, 0, 2].flatMap((right, question) =>
      Array.from({ length: 4 }, (_, i) =>
        rowOf({ id: `q${question}`, task: 'yesno', answer: 'yes', completion: i < right ? 'yes' : 'no' }),
      ),
    );
    const evaluation = evaluationOf(samples);
    const table = tableOf('pass-table-0', [evaluation]);
    expect(table.rows.map(({ cells }) => cells.slice(1).map(({ text }) => text))).toEqual([
      ['all, originals', '43.8', '75.0', '31.3', '93.8', '4'],
      ['yes or no, originals', '43.8', '75.0', '31.3', '93.8', '4'],
    ]);
    const { charts, text } = report([evaluation]).sections.find(({ id }) => id === 'pass')!;
    expect(charts[0]!.series[0]!.points[0]).toMatchObject({ x: 43.75, y: 75 });
    expect(charts[1]!.series.map(({ name }) => name)).toEqual(['PaliGemma2 + SFT', 'PaliGemma2 + GRPO-v2']);
    expect(text.join(' ')).not.toMatch(/no Pass@4/);
    const once = report([evaluationOf(samples.slice(0, 1))], { published: true });
    expect(once.sections.find(({ id }) => id === 'pass')!.text.join(' ')).toMatch(/no Pass@4/);
  });

  it('mentions no evaluations if the report has none', () => {
    const texts = report([]).sections.flatMap(({ text }) => text);
    expect(texts.join(' ')).not.toMatch(/these evaluations|your own evaluations|your sets/);
  });
});

describe('published tables', () => {
  it('published tables have a value for each column, and notes with implementation choices', () => {
    for (const { id, columns, rows } of [...SVQA_TABLES, ...INVESTIGATOR_TABLES])
      for (const { name, figures } of rows)
        expect([id, name, figuresOf(figures).length]).toEqual([id, name, columns.length]);
  });

  it('published tables state the kind of mean of each CV-Bench total (R22)', () => {
    const { rows } = tableOf('investigator-cv-bench', []);
    const which = Object.fromEntries(
      rows.map(({ cells }) => [cells[0]!.text, /over all rows|four tasks|neither/.exec(cells[5]!.note!)![0]]),
    );
    expect(which).toMatchObject({
      'PaliGemma2-3B-mix-224': 'neither',
      '+ GRPO-v1': 'neither',
      '+ SFT': 'four tasks',
      '+ GRPO-v2': 'four tasks',
      'PaliGemma2 + SceneGraph CoT': 'four tasks',
      'Qwen2.5-VL-7B': 'over all rows',
      'Qwen2.5-VL-7B + SceneGraph CoT': 'over all rows',
      'Llama-4-Scout-17B-16E': 'over all rows',
      'Llama-4-Scout + SceneGraph CoT': 'over all rows',
      'Llama-4-Scout + 4-shot (SG + A split)': 'neither',
      'Llama-4-Scout + 4-shot conversational': 'neither',
      'Llama-4-Scout + SG + depth maps': 'neither',
      'Llama-4-Scout + SG + PoT': 'four tasks',
      'Llama-4-Scout + SG + VoT': 'four tasks',
    });
  });

  it('published tables note errors and denominators of the papers', () => {
    const { rows, columns } = tableOf('svqa-q-spatial', []);
    const noteOf = (name: string, column: number) =>
      rows.find(({ cells }) => cells[0]!.text.startsWith(name))!.cells[column]!.note;
    expect(columns[4]!.note).toMatch(/R13/);
    expect(noteOf('InternVL', 1)).toMatch(/R15/);
    expect(noteOf('Qwen2.5-VL-3B, no thinking', 0)).toMatch(/9\.91.*R17/);
    expect(noteOf('SVQA-R1, four-step', 0)).toMatch(/R32/);
    const eta = tableOf('svqa-eta', []);
    expect(eta.rows.map(({ cells }) => cells[0]!.note?.match(/R\d+/)?.[0])).toEqual([
      'R16',
      undefined,
      'R18',
      undefined,
    ]);
    expect(tableOf('svqa-modules', []).rows[2]!.cells[5]).toMatchObject({
      text: '0.00',
      note: expect.stringMatching(/R19/) as string,
    });
  });

  it('marks an own value above all published values, but no value without an interval', () => {
    const [good, bad] = [
      evaluationOf(qSpatial({ '0.7 m': 90, '5 m': 11 })),
      evaluationOf(qSpatial({ '0.7 m': 20, '5 m': 81 })),
    ];
    const own = underDistinctNames([
      { ...good, subject: 'good' },
      { ...bad, subject: 'bad' },
    ]);
    const { rows } = tableOf('svqa-q-spatial', own, { map: { own: 'q-spatial' } });
    const best = rows.flatMap(({ cells, origin }) => (cells[1]!.best ? [origin, cells[0]!.text] : []));
    expect(best[0]).toBe('own');
    expect(best[1]).toMatch(/^good/);
    expect(best).toHaveLength(2);
  });

  it('shows published tables only if they contain own rows, unless all are requested', () => {
    const own = evaluationOf(qSpatial({ '0.7 m': 60, '5 m': 41 }));
    const idsOf = (options: Partial<ReportOptions>) =>
      report([own], { map: { own: 'q-spatial' }, ...options })
        .sections.find(({ id }) => id === 'published')!
        .tables.map(({ id }) => id);
    expect(idsOf({ published: false })).toEqual(['svqa-q-spatial']);
    expect(idsOf({}).length).toBeGreaterThan(8);
    const short = report([own], { published: false });
    expect(short.sections.map(({ id }) => id)).not.toContain('claims');
  });

  it('published tables contain an own row only if the row has one of their values', () => {
    const own = evaluationOf(qSpatial({ '0.7 m': 60, '5 m': 41 }));
    const having = tablesOf(report([own], { map: { own: 'q-spatial' } }))
      .filter(({ id, rows }) => id.startsWith('svqa') && rows.some(({ origin }) => origin === 'own'))
      .map(({ id }) => id);
    expect(having).toEqual(['svqa-q-spatial']);
    expect(
      tablesOf(report([own]))
        .filter(({ id }) => id.startsWith('svqa'))
        .flatMap(({ rows }) => rows.map(({ origin }) => origin)),
    ).not.toContain('own');
  });

  it('an ablation table contains only conditions of its own recipe', () => {
    const cell = (sweep: string, name: string) => ({
      ...evaluationOf(qSpatial({ '0.7 m': 60, '5 m': 41 })),
      key: `/w/sweeps/${sweep}/runs/${name}/eval/step-000060`,
      subject: name,
    });
    const own = [cell('eta', 'eta-1-seed-1'), cell('modules-small', 'a-base-seed-1'), cell('mine', 'other')];
    const rowsOf = (id: string) =>
      tableOf(id, own, { map: { own: 'q-spatial' } }).rows.flatMap(({ origin, cells }) =>
        origin === 'own' ? cells[0]!.text : [],
      );
    expect(rowsOf('svqa-eta')).toEqual(['eta-1-seed-1']);
    expect(rowsOf('svqa-modules')).toEqual(['a-base-seed-1']);
    expect(rowsOf('svqa-steps')).toEqual([]);
    expect(rowsOf('svqa-q-spatial')).toEqual(['eta-1-seed-1', 'a-base-seed-1', 'other']);
  });

  it('published tables are matched to sets by their names in the papers', () => {
    expect(guessMap(['Q-Spatial++', 'cvbench', 'CV-Bench', 'spacellava_test', 'val'])).toEqual({
      'Q-Spatial++': 'q-spatial',
      cvbench: 'cv-bench',
      'CV-Bench': 'cv-bench',
      spacellava_test: 'spacellava',
    });
  });
});

describe('own evaluations', () => {
  it('own evaluations show only the last part of a model folder', () => {
    const rows = [rowOf({ id: 'x', task: 'yesno', answer: 'no', completion: 'No.' })];
    const text = JSON.stringify(report([evaluationOf(rows, { model: '/home/mira/models/tiny-vl' })]));
    expect(text).toContain('tiny-vl');
    expect(text).not.toContain('/home/mira');
  });

  const yesNo = (view: 'original' | 'mirror', right: readonly boolean[], set = 'own') =>
    right.map((is, n) =>
      rowOf({ id: `r${n}`, task: 'yesno', answer: 'yes', completion: is ? 'yes' : 'no', view, set }),
    );
  const rows = [
    ...yesNo('original', [true, true, true, true, false, false, false, false]),
    ...yesNo('mirror', [true, true, true, false, true, false, false, false]),
  ];

  it('own evaluations report pair outcomes and agreement of views [B-61]', () => {
    const table = tableOf('consistency-0', [evaluationOf(rows)]);
    expect(rowTexts(table, 'mine')).toEqual(['50.0', '50.0', '37.5', '12.5', '12.5', '37.5', '25.0', '8']);
  });

  it('own evaluations always show chance and the unparsed share (R24)', () => {
    const table = tableOf('accuracy-0', [
      evaluationOf([...rows, rowOf({ id: 'x', task: 'yesno', answer: 'no', completion: 'Hm.' })]),
    ]);
    expect(table.columns.map(({ title }) => title)).toEqual([
      'evaluation',
      'originals',
      'mirrors',
      'chance',
      'unparsed, %',
      'rows',
    ]);
    // 1 of 17 answers to originals and mirrors is unparsed.
    expect(rowTexts(table, 'mine')).toEqual(['44.4', '50.0', '50.0', '5.9', '9']);
  });

  const course = [4, 6, 5].map((right, i) =>
    evaluationOf(
      yesNo(
        'original',
        Array.from({ length: 8 }, (_, n) => n < right),
      ),
      { subject: 'run', step: 100 * (i + 1) },
    ),
  );

  it('marks the best checkpoint, and draws accuracy by step [B-56]', () => {
    const table = tableOf('checkpoints-0', course);
    expect(rowTexts(table, 'run')).toEqual(['3', '200', '75.0', '300', '62.5']);
    const chart = report(course).sections.find(({ id }) => id === 'checkpoints')!.charts[0]!;
    expect(chart.series).toEqual([expect.objectContaining({ name: 'run, originals' })]);
    expect(chart.series[0]!.points.map(({ x, y }) => [x, y])).toEqual([
      [100, 50],
      [200, 75],
      [300, 62.5],
    ]);
    const shown = (checkpoints: ReportOptions['checkpoints']) =>
      tableOf('accuracy-0', course, { checkpoints }).rows.map(({ cells }) => cells[0]!.text);
    expect(shown('last')).toEqual(['run, step 300']);
    expect(shown('best')).toEqual(['run, step 200']);
    expect(shown('all')).toEqual(['run, step 100', 'run, step 200', 'run, step 300']);
  });

  it('compares checkpoints by pair accuracy, or by accuracy for runs without pairs', () => {
    const views = [
      { step: 100, original: [true, true, true], mirror: [false, false, false] },
      { step: 200, original: [true, true, false], mirror: [true, true, false] },
    ];
    const paired = views.map(({ step, original, mirror }) =>
      evaluationOf([...yesNo('original', original), ...yesNo('mirror', mirror)], { subject: 'paired', step }),
    );
    const all = [...paired, ...course];
    expect(rowTexts(tableOf('checkpoints-0', all), 'paired')).toEqual(['2', '200', '66.7', '200', '66.7']);
    expect(rowTexts(tableOf('checkpoints-1', all), 'run')).toEqual(['3', '200', '75.0', '300', '62.5']);
    const { text } = report(all).sections.find(({ id }) => id === 'checkpoints')!;
    expect(text[0]).toContain('Evaluated steps compared by pair accuracy or accuracy.');
    const byAccuracy = tableOf('checkpoints-0', paired, { metric: 'accuracy' });
    expect(rowTexts(byAccuracy, 'paired')).toEqual(['2', '100', '100.0', '200', '66.7']);
    const best = tableOf('accuracy-0', paired, { checkpoints: 'best' });
    expect(best.rows.map(({ cells }) => cells[0]!.text)).toEqual(['paired, step 200']);
  });

  it('shows the published curve next to success on Q-Spatial++', () => {
    const qs = [50, 60].map((n, i) =>
      evaluationOf(qSpatial({ '0.7 m': n, '5 m': 101 - n }), { subject: 'run', step: i + 1 }),
    );
    const { charts } = report(qs, { metric: 'success', map: { own: 'q-spatial' } }).sections.find(
      ({ id }) => id === 'checkpoints',
    )!;
    expect(charts[0]!.series.at(-1)).toMatchObject({
      origin: 'published',
      points: [
        { x: 500, y: 43.56 },
        { x: 1000, y: 50.5 },
        { x: 1500, y: 44.55 },
        { x: 2000, y: 42.57 },
      ],
    });
  });

  it('shows the location of the parsed answer next to BLEU [B-51]', () => {
    const texts = ['<answer>a red cube</answer>', 'a red cube', '<answer>a red'].map((completion, n) =>
      rowOf({ id: `t${n}`, task: 'open', question: 'What is it?', answer: 'a red cube', completion }),
    );
    const { tables, charts } = report([evaluationOf(texts)]).sections.find(({ id }) => id === 'text')!;
    const cells = Object.fromEntries(
      tables[0]!.columns.map(({ title }, c) => [title, tables[0]!.rows[0]!.cells[c]!.text]),
    );
    expect(cells).toMatchObject({
      'answer, words': '3 (2 – 3)',
      'reference answer, words': '3 (3 – 3)',
      'answer in required tags, %': '33.3',
    });
    expect(charts[0]!.series[0]!.points.map(({ label, y }) => [label, Math.round(y)])).toEqual([
      ['in answer tags', 33],
      ['in an unclosed answer tag', 33],
      ['whole completion', 33],
    ]);
  });

  it('shows own evaluations next to the claims that they test [A-50]', () => {
    const asked = (strategy: string, right: number, subject = 'model') =>
      evaluationOf(
        yesNo(
          'original',
          Array.from({ length: 8 }, (_, n) => n < right),
        ),
        { subject, variant: strategy, strategy },
      );
    const claims = tableOf('claims-table', [
      asked('answer-direct', 4),
      asked('answer-think', 3),
      asked('scene-graph-shuffled', 1),
      asked('scene-graph', 6),
      asked('scene-graph', 8, 'another model'),
    ]);
    expect(claims.rows.slice(0, 2).map(({ cells }) => cells[4]!.text)).toEqual(['−12.5', '+25.0']);
    expect(claims.rows.map(({ cells }) => cells[3]!.text)).toEqual([
      'low',
      'medium',
      'medium',
      'low',
      'low',
      'medium',
    ]);
    expect(tableOf('claims-table', []).rows[0]!.cells[4]!.text).toBe('–');
  });
});

describe('evaluations of one model', () => {
  const asked = (
    right: number,
    variant: string,
    details: Record<string, string>,
    key: string,
  ): Evaluation => ({
    ...evaluationOf(
      Array.from({ length: 10 }, (_, i) =>
        rowOf({ id: `q${i}`, completion: i < right ? 'yes' : 'no', answer: 'yes', task: 'yesno' }),
      ),
    ),
    key,
    variant,
    details,
  });
  const greedy = asked(9, 'direct', { data: 'rows 1' }, 'evals/a');
  const sampled = asked(5, 'direct', { sampling: '4 answers at temperature 0.7', data: 'rows 1' }, 'evals/b');

  it('evaluations of one model have separate rows if their sampling settings differ', () => {
    const table = tableOf('accuracy-0', underDistinctNames([greedy, sampled]));
    expect(table.rows.map(({ cells }) => [cells[0]!.text, cells[1]!.text])).toEqual([
      ['mine, direct', '90.0'],
      ['mine, direct, 4 answers at temperature 0.7', '50.0'],
    ]);
  });

  it('evaluations of one model share one row with the newest values if only the step differs', () => {
    const steps = [1, 2].map((step) => ({ ...greedy, step, key: `eval/step-${step}` }));
    const table = tableOf('accuracy-0', underDistinctNames(steps));
    expect(table.rows.map(({ cells }) => cells[0]!.text)).toEqual(['mine, direct, step 2']);
  });

  it('evaluations name rows by path for runs with the same name in different folders', () => {
    const of = (folder: string, step: number) => ({
      ...greedy,
      step,
      key: `/w/${folder}/runs/mine/eval/${step}`,
    });
    const [early, late] = [of('a', 1), of('b', 2)];
    const table = tableOf('accuracy-0', underDistinctNames([early, late]));
    expect(table.rows.map(({ cells }) => cells[0]!.text)).toEqual([
      'a/runs/mine, direct, step 1',
      'b/runs/mine, direct, step 2',
    ]);
    const more = {
      ...of('b', 1),
      figures: [...early.figures, { ...early.figures[0]!, view: 'mirror' as const }],
    };
    expect(withoutRepeats([early, more])).toHaveLength(2);
    expect(withoutRepeats([{ ...early, key: more.key }, more])).toEqual([more]);
  });

  it('evaluations are named by their folders if nothing else differs', () => {
    const names = underDistinctNames([greedy, { ...greedy, key: 'evals/c' }]).map(({ variant }) => variant);
    expect(names).toEqual(['direct, a', 'direct, c']);
  });

  it('evaluations share a row if one repeats part of the other with equal values', () => {
    const rows = ['original', 'mirror'].map((view) =>
      rowOf({
        id: 'q',
        view: view as 'original' | 'mirror',
        completion: 'yes',
        answer: 'yes',
        task: 'yesno',
      }),
    );
    const both = { ...greedy, ...evaluationOf(rows), key: 'evals/both', variant: 'direct' };
    const original = { ...greedy, ...evaluationOf([rows[0]!]), key: 'evals/original', variant: 'direct' };
    const keys = (of: Evaluation[]) => withoutRepeats(of).map(({ key }) => key);
    expect(keys([original, both])).toEqual(['evals/both']);
    expect(keys([both, original])).toEqual(['evals/both']);
    expect(keys([original, { ...original, key: 'evals/again' }])).toEqual(['evals/original', 'evals/again']);
    expect(keys([{ ...original, step: 3 }, both])).toEqual(['evals/original', 'evals/both']);
    expect(keys([original, { ...both, details: { data: 'rows 2' } }])).toEqual([
      'evals/original',
      'evals/both',
    ]);
    const differing = original.figures.map((figure) => ({ ...figure, value: (figure.value ?? 0) / 2 - 1 }));
    expect(keys([{ ...original, figures: differing }, both])).toEqual(['evals/original', 'evals/both']);
  });

  it('evaluations test a claim only if both used the same data', () => {
    const think = { ...asked(6, 'think', { data: 'rows 1' }, 'evals/d'), strategy: 'think' };
    const other = { ...think, details: { data: 'rows 2' } };
    const claimOf = (second: Evaluation) =>
      tableOf('claims-table', underDistinctNames([greedy, second])).rows[0]!.cells.at(-1)!.text;
    expect(claimOf(think)).toBe('−30.0');
    expect(claimOf(other)).toBe('–');
  });
});

describe('evaluations in other views', () => {
  const asked = (views: readonly string[], about: Partial<Evaluation>) =>
    evaluationOf(
      Array.from({ length: 20 }, (_, i) =>
        views.map((view) =>
          rowOf({ id: `r${i}`, view, task: 'yesno', answer: 'yes', completion: i % 3 ? 'yes' : 'no' }),
        ),
      ).flat(),
      about,
    );
  const before = [5, 10].map((step) =>
    asked(['original', 'mirror'], { key: `runs/a/eval/step-${step}`, subject: 'a', step }),
  );

  it('other views leave earlier tables unchanged, and have their own rows and tables', () => {
    const own = (evaluations: Evaluation[]) =>
      tablesOf(report(underDistinctNames(withoutRepeats(evaluations)), { published: false }));
    const tables = own(before);
    for (const views of [['rotate:180'], ['original', 'converse']]) {
      const more = asked(views, { key: 'runs/a/eval/step-10-b', subject: 'a', step: 10 });
      const after = own([...before, more]);
      for (const table of tables) {
        const now = after.find(({ id }) => id === table.id)!;
        expect(now.columns).toEqual(table.columns);
        expect(now.rows.filter(({ key }) => key !== more.key)).toEqual(table.rows);
      }
      const [others] = after.filter(({ id }) => id === 'accuracy-views-0');
      expect(others!.rows.map(({ key }) => key)).toEqual([more.key]);
    }
  });

  it('shows published tables only next to own values, unless all are requested', () => {
    const idsOf = (published: boolean, evaluations = before) => {
      const { sections } = report(evaluations, { published });
      return sections.flatMap(({ tables, charts }) => [...tables, ...charts].map(({ id }) => id));
    };
    const papers = ['pass-published', 'investigator-shift'];
    expect(idsOf(false)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/published|investigator|svqa/)]),
    );
    expect(idsOf(true)).toEqual(expect.arrayContaining(papers));
    expect(idsOf(false, [])).toEqual(expect.arrayContaining(papers));
  });
});
