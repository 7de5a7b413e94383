import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TracedPair } from '../../src/core/run-data/trace.ts';
import { rowLines } from './rows.ts';

const RECORDED = 'test/fixtures/recorded/project/runs/spatial';

/** The step at which a planted run collapses, and its last one. */
export const [COLLAPSE, LAST] = [71, 120];

/**
 * A run in which something is planted: up to step 70 both views are right; from 71 on only the original is, since the
 * model says a side by habit. Every tenth step is traced, and the one before and after the collapse, with four pairs each.
 * @param change what a stranger may have written into the pairs
 */
export async function plantRun(
  dir: string,
  { steps = LAST, every = 10, change = (pair: TracedPair) => pair } = {},
): Promise<void> {
  for (const name of ['run.yaml', 'manifest.json', 'state.json', 'events.jsonl', 'eval'])
    await cp(join(RECORDED, name), join(dir, name), { recursive: true });
  const rows = Array.from({ length: steps }, (_, i) => {
    const fallen = i + 1 >= COLLAPSE;
    return {
      step: i + 1,
      reward: (fallen ? 0.1 : 0.6) + 0.01 * (i % 5),
      accuracy: 0.6 + 0.01 * (i % 3),
      accuracy_mirror: (fallen ? 0.05 : 0.58) + 0.01 * (i % 4),
      frac_reward_zero_std: fallen ? 1 : 0.2,
      'completions/mean_length': 40 + (i % 7),
    };
  });
  await writeFile(join(dir, 'metrics.jsonl'), rowLines(rows));
  await mkdir(join(dir, 'traces'));
  const [template] = (await readFile(join(RECORDED, 'traces/step-000001.jsonl'), 'utf8')).split('\n');
  for (let step = 1; step <= steps; step++) {
    if (step % every > 0 && step !== COLLAPSE - 1 && step !== COLLAPSE) continue;
    const pairs = Array.from({ length: 4 }, (_, pair) =>
      change(plantedPair(JSON.parse(template!) as TracedPair, step, pair)),
    );
    await writeFile(join(dir, 'traces', `step-${String(step).padStart(6, '0')}.jsonl`), rowLines(pairs));
  }
}

function plantedPair(template: TracedPair, step: number, pair: number): TracedPair {
  const fallen = step >= COLLAPSE;
  return {
    ...template,
    step,
    pair,
    sample: `row-${pair}`,
    verdict: fallen ? 'only_original' : 'consistent',
    views: template.views.map((view, v) => ({
      ...view,
      question: `Which side is cup ${pair} on?`,
      answer: v === 0 ? 'left' : 'right',
      group: view.group.map((completion) => ({
        ...completion,
        right: v === 0 || !fallen,
        segments: [
          { stage: 'answer', text: '<think>left of it</think> <answer>left</answer>', stop_reason: 'end' },
        ],
      })),
    })),
  };
}

/** Replaces the answers of a recorded sweep: of forty images, the second cell is right on thirty and the first on ten. */
export async function plantSweep(sweep: string): Promise<void> {
  for (const [cell, right] of [
    ['eta-0', 10],
    ['eta-2', 30],
  ] as const) {
    const file = join(sweep, 'runs', `${cell}-seed-1`, 'eval/step-000001/rows.jsonl');
    const views = (await readFile(file, 'utf8')).split('\n').slice(0, 2);
    const rows = Array.from({ length: 40 }, (_, i) =>
      views.map((text) => {
        const row = JSON.parse(text) as { score: object };
        const score = { ...row.score, correct: i < right };
        return { ...row, id: `row-${i}`, images: [`${i}.png`], right: i < right, score };
      }),
    );
    await writeFile(file, rowLines(rows.flat()));
  }
}
