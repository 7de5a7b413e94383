import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, jsonText } from '../../core/json.ts';
import type { AcuityRecord } from '../../core/psychophysics/record.ts';
import { Random } from '../../core/random.ts';
import { PAIR } from '../../core/view-list.ts';
import { shade } from '../../core/worlds/shade.ts';
import { askBlock } from '../../core/worlds/acuity/ask.ts';
import { drawStimulus } from '../../core/worlds/acuity/draw.ts';
import { DataError } from '../datasets/data-error.ts';
import { sha256 } from '../files/atomic.ts';
import { ifMissing } from '../files/disk-error.ts';
import { writeFolder } from '../files/leftovers.ts';
import { readText } from '../files/regular.ts';
import { encodePng } from '../images/png.ts';

/** What determines the stimuli of one axis, to the byte. */
export type StimuliPlan = AcuityRecord['plan'];

/** A name for stimuli that no other plan has. */
export const stimuliName = (plan: StimuliPlan): string =>
  `${plan.axis}-${sha256(JSON.stringify(plan)).slice(0, 8)}`;

const ROWS = 'data.qa.jsonl';

/**
 * The data set of a plan: `data.qa.jsonl` with its pictures, in a folder of its name. It is drawn unless it is there.
 * @returns the file of rows, and its hash
 * @throws DataError if the folder holds rows that have changed since they were drawn
 */
export async function stimuli(
  folder: string,
  plan: StimuliPlan,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<{ rows: string; sha256: string }> {
  const dir = join(folder, stimuliName(plan));
  const manifest = await readText(join(dir, 'manifest.json')).catch(ifMissing(null));
  if (manifest === null) await writeFolder(dir, (staging) => draw(staging, plan, onProgress));
  const rows = join(dir, ROWS);
  const hash = sha256(await readText(rows));
  if (manifest !== null) requireUnchanged(dir, manifest, hash);
  return { rows, sha256: hash };
}

function requireUnchanged(dir: string, manifest: string, hash: string): void {
  const drawn: unknown = JSON.parse(manifest);
  if (isRecord(drawn) && drawn.sha256 === hash) return;
  throw new DataError('changed-stimuli', `${join(dir, ROWS)} has changed since it was drawn.`, {
    fix: `Remove ${dir}; the same command draws it again.`,
  });
}

async function draw(
  dir: string,
  plan: StimuliPlan,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const { levels, blocks, seed, axis } = plan;
  await mkdir(join(dir, 'images'));
  const random = Random.from(`${axis} ${seed}`);
  const total = levels.length * blocks;
  let lines = '';
  for (let i = 0; i < total; i++) {
    // All levels once, then all again: whoever stops early has asked all of them.
    const level = levels[i % levels.length]!;
    const stimulus = drawStimulus(random.fork(i), axis, level, plan);
    const block = `${stimuliName(plan)}-${i + 1}`;
    const images = { original: '', mirror: '' };
    for (const view of PAIR) {
      const { observation, raster } = stimulus.views[view];
      images[view] = `images/${String(i + 1).padStart(4, '0')}-${view}.png`;
      await writeFile(join(dir, images[view]), await encodePng(shade(observation.world, raster)));
    }
    const rows = askBlock(stimulus, { ...plan, level, block }, images);
    lines += rows.map(({ sample }) => `${JSON.stringify(sample)}\n`).join('');
    onProgress(i + 1, total);
  }
  await writeFile(join(dir, ROWS), lines, { flush: true });
  await writeFile(
    join(dir, 'manifest.json'),
    jsonText({ command: 'acuity', ...plan, sha256: sha256(lines) }),
  );
}
