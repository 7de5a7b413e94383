import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PATCH_GROUPS } from '../../src/core/insight/patch.ts';
import { patchSentence, probeSentence } from '../../src/core/insight/sentences.ts';
import { Random } from '../../src/base/random.ts';
import type { EmbeddedTrainer } from '../../src/engines/embedded/embedded-engine.ts';
import { openEmbedded } from '../../src/engines/embedded/open-embedded.ts';
import { vocabularyOf } from '../../src/engines/embedded/tokenizer.ts';
import type { Sampler } from '../../src/engines/sampler.ts';
import { WORKER_FOLDER } from '../../src/engines/torch/processes.ts';
import { decodeForModel } from '../../src/lab/images/decode.ts';
import { encodePng } from '../../src/lab/images/png.ts';
import { patchSet, rowsToPatch } from '../../src/lab/insight/patch-set.ts';
import { probeSet } from '../../src/lab/insight/probe-set.ts';
import { rowsToLook } from '../../src/lab/insight/set-folder.ts';
import { ask } from '../../src/engines/conformance/sampler-conformance.ts';
import { DIRECT } from '../unit/engines/tiny.ts';
import { CLI } from '../unit/lab/recipes/cli.ts';
import { openTiny, scratch, torch } from './open.ts';
import { readRows } from '../support/rows.ts';

/* What is said of models that know nothing, and of models that know sides: what is said is printed. */

const MODELS = 10;
/** A busy machine takes a minute for a model. */
const PATIENCE_MS = 3_600_000;
const ROWS = 64;
const QUESTION = 'Is the red patch left or right of the blue patch?';
const [W, H] = [56, 56];
const folder = scratch();

/** Rows in which what is named, and what stands where, changes from row to row, so that no row's words tell the side. */
const worlds = join(folder, 'worlds');
const drawn = `worlds --seed 16 --families side.where --objects 2-2 --style compact --count ${ROWS}`;
execFileSync(process.execPath, [CLI, ...drawn.split(' '), '-o', worlds]);
const worldTexts = readRows<{ question: string }>(join(worlds, 'data.qa.jsonl')).map((row) => row.question);

/** Pixels with a red and a blue patch of random places and sizes on grey noise, each on its half. */
function scene(random: Random) {
  const rgb = Uint8Array.from({ length: W * H * 3 }, () => 110 + random.below(40));
  const isRedLeft = random.chance(0.5);
  const boxes = [isRedLeft, !isRedLeft].map((isLeft, c) => {
    const size = 14 + random.below(8);
    const x = (isLeft ? 0 : W / 2) + random.below(W / 2 - size + 1);
    const y = random.below(H - size + 1);
    for (let py = y; py < y + size; py++)
      for (let px = x; px < x + size; px++)
        rgb.set(c === 0 ? [220, 40, 40] : [50, 80, 230], (py * W + px) * 3);
    return [x, y, x + size, y + size];
  });
  return { rgb, boxes, answer: isRedLeft ? 'left' : 'right' };
}

const random = Random.from('scenes');
const lines: string[] = [];
for (let i = 0; i < ROWS; i++) {
  const { rgb, boxes, answer } = scene(random);
  writeFileSync(join(folder, `${i}.png`), await encodePng({ w: W, h: H, rgb }));
  const objects = boxes.map((box, o) => ({
    id: `o${o}`,
    label: o === 0 ? 'red patch' : 'blue patch',
    box,
    box_format: 'xyxy_px',
  }));
  const scene_graph = { version: 1, image: { w: W, h: H }, relations: [], objects };
  const row = {
    id: `${i}`,
    question: QUESTION,
    answer,
    choices: ['left', 'right'],
    images: [`${i}.png`],
    scene_graph,
  };
  lines.push(`${JSON.stringify(row)}\n`);
}
writeFileSync(join(folder, 'data.qa.jsonl'), lines.join(''));

/** All sentences that a panel would show about a model. */
async function sentencesOf(name: string, sampler: Sampler, root: string): Promise<string[]> {
  const about = { file: join(root, 'data.qa.jsonl'), root, strategy: DIRECT, limit: undefined };
  const open = () => Promise.resolve(sampler);
  const asking = { strategy: DIRECT, maxTokens: 1 };
  const { rows } = await rowsToLook({ ...about, views: ['original', 'mirror'] });
  const dir = (kind: string) => join(folder, `${name}-${kind}`);
  const probed = await probeSet(open, rows, {
    ...asking,
    dir: dir('probe'),
    manifest: { kind: 'probe', content: name },
  });
  const { rows: originals } = await rowsToLook({ ...about, views: ['original'] });
  const { results } = await patchSet(open, rowsToPatch(originals), {
    ...asking,
    dir: dir('patch'),
    manifest: { kind: 'patch', content: name },
    layers: 'all',
    groups: PATCH_GROUPS,
  });
  return [
    ...probed.map((result) => `${result.target}: ${probeSentence(result)}`),
    `patch: ${patchSentence(results)}`,
  ];
}

/** A sentence is a finding unless it says that nothing is shown. */
const isFinding = (sentence: string): boolean => !/: (?:No evidence|$)/.test(sentence);

const openEmbeddedModel = (seed: number): Promise<EmbeddedTrainer> =>
  openEmbedded({
    model: {
      shape: {
        width: 32,
        layers: 3,
        heads: 4,
        imageSize: 32,
        patchSize: 8,
        promptTokens: 16,
        completionTokens: 4,
      },
      words: vocabularyOf([QUESTION, 'left right', ...worldTexts]),
    },
    seed,
    threads: 1,
    decodeImage: decodeForModel,
  });

/** Teaches a model the side, on scenes of its own. */
async function teach(model: EmbeddedTrainer, seed: number): Promise<void> {
  const random = Random.from(`taught ${seed}`);
  const STEPS = 150;
  for (let step = 0; step < STEPS; step++) {
    const groups = [];
    for (let i = 0; i < 24; i++) {
      const { rgb, answer } = scene(random);
      const { hash } = await model.putImage(await encodePng({ w: W, h: H, rgb }));
      const prompt = ask(hash, QUESTION);
      const { target } = await model.encode(prompt, answer);
      groups.push({
        prompt,
        completions: [{ segments: [{ tokens: target, trained: true, weights: target.map(() => 1 / 24) }] }],
      });
    }
    await model.forwardBackward(groups, { temperature: 1 });
    await model.optimStep({
      learningRate: 3e-3 * Math.min(1, (step + 1) / 20, (STEPS - step) / 100),
      betas: [0.9, 0.99],
      eps: 1e-8,
      weightDecay: 0,
      gradClip: 1,
    });
  }
}

const table: string[] = [];
const note = (kind: string, n: number, found: readonly string[][]) => {
  const models = found.filter((sentences) => sentences.some(isFinding)).length;
  table.push(
    `${kind}: ${n} models, ${models} with a finding, ${found.flat().filter(isFinding).length} findings of ${found.flat().length} sentences`,
  );
  for (const sentence of found.flat()) table.push(`  ${sentence}`);
  console.info(table.join('\n'));
  return models;
};

describe.skipIf(!torch)('interpretability findings', () => {
  it('findings appear for at most 3 of 20 untrained models', { timeout: PATIENCE_MS }, async () => {
    const found: string[][] = [];
    for (let seed = 1; seed <= MODELS; seed++) {
      const model = await openEmbeddedModel(seed);
      found.push(await sentencesOf(`embedded-${seed}`, model, worlds));
      await model.close();
    }
    note('untrained, embedded', MODELS, found);
    for (let seed = 1; seed <= MODELS; seed++) {
      mkdirSync(join(folder, `torch-${seed}`), { recursive: true });
      const write =
        'import sys; from chirality_worker.random_models import write_model as w; w("qwen2_5_vl", __import__("pathlib").Path(sys.argv[1]), seed=int(sys.argv[2]))';
      execFileSync(torch!.python, ['-c', write, join(folder, `torch-${seed}`), `${seed}`], {
        cwd: WORKER_FOLDER,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const model = await openTiny('qwen2_5_vl', {
        model: join(folder, `torch-${seed}`),
        adapter: null,
        seed,
      });
      found.push(await sentencesOf(`torch-${seed}`, model, worlds));
      await model.close();
    }
    note('untrained, both engines', 2 * MODELS, found);
    expect(
      found.filter((sentences) => sentences.some(isFinding)).length,
      table.join('\n'),
    ).toBeLessThanOrEqual(3);
  });

  it('findings report the side in nine of ten trained models', { timeout: PATIENCE_MS }, async () => {
    const found: string[][] = [];
    for (let seed = 1; seed <= MODELS; seed++) {
      const model = await openEmbeddedModel(seed);
      await teach(model, seed);
      found.push(await sentencesOf(`taught-${seed}`, model, folder));
      await model.close();
    }
    note('taught sides', MODELS, found);
    const has = (pattern: RegExp) =>
      found.filter((sentences) => sentences.some((text) => pattern.test(text))).length;
    const counts = [has(/^side: The (?:hidden states|answers) contain/), has(/^patch: The model stores/)];
    table.push(`taught: side is read in ${counts[0]}, held in ${counts[1]} of ${MODELS}`);
    expect(Math.min(...counts), table.join('\n')).toBeGreaterThanOrEqual(9);
  });
});
