import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/engines/conformance/sampler-conformance.ts';
import { checkTrainer, trainerChecks } from '../../../src/engines/conformance/trainer-conformance.ts';
import { Random } from '../../../src/base/random.ts';
import type { EmbeddedTrainer } from '../../../src/engines/embedded/embedded-engine.ts';
import { Lora, type LoraForm } from '../../../src/engines/embedded/lora.ts';
import { Network, scoreGroups } from '../../../src/engines/embedded/network.ts';
import { openEmbedded, type NewModel } from '../../../src/engines/embedded/open-embedded.ts';
import type { EncodedGroup } from '../../../src/engines/embedded/packing.ts';
import { weightShapes, type ModelShape } from '../../../src/engines/embedded/shape.ts';
import { readTensors, type Arrays } from '../../../src/engines/embedded/weights.ts';
import type { OptimOptions, Trainer } from '../../../src/engines/trainer.ts';
import { largestDifference, runtime, slopeAt } from './evaluate.ts';
import { answerOf, QUESTION, scratchFolders, TASK, TINY } from './tiny.ts';

const scratch = scratchFolders();

const STEP: OptimOptions = { learningRate: 1e-2, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, gradClip: 1 };
const SCORE = { model: 'policy', temperature: 1 } as const;

const V1: LoraForm = { rank: 2, alpha: 4, targets: ['q_proj', 'v_proj'] };
const ALL: LoraForm['targets'] = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'up_proj', 'down_proj'];
const V2: LoraForm = { rank: 3, alpha: 4, targets: ALL };

/** A folder with a model all of whose weights have learnt a little. */
async function taught(): Promise<string> {
  const folder = join(scratch(), 'base');
  const engine = await openEmbedded(TINY);
  await steps(engine, 3);
  await engine.save(folder);
  await engine.close();
  return folder;
}

async function groupOf(engine: Trainer, weight = 1) {
  const { hash } = await engine.putImage(TASK.image);
  const prompt = ask(hash, QUESTION);
  const { target } = await engine.encode(prompt, answerOf('red', 'blue'));
  const segment = { tokens: target, trained: true, weights: target.map(() => weight) };
  return { prompt, completions: [{ segments: [segment] }] };
}

async function steps(engine: Trainer, n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    await engine.forwardBackward([await groupOf(engine)], { temperature: 1 });
    await engine.optimStep(STEP);
  }
}

const scores = async (engine: Trainer, model: 'policy' | 'reference' = 'policy') =>
  (await engine.forward([await groupOf(engine)], { ...SCORE, model }))[0]![0]![0]!.logprobs;

const arraysIn = async (folder: string, file = 'model.safetensors'): Promise<Arrays> =>
  (await readTensors(join(folder, file))).arrays;

describe.each([
  ['q and v', V1],
  ['all projections', V2],
])('an adapter on %s', (_, adapter) => {
  let base: string;
  let engine: EmbeddedTrainer;
  beforeAll(async () => {
    base = await taught();
    engine = await openEmbedded({ ...TINY, model: { folder: base }, adapter });
  });
  afterAll(() => engine.close());

  const folder = scratch();
  it.each(trainerChecks.map((check) => [check.name, check] as const))('adapter: %s', async (_, check) => {
    const [result] = await checkTrainer(engine, TASK, folder, [check]);
    expect(result!.reason).toBeNull();
  });

  it('an adapter starts with the same scores as its base model', async () => {
    const [plain, adapted] = [
      await openEmbedded({ ...TINY, model: { folder: base } }),
      await openEmbedded({ ...TINY, model: { folder: base }, adapter, seed: 7 }),
    ];
    expect(await scores(adapted)).toEqual(await scores(plain));
    const values = adapter.targets.length === 2 ? 2 * 2 * (2 * 16 * 2) : 2 * 3 * (4 * 2 * 16 + 2 * 5 * 16);
    expect(adapted.info().trainableParameters).toBe(values);
    expect(adapted.info().parameters).toBe(plain.info().parameters! + values);
  });

  it('training changes only the matrices of the adapter, by an update of its rank', async () => {
    const trained = await openEmbedded({ ...TINY, model: { folder: base }, adapter });
    await steps(trained, 5);
    const [saved, merged] = [join(scratch(), 'saved'), join(scratch(), 'merged')];
    await trained.save(saved);
    const whole = await openEmbedded({ ...TINY, model: { folder: saved }, adapter: null });
    await whole.exportAdapter(merged);

    const [before, after] = [await arraysIn(base), await arraysIn(merged)];
    const own: Record<string, string> = {
      q_proj: 'query',
      k_proj: 'key',
      v_proj: 'value',
      o_proj: 'out',
      up_proj: 'up',
      down_proj: 'down',
    };
    const names = [0, 1].flatMap((layer) => adapter.targets.map((target) => `${layer}.${own[target]!}`));
    for (const [name, data] of Object.entries(after)) {
      if (!names.includes(name)) expect(data, name).toEqual(before[name]);
      else {
        const change = Array.from(data, (x, i) => x - before[name]![i]!);
        expect(rankOf(change, weightShapes(tinyShape)[name]![1]!), name).toBe(adapter.rank);
      }
    }
    // What stands beneath the adapter is stored as it was.
    expect(await arraysIn(saved)).toEqual(before);
    expect(Object.keys(await arraysIn(saved, 'optimizer.safetensors')).every((n) => /[AB]$/.test(n))).toBe(
      true,
    );
  });

  it('an adapter merges into weights with equal scores, as computed by hand from PEFT files', async () => {
    const trained = await openEmbedded({ ...TINY, model: { folder: base }, adapter });
    await steps(trained, 5);
    const [saved, alone, merged] = ['saved', 'alone', 'merged'].map((name) => join(scratch(), name));
    await trained.save(saved!);
    await trained.exportAdapter(alone!);
    const whole = await openEmbedded({ ...TINY, model: { folder: saved! }, adapter: null });
    await whole.exportAdapter(merged!);
    expect(await scores(whole)).toEqual(await scores(trained));
    expect(await scores(await openEmbedded({ ...TINY, model: { folder: merged! } }))).toEqual(
      await scores(trained),
    );
    expect(whole.info().trainableParameters).toBe(whole.info().parameters);

    const config = JSON.parse(readFileSync(join(alone!, 'adapter_config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ r: adapter.rank, lora_alpha: 4, target_modules: adapter.targets });
    const { arrays, shapes } = await readTensors(join(alone!, 'adapter_model.safetensors'));
    const at = 'base_model.model.layers.1.self_attn.v_proj';
    expect(shapes[`${at}.lora_A.weight`]).toEqual([adapter.rank, 16]);
    expect(shapes[`${at}.lora_B.weight`]).toEqual([16, adapter.rank]);
    const [a, b] = [arrays[`${at}.lora_A.weight`]!, arrays[`${at}.lora_B.weight`]!];
    const [before, after] = [(await arraysIn(base))['1.value']!, (await arraysIn(merged!))['1.value']!];
    const byHand = Float32Array.from(before, (w, i) => {
      const [from, to] = [Math.floor(i / 16), i % 16];
      let update = 0;
      for (let k = 0; k < adapter.rank; k++) update += b[to * adapter.rank + k]! * a[k * 16 + from]!;
      return w + (4 / adapter.rank) * update;
    });
    expect(largestDifference(after, byHand)).toBeLessThan(1e-7);
    expect(largestDifference(after, before)).toBeGreaterThan(1e-3);
  });

  it('an adapter resumes from its files with the same result as without interruption', async () => {
    const straight = await openEmbedded({ ...TINY, model: { folder: base }, adapter });
    await steps(straight, 2);
    await straight.setReference('current');
    const middle = join(scratch(), 'middle');
    await straight.save(middle);
    await steps(straight, 2);

    const resumed = await openEmbedded({ ...TINY, model: { folder: middle }, adapter, seed: 99 });
    await resumed.load(middle, 'everything');
    await steps(resumed, 2);
    const [one, other] = [join(scratch(), 'one'), join(scratch(), 'other')];
    await straight.save(one);
    await resumed.save(other);
    for (const file of ['adapter_model', 'optimizer', 'reference', 'model'])
      expect(readFileSync(join(other, `${file}.safetensors`)), file).toEqual(
        readFileSync(join(one, `${file}.safetensors`)),
      );
    expect(await scores(resumed, 'reference')).toEqual(await scores(straight, 'reference'));
  });
});

const tinyShape = { ...(TINY.model as NewModel).shape, vocabulary: 1 };

/** The number of rows that are not sums of others, by Gaussian elimination with the largest pivot. */
function rankOf(values: number[], columns: number): number {
  const rows = Array.from({ length: values.length / columns }, (_, i) =>
    values.slice(i * columns, (i + 1) * columns),
  );
  const size = Math.max(...values.map(Math.abs));
  for (let rank = 0; ; rank++) {
    let at = [rank, 0] as [number, number];
    let largest = 0;
    for (let i = rank; i < rows.length; i++)
      rows[i]!.forEach((x, j) => {
        if (Math.abs(x) > largest) [largest, at] = [Math.abs(x), [i, j]];
      });
    if (largest < 1e-4 * size) return rank;
    const [pivot, column] = at;
    [rows[rank], rows[pivot]] = [rows[pivot]!, rows[rank]!];
    for (let i = rank + 1; i < rows.length; i++) {
      const factor = rows[i]![column]! / rows[rank]![column]!;
      rows[i] = rows[i]!.map((x, j) => x - factor * rows[rank]![j]!);
    }
  }
}

describe('Lora and adapters', () => {
  it('Lora continues, merges or starts from scratch, depending on the adapter form', async () => {
    const base = await taught();
    const open = (folder: string, adapter?: LoraForm | null) =>
      openEmbedded({ ...TINY, model: { folder }, ...(adapter !== undefined && { adapter }) });
    const first = await open(base, V1);
    await steps(first, 3);
    const folder = join(scratch(), 'first');
    await first.save(folder);

    const reordered: LoraForm = { ...V1, targets: ['v_proj', 'q_proj'] };
    for (const [form, trainable] of [
      [V1, 256],
      [reordered, 256],
      [undefined, 256],
      [V2, first.info().trainableParameters! + 1472],
    ] as const) {
      const next = await open(folder, form);
      expect(await scores(next)).toEqual(await scores(first));
      expect(next.info().trainableParameters).toBe(trainable);
      await next.setReference('base');
      // What it stands on: the first model, or, for a new one, what the first adapter made of it.
      const beneath = form === V2 ? first : await open(base);
      expect(await scores(next, 'reference')).toEqual(await scores(beneath));
    }

    const other = await open(await taughtLonger(), V1);
    await expect(other.load(folder, 'weights')).rejects.toThrow('have different base weights');
    await expect(first.load(base, 'weights')).rejects.toThrow('no adapter that matches');
    await expect(open(base, { ...V1, rank: 17 })).rejects.toThrow('larger than the model width 16');
  });

  const taughtLonger = async () => {
    const folder = join(scratch(), 'longer');
    const engine = await openEmbedded(TINY);
    await steps(engine, 4);
    await engine.save(folder);
    return folder;
  };

  it('adapters have the gradients and merged weights computed by hand', () => {
    const shape: ModelShape = {
      vocabulary: 3,
      width: 2,
      layers: 1,
      heads: 1,
      imageSize: 1,
      patchSize: 1,
      promptTokens: 1,
      completionTokens: 1,
    };
    const form: LoraForm = { rank: 1, alpha: 2, targets: ['q_proj'] };
    const lora = new Lora(
      shape,
      form,
      { '0.query': Float32Array.of(1, 0, 0, 1) },
      { '0.query.A': Float32Array.of(1, 2), '0.query.B': Float32Array.of(3, 4) },
    );
    // s = 2; A·B = [[3, 4], [6, 8]]
    expect(lora.merged()).toEqual({ '0.query': Float32Array.of(7, 8, 12, 17) });
    // dA = 2 · [[1, 2], [−1, 0]] · [3, 4]ᵀ; dB = 2 · [1, 2] · [[1, 2], [−1, 0]]
    expect(lora.gradients({ '0.query': Float32Array.of(1, 2, -1, 0) })).toEqual({
      '0.query.A': Float32Array.of(22, -6),
      '0.query.B': Float32Array.of(-2, 4),
    });
  });

  it('adapters have gradients that agree with finite differences', async () => {
    const recorded = JSON.parse(
      readFileSync(new URL('../../fixtures/parity/embedded-model/torch.json', import.meta.url), 'utf8'),
    ) as { shape: ModelShape; weights: Record<string, number[]>; groups: Recorded[] };
    const { shape } = recorded;
    const weights = Object.fromEntries(
      Object.entries(recorded.weights).map(([name, list]) => [name, Float32Array.from(list)]),
    );
    const groups: EncodedGroup[] = recorded.groups.map(({ patches, tokens, positions, rows }) => ({
      prompt: { pictures: patches ? [Float32Array.from(patches)] : [], tokens, positions },
      rows,
    }));
    const random = Random.from('differences');
    const lora = Lora.fresh(shape, { rank: 2, alpha: 3, targets: ALL }, weights, random);
    for (const [name, part] of Object.entries(lora.parts))
      if (name.endsWith('B')) part.forEach((_, i) => (part[i] = 0.3 * random.normal()));
    const network = new Network(shape, await runtime(), lora.names);

    const pass = async (read: (out: Arrays) => void) => {
      const options = { temperature: 1, train: true };
      await scoreGroups(network, { ...weights, ...lora.merged() }, groups, options, (out, batch, packed) => {
        read(out);
        return batch.map(() => packed);
      });
    };
    const summed: Arrays = {};
    await pass((out) => {
      expect(Object.keys(out).sort()).toEqual([...lora.names.map((name) => `d.${name}`), 'logprobs'].sort());
      for (const name of lora.names)
        summed[name] = out[`d.${name}`]!.map((x, i) => x + (summed[name]?.[i] ?? 0));
    });
    const gradients = lora.gradients(summed);

    const loss = async () => {
      let total = 0;
      const options = { temperature: 1, train: false };
      await scoreGroups(network, { ...weights, ...lora.merged() }, groups, options, (out, batch, packed) =>
        batch.map(({ rows }, g) =>
          rows.forEach((row, r) => {
            const from = (g * packed.size + r) * packed.length;
            row.weights.forEach((w, t) => (total -= w * out.logprobs![from + t]!));
          }),
        ),
      );
      return total;
    };
    // Small, because a ReLU may change its side in between.
    const h = 1 / 512;
    for (const [name, part] of Object.entries(lora.parts)) {
      const at = random.below(part.length);
      const numeric = await slopeAt(part, at, h, loss);
      expect(Math.abs(gradients[name]![at]! - numeric), `${name} ${at}`).toBeLessThan(
        2e-3 * Math.max(1, Math.abs(numeric)),
      );
    }
    expect(Math.max(...Object.values(gradients).map((g) => Math.max(...g.map(Math.abs))))).toBeGreaterThan(
      0.05,
    );
    await network.close();
  });
});

interface Recorded {
  patches: number[] | null;
  tokens: number[];
  positions: number[];
  rows: { tokens: number[]; weights: number[] }[];
}
