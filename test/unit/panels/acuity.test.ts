import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import type { StimuliPlan } from '../../../src/core/psychophysics/acuity-record.ts';
import { writeAcuity } from '../../../src/lab/acuity/acuity-answers.ts';
import { stimuli, stimuliName } from '../../../src/lab/acuity/acuity-rows.ts';
import { Acuity } from '../../../src/panels/acuity/acuity.reads.ts';
import { PairRows } from '../../../src/panels/data-rows.reads.ts';
import { readRows } from '../../support/rows.ts';
import { slowly } from '../../support/slow.ts';
import { folderOfTests } from '../../support/folder.ts';

const PLAN: StimuliPlan = {
  axis: 'side',
  form: 'choice',
  style: 'compact',
  size: { w: 64, h: 64 },
  levels: [-48, -24, 0, 24, 48],
  blocks: 2,
  seed: 3,
};
const root = join(folderOfTests('chirality-acuity-'), 'acuity');
const query = { roots: [root], axis: null, hidden: [] };
let rows: string;
let samples: Sample[];

beforeAll(async () => {
  ({ rows } = await stimuli(join(root, 'rows'), PLAN));
  samples = readRows(rows);
});
afterAll(() => rmSync(dirname(root), { recursive: true }));

const line = ({ id, answer }: Sample) =>
  `${JSON.stringify({ id, completion: `<think>I look.</think>${answer}` })}\n`;

describe('Acuity: measurements in a folder', () => {
  it('shows growing results during evaluation, with the answers behind each point', async () => {
    const service = new Acuity(new PairRows());
    expect(await service.acuity(query)).toMatchObject({ axes: [], results: [], document: null });
    const folder = join(root, `mine-${stimuliName(PLAN)}-0a1b2c3d`);
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ sets: { [stimuliName(PLAN)]: '/elsewhere' } }),
    );
    writeFileSync(join(folder, 'rows.jsonl'), samples.slice(0, 9).map(line).join('') + '{"id":"half');
    const begun = await service.acuity(query);
    expect(begun).toMatchObject({ axes: ['side'], axis: 'side', problems: [] });
    expect(begun.results).toMatchObject([{ model: 'mine', answered: 9, total: 40, isPerson: false }]);

    writeFileSync(join(folder, 'rows.jsonl'), samples.map(line).join(''));
    const view = await service.acuity(query);
    const [result] = view.results;
    expect(result).toMatchObject({ answered: 40, total: 40, rows });
    const [chart] = view.document!.sections[0]!.charts;
    const opens = chart!.series.map(({ points }) => points.at(-1)!.opens!);
    expect(opens.map(({ x, view: of }) => [x, of])).toEqual([
      [48, 'original'],
      [48, 'mirror'],
    ]);
    const trials = await service.acuityTrials({ ...opens[0]!, rows });
    expect(trials).toHaveLength(4);
    for (const trial of trials) {
      expect(trial).toMatchObject({
        verdict: 'right',
        answer: trial.reference,
        images: [{ key: expect.anything() }],
      });
      expect(samples[trial.line - 1]!.question).toBe(trial.question);
    }
    const hidden = await service.acuity({ ...query, hidden: [result!.key] });
    expect(hidden.document).toBeNull();
    expect(hidden.results).toHaveLength(1);
  });

  it('opens the answers behind a map cell and behind a distance', async () => {
    const service = new Acuity(new PairRows());
    const other = join(root, '../other');
    const answeredAbout = async (plan: StimuliPlan) => {
      const drawn = await stimuli(join(other, 'rows'), plan);
      const list = readRows(drawn.rows);
      const folder = join(other, `mine-${stimuliName(plan)}-0a1b2c3d`);
      mkdirSync(folder);
      const subject = { model: 'mine, step 50', run: 'mine', step: 50 };
      const sets = { [stimuliName(plan)]: '' };
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ sets, subject }));
      const axis = plan.map ? `map of ${plan.axis}` : plan.axis;
      const shown = () => service.acuity({ roots: [other], axis, hidden: [] });
      // Half-way, it has the name that it will have, and the image.
      writeFileSync(join(folder, 'rows.jsonl'), list.slice(0, -3).map(line).join(''));
      const begun = await shown();
      writeFileSync(join(folder, 'rows.jsonl'), list.map(line).join(''));
      await writeAcuity(plan, drawn.rows, { answers: folder, ...subject }, join(folder, 'acuity.json'));
      const { document, results } = await shown();
      expect(begun.results.map(({ model, key }) => [model, key])).toEqual(
        results.map(({ model, key }) => [model, key]),
      );
      expect(begun.document!.sections[0]!.charts[0]!.map?.picture).toEqual(
        document!.sections[0]!.charts[0]!.map?.picture,
      );
      return { rows: drawn.rows, list, chart: document!.sections[0]!.charts[0]! };
    };
    const map = await answeredAbout({ ...PLAN, levels: [], map: { columns: 4, rows: 2 } });
    expect(map.chart.map!.picture).toMatch(/^data:image\/png;base64,/);
    const { cells, key } = map.chart.map!;
    const { column, row, n } = cells.at(-1)!;
    const trials = await service.acuityTrials({ key: key!, rows: map.rows, cell: [column, row] });
    expect(trials).toHaveLength(n);
    for (const trial of trials)
      expect(map.list[trial.line - 1]!.meta!.acuity).toMatchObject({ cell: [column, row] });
    const metres = await answeredAbout({ ...PLAN, axis: 'metres', form: 'open', levels: [3, 4, 5] });
    const { opens } = metres.chart.series[0]!.points[1]!;
    const told = await service.acuityTrials({ ...opens!, rows: metres.rows });
    expect(told.map(({ verdict, reference }) => [verdict, reference])).toEqual(
      Array.from({ length: 4 }, () => ['told', '4 metres']),
    );
    const overview = await service.acuity({ roots: [other], axis: 'Overview', hidden: [] });
    expect(overview).toMatchObject({ axes: ['Overview', 'metres', 'map of side'], results: [] });
    const [table] = overview.document!.sections[0]!.tables;
    expect(table!.columns.map(({ title }) => title)).toEqual([
      'model',
      'metres: exponent',
      'map of side: correct answers, %',
    ]);
    expect(table!.rows.map(({ cells }) => cells.map(({ text }) => text))).toEqual([
      ['mine, step 50', '1.00', '100.0'],
    ]);
  });

  slowly('shows human participants next to models, even if they stop early', async () => {
    mkdirSync(join(root, 'people'), { recursive: true });
    const file = join(root, 'people', `Ada Side-${stimuliName(PLAN)}.jsonl`);
    writeFileSync(file, '');
    appendFileSync(
      file,
      samples
        .slice(0, 12)
        .map(({ id, answer }) => `${JSON.stringify({ id, answer })}\n`)
        .join(''),
    );
    const { results } = await new Acuity(new PairRows()).acuity(query);
    expect(results.find(({ isPerson }) => isPerson)).toMatchObject({
      model: 'Ada Side',
      answered: 12,
      total: 12,
    });
  });

  it('shows each question once with two answers, in an order set by the seed', async () => {
    const service = new Acuity(new PairRows());
    const trials = await service.ownTrials({ rows, seed: 1 });
    expect(new Set(trials.map(({ id }) => id))).toEqual(new Set(samples.map(({ id }) => id)));
    expect(trials[0]).toMatchObject({ choices: ['left', 'right'], images: [{ key: expect.anything() }] });
    expect(trials).not.toHaveProperty('0.reference');
    const again = await service.ownTrials({ rows, seed: 2 });
    expect(again.map(({ id }) => id)).not.toEqual(trials.map(({ id }) => id));
    const { bytes } = await service.acuityImage({ rows, ref: trials[0]!.images[0]!.ref });
    expect([...bytes.slice(1, 4)]).toEqual([...'PNG'].map((letter) => letter.charCodeAt(0)));
  });

  slowly('shows whole clips to participants, and the first and last frame of each answer', async () => {
    const service = new Acuity(new PairRows());
    const moving = join(root, '../moving');
    const plan: StimuliPlan = { ...PLAN, axis: 'motion', size: { w: 48, h: 48 }, levels: [-24, 0, 24] };
    const drawn = (await stimuli(join(moving, 'rows'), plan)).rows;
    const list = readRows(drawn);
    const [trial] = await service.ownTrials({ rows: drawn, seed: 1 });
    expect(trial).toMatchObject({ choices: ['left', 'right'], times: [0, 0.25, 0.5, 0.75] });
    expect(trial!.images).toHaveLength(4);
    const folder = join(moving, `mine-${stimuliName(plan)}-0a1b2c3d`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ sets: { [stimuliName(plan)]: '' } }));
    writeFileSync(join(folder, 'rows.jsonl'), list.map(line).join(''));
    const { results, problems } = await service.acuity({ roots: [moving], axis: 'motion', hidden: [] });
    expect([results.length, problems]).toEqual([1, []]);
    const behind = (x: number) => service.acuityTrials({ key: results[0]!.key, rows: drawn, x });
    const still = await behind(0);
    expect(still).toHaveLength(8);
    expect(new Set(still.map(({ verdict }) => verdict))).toEqual(new Set(['none']));
    const seen = await behind(24);
    expect(new Set(seen.map(({ verdict }) => verdict))).toEqual(new Set(['right']));
    for (const { images, line: at } of seen) {
      const frames = list[at - 1]!.images;
      expect(images.map(({ ref }) => ref)).toEqual([frames[0], frames.at(-1)]);
    }
  });

  it('reports unreadable results, and skips folders without measurements', async () => {
    const folder = join(root, 'broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'acuity.json'), '{"kind":"chirality-acuity"}');
    mkdirSync(join(root, 'other'));
    writeFileSync(join(root, 'other', 'manifest.json'), '{"sets":{"val":"val.qa.jsonl"}}');
    writeFileSync(join(root, 'other', 'rows.jsonl'), line(samples[0]!));
    const { problems, results } = await new Acuity(new PairRows()).acuity(query);
    expect(problems).toEqual([expect.stringMatching(/broken.acuity\.json cannot be read: /)]);
    expect(results.some(({ key }) => key.includes('other'))).toBe(false);
  });
});
