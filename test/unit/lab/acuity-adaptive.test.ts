import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fit } from '../../../src/core/psychophysics/fit.ts';
import { answersOf } from '../../../src/core/psychophysics/measure.ts';
import { planStimuli } from '../../../src/core/psychophysics/plan-stimuli.ts';
import type { StimuliPlan } from '../../../src/core/psychophysics/acuity-record.ts';
import { probability, THRESHOLD } from '../../../src/core/psychophysics/observer.ts';
import { Random } from '../../../src/base/random.ts';
import type { AcuityMeta } from '../../../src/core/worlds/acuity/ask-block.ts';
import { askAdaptively } from '../../../src/lab/acuity/ask-adaptively.ts';
import { readAnswers } from '../../../src/lab/acuity/acuity-answers.ts';
import { slowly } from '../../support/slow.ts';
import { folderOfTests } from '../../support/folder.ts';
import { readRows } from '../../support/rows.ts';

const folder = folderOfTests('chirality-adaptive-');

const plan = (questions: number, model = 'planted'): StimuliPlan => ({
  ...planStimuli('side', { style: 'compact', blocks: 0, seed: 1 }).plan,
  adaptive: { model, questions, precision: 0.3 },
});

interface Row {
  id: string;
  answer: string;
  meta: { acuity: AcuityMeta };
}

const OTHER: Record<string, string> = { left: 'right', right: 'left', Yes: 'No', No: 'Yes' };

/** An observer of this width, whose answers depend on the question alone. */
function observer(place: string, width: number, stopAt = Infinity) {
  let asked = 0;
  return (rows: string): Promise<string> => {
    if (++asked > stopAt) return Promise.reject(new Error('killed'));
    const who = { width, shifts: [], shares: [], lapseLow: 0.01, lapseHigh: 0.01, likeness: 0 };
    const lines = readRows<Row>(rows).map((row) => {
      const { id, answer, meta } = row;
      const claim = Random.from(id).chance(probability(meta.acuity.x, [], who)) ? 1 : -1;
      const text = claim === meta.acuity.claim ? answer : OTHER[answer]!;
      return JSON.stringify({ id, answer: text });
    });
    const file = join(folder, `${place}.jsonl`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return Promise.resolve(file);
  };
}

const rowsIn = (file: string) => readFileSync(file, 'utf8');

describe('askAdaptively', () => {
  it('stops after the threshold is precise enough, and repeats no question on a second call', async () => {
    const one = join(folder, 'one');
    const {
      rows,
      answers,
      questions: asked,
      isPrecise,
    } = await askAdaptively(one, plan(800), observer('one', 24));
    expect(isPrecise).toBe(true);
    expect(asked).toBeLessThan(700);
    const list = await readAnswers(rows, answers);
    const { mean, interval } = fit(answersOf(list)).threshold;
    expect((interval[1] - interval[0]) / 2).toBeLessThan(0.3 * mean);
    expect(list).toHaveLength(asked);
    // Scenes lie where they tell most: about the threshold, on both sides, not at the ends.
    const about = list.filter(({ x }) => Math.abs(x) >= THRESHOLD * 12 && Math.abs(x) <= THRESHOLD * 24 * 4);
    expect(about.length).toBeGreaterThan(asked / 2);
    const positive = list.filter(({ x }) => x > 0).length;
    expect(Math.abs(positive - (asked - positive))).toBeLessThan(asked / 3);
    const before = rowsIn(rows);
    await askAdaptively(one, plan(800), observer('one', 24));
    expect(rowsIn(rows)).toBe(before);
  });

  slowly('reports no precise threshold for an observer who cannot see the difference', async () => {
    const { isPrecise, questions: asked } = await askAdaptively(
      join(folder, 'blind'),
      plan(200),
      observer('blind', 1e6),
    );
    expect(isPrecise).toBe(false);
    expect(asked).toBe(200);
  });

  slowly('places scenes by bearing, and maps bearings in front and behind to one difference', async () => {
    const plan = planStimuli('own-side', { style: 'english', blocks: 0, seed: 1, size: 256 }).plan;
    const adaptive = { model: 'planted', questions: 48, precision: 0.3 };
    const { rows, answers } = await askAdaptively(
      join(folder, 'own'),
      { ...plan, adaptive },
      observer('own', 60),
    );
    const list = await readAnswers(rows, answers);
    expect(list).toHaveLength(48);
    expect(new Set(list.map(({ x }) => Math.abs(x))).size).toBeGreaterThan(2);
    const bearings = list.map(({ sample }) => (sample.meta!.acuity as unknown as AcuityMeta).level);
    expect(bearings.some((level) => Math.abs(level) > 90)).toBe(true);
    expect(bearings.some((level) => Math.abs(level) < 90)).toBe(true);
  });

  slowly('respects the question limit, and returns the same rows after an interrupted run', async () => {
    const whole = await askAdaptively(join(folder, 'two'), plan(60), observer('two', 400));
    expect(whole.isPrecise).toBe(false);
    expect(whole.questions).toBe(60);
    const three = join(folder, 'three');
    await expect(askAdaptively(three, plan(60), observer('three', 400, 5))).rejects.toThrow('killed');
    const { rows } = await askAdaptively(three, plan(60), observer('three', 400));
    expect(rowsIn(rows)).toBe(rowsIn(whole.rows));
    // Another model's scenes are others, though nothing else differs.
    const other = await askAdaptively(three, plan(60, 'another'), observer('four', 400));
    expect(other.rows).not.toBe(rows);
  });
});
