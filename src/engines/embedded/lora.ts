import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { EmbeddedAdapter } from '../../core/config/engine-config.ts';
import type { Random } from '../../base/random.ts';
import { parseRecord } from '../../base/record.ts';
import { syncFolder, writeSynced } from '../synced.ts';
import { weightShapes, type ModelShape } from './shape.ts';
import { readTensors, writeTensors, type Arrays } from './weights.ts';

export type LoraForm = Pick<EmbeddedAdapter, 'rank' | 'alpha' | 'targets'>;

type Target = LoraForm['targets'][number];

/** Matrices of a layer: their names in Chirality, and their modules in PEFT, keyed by their names in other models. */
const MATRICES: Record<Target, { own: string; module: string }> = {
  q_proj: { own: 'query', module: 'self_attn' },
  k_proj: { own: 'key', module: 'self_attn' },
  v_proj: { own: 'value', module: 'self_attn' },
  o_proj: { own: 'out', module: 'self_attn' },
  up_proj: { own: 'up', module: 'mlp' },
  down_proj: { own: 'down', module: 'mlp' },
};

const TARGETS = Object.keys(MATRICES) as Target[];

/** A matrix with an adapter, W = frozen + alpha / rank · A · B with A [rows, rank] and B [rank, columns]; or A or B. */
interface Adapted {
  /** Name of the matrix or its part: `0.query`, `0.query.A`. */
  name: string;
  /** Name of the matrix in PEFT's files. */
  peft: string;
  rows: number;
  columns: number;
}

/**
 * LoRA (Hu et al., arXiv 2106.09685) over frozen weights. Passes use the merged matrices, so that graphs do not change.
 * The gradient dW of a merged matrix determines the gradients of its parts: dA = s · dW · Bᵀ and dB = s · Aᵀ · dW, with
 * s = alpha / rank.
 */
export class Lora {
  private readonly adapted: readonly Adapted[];

  /**
   * @param frozen weights of the adapted matrices without the adapter
   * @param parts the trained arrays: `0.query.A`, `0.query.B`, …
   */
  constructor(
    shape: ModelShape,
    readonly form: LoraForm,
    readonly frozen: Arrays,
    readonly parts: Arrays,
  ) {
    this.adapted = adaptedIn(shape, form);
  }

  /**
   * Creates an adapter that has no effect yet: B is 0. A is drawn as in PEFT (`reset_lora_parameters`: Kaiming uniform
   * with a = √5), which is uniform between ±1 / √rows.
   */
  static fresh(shape: ModelShape, form: LoraForm, weights: Arrays, random: Random): Lora {
    if (form.rank > shape.width)
      throw new Error(`The adapter rank ${form.rank} is larger than the model width ${shape.width}.`);
    const parts: Arrays = {};
    for (const { name, rows, columns } of adaptedIn(shape, form)) {
      const bound = 1 / Math.sqrt(rows);
      const draw = () => random.between(-bound, bound);
      parts[`${name}.A`] = Float32Array.from({ length: rows * form.rank }, draw);
      parts[`${name}.B`] = new Float32Array(form.rank * columns);
    }
    return new Lora(shape, form, matricesOf(shape, form, weights), parts);
  }

  get names(): string[] {
    return this.adapted.map(({ name }) => name);
  }

  get shapes(): Record<string, number[]> {
    return Object.fromEntries(
      partsOf(this.adapted, this.form).map(({ name, rows, columns }) => [name, [rows, columns]]),
    );
  }

  /** Returns the adapted matrices with the adapter's parts added. Each value is rounded once. */
  merged(parts: Arrays = this.parts): Arrays {
    const { rank, alpha } = this.form;
    const scale = alpha / rank;
    return Object.fromEntries(
      this.adapted.map(({ name, rows, columns }) => {
        const [a, b] = [parts[`${name}.A`]!, parts[`${name}.B`]!];
        const merged = this.frozen[name]!.slice();
        const change = new Float64Array(columns);
        for (let i = 0; i < rows; i++) {
          change.fill(0);
          for (let k = 0; k < rank; k++) {
            const factor = scale * a[i * rank + k]!;
            for (let j = 0; j < columns; j++) change[j]! += factor * b[k * columns + j]!;
          }
          for (let j = 0; j < columns; j++) merged[i * columns + j]! += change[j]!;
        }
        return [name, merged];
      }),
    );
  }

  /** Computes the gradients of the adapter's parts from the gradients of the merged matrices. */
  gradients(ofMatrices: Arrays): Arrays {
    const { rank, alpha } = this.form;
    const scale = alpha / rank;
    return Object.fromEntries(
      this.adapted.flatMap(({ name, rows, columns }) => {
        const [a, b, dw] = [this.parts[`${name}.A`]!, this.parts[`${name}.B`]!, ofMatrices[name]!];
        const da = new Float32Array(a.length);
        const db = new Float64Array(b.length);
        for (let i = 0; i < rows; i++)
          for (let k = 0; k < rank; k++) {
            const factor = scale * a[i * rank + k]!;
            let dot = 0;
            for (let j = 0; j < columns; j++) {
              const d = dw[i * columns + j]!;
              dot += d * b[k * columns + j]!;
              db[k * columns + j]! += factor * d;
            }
            da[i * rank + k] = scale * dot;
          }
        return [
          [`${name}.A`, da],
          [`${name}.B`, Float32Array.from(db)],
        ];
      }),
    );
  }

  /** Whether this adapter has the given form, over the same matrices. */
  hasForm(form: LoraForm, shape: ModelShape): boolean {
    const names = adaptedIn(shape, form).map(({ name }) => name);
    return (
      form.rank === this.form.rank && form.alpha === this.form.alpha && names.join() === this.names.join()
    );
  }

  /** Writes `adapter_config.json` and `adapter_model.safetensors` in PEFT's format. */
  async write(folder: string): Promise<void> {
    const { rank, alpha, targets } = this.form;
    await mkdir(folder, { recursive: true });
    const config: AdapterFile = { peft_type: 'LORA', r: rank, lora_alpha: alpha, target_modules: targets };
    await writeSynced(
      join(folder, CONFIG),
      JSON.stringify({ ...config, base_model_name_or_path: null, bias: 'none', lora_dropout: 0 }),
    );
    const arrays: Arrays = {};
    const shapes: Record<string, number[]> = {};
    for (const { name, peft, rows, columns } of partsOf(this.adapted, this.form)) {
      arrays[peft] = transposed(this.parts[name]!, rows, columns);
      shapes[peft] = [columns, rows];
    }
    await writeTensors(join(folder, WEIGHTS), { arrays, shapes, metadata: { format: 'pt' } });
    await syncFolder(folder);
  }

  /** Reads the adapter in a folder, over the frozen weights. Returns null if the folder has no adapter. */
  static async read(folder: string, shape: ModelShape, weights: Arrays): Promise<Lora | null> {
    const file = join(folder, CONFIG);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return null;
    });
    if (text === null) return null;
    const config = parseRecord(adapterFileSchema, text, { file });
    const form: LoraForm = { rank: config.r, alpha: config.lora_alpha, targets: config.target_modules };
    const { arrays } = await readTensors(join(folder, WEIGHTS));
    const parts: Arrays = {};
    for (const { name, peft, rows, columns } of partsOf(adaptedIn(shape, form), form)) {
      const array = arrays[peft];
      if (array?.length !== rows * columns)
        throw new Error(`${folder}: array "${name}" of the adapter is missing or has the wrong size.`);
      parts[name] = transposed(array, columns, rows);
    }
    return new Lora(shape, form, matricesOf(shape, form, weights), parts);
  }
}

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';

/** Fields of `adapter_config.json` that are read. PEFT writes more fields. */
const adapterFileSchema = z.object({
  peft_type: z.literal('LORA'),
  r: z.int().min(1),
  lora_alpha: z.number().gt(0),
  target_modules: z.array(z.enum(TARGETS)),
});
type AdapterFile = z.infer<typeof adapterFileSchema>;

function adaptedIn(shape: ModelShape, { targets }: LoraForm): Adapted[] {
  const shapes = weightShapes(shape);
  return Array.from({ length: shape.layers }, (_, layer) =>
    TARGETS.filter((target) => targets.includes(target)).map((target) => {
      const { own, module } = MATRICES[target];
      const name = `${layer}.${own}`;
      const [rows, columns] = shapes[name] as [number, number];
      return { name, peft: `base_model.model.layers.${layer}.${module}.${target}`, rows, columns };
    }),
  ).flat();
}

/** Returns the parts of adapters: their names in Chirality and in PEFT's files, and their shapes in Chirality. */
const partsOf = (adapted: readonly Adapted[], { rank }: LoraForm): Adapted[] =>
  adapted.flatMap(({ name, peft, rows, columns }) => [
    { name: `${name}.A`, peft: `${peft}.lora_A.weight`, rows, columns: rank },
    { name: `${name}.B`, peft: `${peft}.lora_B.weight`, rows: rank, columns },
  ]);

const matricesOf = (shape: ModelShape, form: LoraForm, weights: Arrays): Arrays =>
  Object.fromEntries(adaptedIn(shape, form).map(({ name }) => [name, weights[name]!]));

/** Transposes [rows, columns]: PEFT multiplies columns from the left, Chirality multiplies rows from the right. */
const transposed = (x: Float32Array, rows: number, columns: number): Float32Array =>
  Float32Array.from(x, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
