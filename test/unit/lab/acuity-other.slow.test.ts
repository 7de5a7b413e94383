import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { StimuliPlan } from '../../../src/core/psychophysics/acuity-record.ts';
import { planStimuli } from '../../../src/core/psychophysics/plan-stimuli.ts';
import { measureMetres } from '../../../src/core/psychophysics/scale.ts';
import { measureTurn } from '../../../src/core/psychophysics/shares.ts';
import { Random } from '../../../src/base/random.ts';
import { readAnswers } from '../../../src/lab/acuity/acuity-answers.ts';
import { stimuli } from '../../../src/lab/acuity/acuity-rows.ts';
import { folderForTests, holds, LEAST, OBSERVERS, type Row } from '../../support/planted-observers.ts';

const folder = folderForTests();

/** The rows of a plan, and what is read of answers to them, by way of a file. */
async function asked(plan: StimuliPlan) {
  const file = (await stimuli(folder, plan)).rows;
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Row);
  const given = join(folder, `${plan.axis}.jsonl`);
  const answersOf = (say: (row: Row) => string) => {
    writeFileSync(given, rows.map((row) => JSON.stringify({ id: row.id, answer: say(row) })).join('\n'));
    return readAnswers(file, given);
  };
  return { rows, answersOf };
}

function expectHeld(axis: string, held: Record<string, number>): void {
  console.log(`${axis}: of ${OBSERVERS} observers, intervals hold ${JSON.stringify(held)}`);
  for (const times of Object.values(held)) expect(times).toBeGreaterThanOrEqual(LEAST);
}

it('fits to simulated distance answers recover the exponent and the bias', async () => {
  const { plan } = planStimuli('metres', { style: 'english', blocks: 6, seed: 1 });
  const { rows, answersOf } = await asked(plan);
  const levels = plan.levels.map(Math.log);
  const middle = levels.reduce((sum, x) => sum + x, 0) / levels.length;
  const held = { slope: 0, bias: 0 };
  for (let i = 0; i < OBSERVERS; i++) {
    const random = Random.from(`metres ${i}`);
    const [slope, factor] = [random.between(0.3, 1.2), random.between(-0.5, 0.5)];
    // Single answers vary, and so do scenes.
    const [single, shared] = [random.between(0.05, 0.4), random.between(0, 0.3)];
    const scenes = new Map(rows.map(({ meta }) => [meta.acuity.block, shared * random.normal()]));
    const answers = await answersOf(({ meta: { acuity } }) => {
      const noise = scenes.get(acuity.block)! + single * random.normal();
      return `About ${Math.exp(factor + slope * (acuity.x - middle) + middle + noise).toFixed(6)} m.`;
    });
    const figures = measureMetres(answers);
    held.slope += holds(figures.slope!.interval, slope);
    held.bias += holds(figures.bias!.interval, Math.expm1(factor));
  }
  expectHeld('metres', held);
}, 3_600_000);

it('fits to simulated turn answers recover accuracy for changed and unchanged sides', async () => {
  const { plan } = planStimuli('turn', { style: 'english', blocks: 8, seed: 1, size: 200 });
  const { rows, answersOf } = await asked(plan);
  const changed = rows.filter(({ meta }) => meta.acuity.changes).length / rows.length;
  const held = { all: 0, stays: 0, changes: 0, leaning: 0 };
  for (let i = 0; i < OBSERVERS; i++) {
    const random = Random.from(`turn ${i}`);
    // How often it turns the scene, else answers as it is seen; how often it errs, and says yes whatever is asked.
    const [turns, lapse, habit] = [random.uniform(), random.between(0, 0.2), random.between(0, 0.5)];
    const answers = await answersOf(({ meta: { acuity } }) => {
      const sees = !acuity.changes || random.chance(turns) ? acuity.claim : -acuity.claim;
      const clear = random.chance(lapse) ? -sees : sees;
      const says = random.chance(habit) ? acuity.signs.yes! : clear;
      return says === acuity.signs.yes ? 'Yes, it is.' : 'No.';
    });
    const { all, stays, changes, leanings } = measureTurn(answers, 8);
    const rightIf = (isChanged: boolean) => {
      const clear = isChanged ? turns : 1;
      return habit / 2 + (1 - habit) * (clear * (1 - lapse) + (1 - clear) * lapse);
    };
    held.all += holds(all.interval!, changed * rightIf(true) + (1 - changed) * rightIf(false));
    held.stays += holds(stays.interval!, rightIf(false));
    held.changes += holds(changes.interval!, rightIf(true));
    held.leaning += holds(leanings.yes!.interval!, habit);
  }
  expectHeld('turn', held);
}, 3_600_000);
