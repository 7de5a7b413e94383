import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, jsonText, linesText } from '../../base/json.ts';
import type { StimuliPlan } from '../../core/psychophysics/acuity-record.ts';
import { Random } from '../../base/random.ts';
import { PAIR, type PairView } from '../../rows/view-list.ts';
import { shade } from '../../core/worlds/shade.ts';
import { asksOf, scenesOf } from '../../core/worlds/acuity/axes.ts';
import { planned } from '../../core/worlds/acuity/scenes.ts';
import { DataError } from '../datasets/data-error.ts';
import { sha256, writeAtomically } from '../files/atomic.ts';
import { makeFolder } from '../files/folders.ts';
import { ifMissing } from '../files/disk-error.ts';
import { writeFolder } from '../files/leftovers.ts';
import { readText } from '../files/regular.ts';
import { encodePng } from '../images/png.ts';

export const stimuliName = (plan: StimuliPlan): string =>
  `${plan.axis}-${sha256(JSON.stringify(plan)).slice(0, 8)}`;

const ROWS = 'data.qa.jsonl';

/**
 * Returns the dataset of a plan: `data.qa.jsonl` with its images, in a folder named after the plan. Draws the dataset
 * if it is missing.
 * @returns the file of rows, and the hash of the file
 * @throws DataError if rows in the folder have changed since they were drawn
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
    fix: `Delete ${dir} and run the same command again.`,
  });
}

async function draw(
  dir: string,
  plan: StimuliPlan,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  await mkdir(join(dir, 'images'));
  const total = scenesOf(plan);
  let lines = '';
  for (let i = 0; i < total; i++) {
    lines += await drawScene(dir, plan, i);
    onProgress(i + 1, total);
  }
  await writeFile(join(dir, ROWS), lines, { flush: true });
  await writeFile(
    join(dir, 'manifest.json'),
    jsonText({ command: 'acuity', ...plan, sha256: sha256(lines) }),
  );
}

/** Draws the scene with number `i`, and writes its images. @returns the scene's rows, as lines; none if empty */
async function drawScene(dir: string, plan: StimuliPlan, i: number, level?: number): Promise<string> {
  const block = `${stimuliName(plan)}-${i + 1}`;
  const scene = planned(Random.from(`${plan.axis} ${plan.seed}`).fork(i), plan, i, block, level);
  if (!scene) return '';
  const images: Record<PairView, string[]> = { original: [], mirror: [] };
  for (const view of PAIR) {
    const frames = scene.frames[view];
    for (const [k, { observation, raster }] of frames.entries()) {
      const frame = frames.length > 1 ? `-${k + 1}` : '';
      const path = `images/${String(i + 1).padStart(4, '0')}-${view}${frame}.png`;
      images[view].push(path);
      await writeFile(join(dir, path), await encodePng(shade(observation.world, raster)));
    }
  }
  return linesText(scene.rows(images));
}

/** Rows that grow scene by scene. Each scene has a level chosen from earlier answers. */
export interface GrowingStimuli {
  rows: string;
  scenes(): number;
  /** Adds a scene at the given level. Default: the next scene of the plan. */
  add(level?: number): Promise<void>;
}

/** Opens the rows of an adaptive plan, including rows that earlier calls added. */
export async function growingStimuli(folder: string, plan: StimuliPlan): Promise<GrowingStimuli> {
  const dir = join(folder, stimuliName(plan));
  const rows = join(dir, ROWS);
  await makeFolder(join(dir, 'images'));
  await writeAtomically(join(dir, 'manifest.json'), jsonText({ command: 'acuity', ...plan, sha256: null }), {
    follow: false,
  });
  const ways = asksOf(plan).length;
  const before = await readText(rows).catch(ifMissing(null));
  if (before === null) await writeAtomically(rows, '', { follow: false });
  let text = before ?? '';
  let scenes = Math.floor((text.split('\n').length - 1) / ways);
  return {
    rows,
    scenes: () => scenes,
    add: async (level) => {
      text += await drawScene(dir, plan, scenes, level);
      await writeAtomically(rows, text, { follow: false });
      scenes += 1;
    },
  };
}
