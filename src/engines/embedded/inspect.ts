import { cellShares, type Grid } from '../../core/insight/grid.ts';
import { zeros, type Values } from '../../core/insight/values.ts';
import { layersOf, tokensAt, tokensIn } from '../inspect-check.ts';
import type { Block, InspectCase, Inspected, InspectedToken, PatchPositions, Wanted } from '../inspector.ts';
import type { InspectShape } from './inspect-graph.ts';
import { MASKED } from './model.ts';
import type { Network } from './network.ts';
import {
  batches,
  type EncodedGroup,
  type Feed,
  packedShape,
  packPrefix,
  packRows,
  unpackRows,
} from './packing.ts';
import type { Reader } from './reader.ts';
import { imageTokens, type ModelShape, type PackedShape } from './shape.ts';
import { SPECIAL, type Tokenizer } from './tokenizer.ts';
import type { Arrays } from './weights.ts';

/** A case in the form that the graph reads. Tokens are given as indices of `tokens`, without the image's. */
interface Prepared {
  asked: InspectCase;
  group: EncodedGroup;
  tokens: InspectedToken[];
  /** How many of the tokens belong to the prompt. */
  prompt: number;
  queries: number[][];
  /** For each box, the share of every cell that it covers. */
  boxes: Float32Array[];
  /** For each requested row of the residual stream, weights over cells and tokens. Words are read at the first row. */
  rows: { cells: Float32Array | null; tokens: number[] }[];
}

interface Machine {
  network: Network;
  reader: Reader;
  tokenizer: Tokenizer;
}

/**
 * Runs cases through the model and reads the requested values. Batches are formed as in scoring, so that requesting
 * masses costs little more than the scores.
 * @param weightsOf the weights for a case. @throws before any pass, if a case cannot be served
 */
export async function inspectCases(
  machine: Machine,
  weightsOf: (one: InspectCase) => Arrays,
  cases: InspectCase[],
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<Inspected[]> {
  const { network, tokenizer } = machine;
  const layers = layersOf(wanted, network.shape.layers);
  const words = wanted.lens.map((word) => firstToken(tokenizer, word));
  const prepared = cases.map((one) => prepare(machine, one, wanted));
  const donor = wanted.patch && prepared[wanted.patch.from]!;
  for (const one of donor ? prepared : []) checkAligned(one, donor!);
  const inspected: Inspected[] = [];
  for (const models of ['policy', 'reference'] as const) {
    const mine = prepared.flatMap(({ asked }, i) => (asked.model === models ? [i] : []));
    const order = batches(
      mine.map((i) => prepared[i]!.group),
      network.shape,
    ).map((indices) => indices.map((i) => mine[i]!));
    for (const indices of order) {
      signal?.throwIfAborted();
      const batch = indices.map((i) => prepared[i]!);
      const pass = new Pass(network, weightsOf(batch[0]!.asked), batch, wanted);
      const read = await pass.read(layers, words);
      for (const block of wanted.block) {
        signal?.throwIfAborted();
        await pass.addBlocked(read, block, words);
      }
      read.forEach((one, b) => (inspected[indices[b]!] = one));
    }
  }
  for (const [i, one] of donor ? prepared.entries() : []) {
    signal?.throwIfAborted();
    inspected[i]!.patched = await patched(network, weightsOf, donor!, one, wanted, layers, words);
  }
  return inspected;
}

function firstToken(tokenizer: Tokenizer, word: string): number {
  const [first] = tokenizer.encode(word);
  if (first === undefined) throw new Error(`"${word}" is no word.`);
  return first;
}

function prepare({ network, reader, tokenizer }: Machine, asked: InspectCase, wanted: Wanted): Prepared {
  const completion = [...tokenizer.encode(asked.completion), SPECIAL.end];
  const prompt = reader.encodePrompt(asked.prompt, completion.length);
  const tokens = reader.tokenPlaces(asked.prompt, asked.completion);
  const grid = prompt.patches ? gridOf(network.shape) : null;
  if (!grid && asked.boxes.length > 0) throw new Error('The prompt has no picture in which boxes could be.');
  const queries = asked.queries.map(({ name, at }) => tokensAt(tokens, prompt.tokens.length, at, name));
  const boxes = asked.boxes.map(({ box }) => cellShares(gridOf(network.shape), box));
  const place = (name: string | null) => {
    const q = asked.queries.findIndex((one) => one.name === name);
    const b = asked.boxes.findIndex((one) => one.name === name);
    if (q >= 0) return { cells: null, tokens: queries[q]!.slice(-1) };
    return { cells: b >= 0 ? normalised(boxes[b]!) : null, tokens: [] };
  };
  return {
    ...{ asked, tokens, queries, boxes, prompt: prompt.tokens.length },
    group: { prompt, rows: [{ tokens: completion, weights: [] }] },
    rows:
      wanted.wordsAt === null && wanted.hidden.length === 0
        ? []
        : [place(wanted.wordsAt), ...wanted.hidden.map(place)],
  };
}

/** The picture is squashed to a square, all of which the model sees. */
function gridOf(shape: ModelShape): Grid {
  const side = Math.sqrt(imageTokens(shape));
  return { rows: side, cols: side, piece: [0, 0, 1, 1] };
}

function normalised(shares: Float32Array): Float32Array {
  const sum = shares.reduce((a, b) => a + b, 0);
  return sum > 0 ? shares.map((share) => share / sum) : shares;
}

function checkAligned(one: Prepared, donor: Prepared): void {
  const [here, there] = [one, donor].map(({ tokens }) => tokens.length);
  if (here !== there)
    throw new Error(
      `Hidden states can be exchanged only between texts of as many tokens: these have ${here} and ${there}.`,
    );
}

/** A batch of cases in one packed shape. */
class Pass {
  readonly packed: PackedShape;
  private readonly feeds: Record<string, Feed>;
  private readonly image: number;
  private readonly rows: number;

  constructor(
    private readonly network: Network,
    private readonly weights: Arrays,
    private readonly batch: Prepared[],
    private readonly wanted: Wanted,
  ) {
    const groups = batch.map(({ group }) => group);
    this.packed = packedShape(groups);
    this.image = imageTokens(network.shape);
    this.rows = Math.max(...batch.map(({ rows }) => rows.length));
    const prompts = groups.map(({ prompt }) => prompt);
    this.feeds = {
      ...packPrefix(prompts, this.packed, network.shape),
      ...packRows(groups, this.packed),
      inverseTemperature: { data: Float32Array.of(1), dims: [1, 1] },
      ...this.select('at', this.rows, 1, ({ rows }) => rows),
    };
  }

  /** The place of a token in the sequence of a group: in the prefix, or in the completion. */
  where(token: number, prompt: number): { part: 'prefix' | 'completion'; at: number } {
    return token < prompt - 1
      ? { part: 'prefix', at: this.image + token }
      : { part: 'completion', at: token - (prompt - 1) };
  }

  run(shape: Partial<InspectShape>, feeds: Record<string, Feed> = {}): Promise<Arrays> {
    const of = {
      packed: this.packed,
      queries: 0,
      rows: this.rows,
      words: this.wanted.lens.length > 0,
      change: 'none',
      whole: false,
      ...shape,
    } as const;
    return this.network.inspect(of, this.weights, { ...this.feeds, ...feeds });
  }

  async read(layers: number[], words: number[]): Promise<Inspected[]> {
    const { network, batch, packed, wanted } = this;
    const count = Math.max(1, ...batch.map(({ queries }) => queries.length));
    const rowsOf = ({ queries }: Prepared) => queries.map((tokens) => ({ cells: null, tokens }));
    const see = this.select('see', count, network.shape.heads, rowsOf);
    const out = await this.run({ queries: count }, see);
    const logprobs = unpackRows(
      out.logprobs!,
      batch.map(({ group }) => group),
      packed,
    );
    return batch.map((one, g) => ({
      tokens: one.tokens,
      grid: one.group.prompt.patches ? gridOf(network.shape) : null,
      queries: one.queries,
      logprobs: one.asked.completion === '' ? [] : logprobs[g]![0]!,
      ...this.attentionOf(one, g, out, count, layers),
      hidden: this.hiddenOf(g, out),
      lens: wanted.lens.length === 0 ? null : this.wordsOf(g, out, words, layers),
      blocked: wanted.block.length === 0 ? null : zeros([wanted.block.length, words.length]),
      patched: null,
    }));
  }

  /** Adds the words' log-probabilities with one block. */
  async addBlocked(read: Inspected[], block: Block, words: number[]): Promise<void> {
    const { network, packed, batch, image } = this;
    const { layers, vocabulary } = network.shape;
    const time = image + packed.prefix;
    const hidden = new Float32Array(packed.groups * time);
    batch.forEach((one, g) => hidden.set(this.hide(one, block), g * time));
    const [from, to] = block.layers === 'all' ? [0, layers - 1] : block.layers;
    const gates = Float32Array.from({ length: layers }, (_, i) => (i >= from && i <= to ? 1 : 0));
    const out = await this.run(
      { change: 'hide' },
      {
        hidden: { data: hidden, dims: [packed.groups, 1, 1, time] },
        hideLayers: { data: gates, dims: [layers] },
      },
    );
    const b = this.wanted.block.indexOf(block);
    read.forEach(({ blocked }, g) =>
      words.forEach((word, w) => {
        blocked!.data[b * words.length + w] = out[`words${layers}`]![g * vocabulary + word]!;
      }),
    );
  }

  /** The values to add to the scores of the keys of a group's image and prefix. */
  private hide({ asked, boxes, tokens, prompt }: Prepared, { keys, name }: Block): Float32Array {
    const out = new Float32Array(this.image + this.packed.prefix);
    const box = boxes[asked.boxes.findIndex((one) => one.name === name)];
    for (let i = 0; i < this.image; i++) {
      const inside = (box?.[i] ?? 0) > 0;
      if (keys === 'picture' || (keys === 'box' && inside) || (keys === 'rest' && !inside)) out[i] = MASKED;
    }
    const part = keys === 'part' ? asked.parts.find((one) => one.name === name) : undefined;
    for (const token of part ? tokensIn(tokens, part.span) : [])
      if (token < prompt - 1) out[this.image + token] = MASKED;
    return out;
  }

  /** Feeds that select weighted rows: `<name>.prefix` and `<name>.completion`. */
  private select(
    name: string,
    count: number,
    heads: number,
    rowsOf: (one: Prepared) => { cells: Float32Array | null; tokens: number[] }[],
  ): Record<string, Feed> {
    const { groups, prefix, length } = this.packed;
    const time = { prefix: this.image + prefix, completion: length };
    const data = {
      prefix: new Float32Array(groups * heads * count * time.prefix),
      completion: new Float32Array(groups * heads * count * time.completion),
    };
    this.batch.forEach((one, g) => {
      for (let h = 0; h < heads; h++)
        rowsOf(one).forEach(({ cells, tokens }, r) => {
          const row = (g * heads + h) * count + r;
          if (cells) data.prefix.set(cells, row * time.prefix);
          for (const token of tokens) {
            const { part, at } = this.where(token, one.prompt);
            data[part][row * time[part] + at] = 1 / tokens.length;
          }
        });
    });
    const lead = name === 'see' ? [groups, heads, count] : [groups, count];
    return {
      [`${name}.prefix`]: { data: data.prefix, dims: [...lead, time.prefix] },
      [`${name}.completion`]: { data: data.completion, dims: [...lead, time.completion] },
    };
  }

  private attentionOf(
    { asked, tokens, prompt, queries, boxes }: Prepared,
    g: number,
    out: Arrays,
    count: number,
    layers: number[],
  ): Pick<Inspected, 'weights' | 'share' | 'mass' | 'sources'> {
    const { heads } = this.network.shape;
    const { attention, sources } = this.wanted;
    if (attention === 'none' && !sources) return { weights: null, share: null, mass: null, sources: null };
    const { image, packed } = this;
    const time = image + packed.prefix;
    const shape = [layers.length, heads, queries.length];
    const weights = zeros([...shape, image]);
    const [share, mass] = [zeros(shape), zeros([...shape, boxes.length])];
    const bySource = zeros([...shape, asked.parts.length + 3]);
    const sourceOf = tokens.map((_, t) => {
      const part = asked.parts.findIndex(({ span }) => tokensIn(tokens, span).includes(t));
      return part >= 0 ? part + 1 : asked.parts.length + (t >= prompt ? 1 : 2);
    });
    let row = 0;
    for (const layer of layers) {
      const [inPrefix, inCompletion] = [out[`seen${layer}.prefix`]!, out[`seen${layer}.completion`]!];
      for (let h = 0; h < heads; h++)
        for (let q = 0; q < queries.length; q++, row++) {
          const from = (g * heads + h) * count + q;
          const past = inPrefix.subarray(from * time, (from + 1) * time);
          const now = inCompletion.subarray(
            from * (time + packed.length),
            (from + 1) * (time + packed.length),
          );
          const cells = weights.data.subarray(row * image, (row + 1) * image);
          let onPicture = 0;
          for (let i = 0; i < image; i++) onPicture += cells[i] = past[i]! + now[i]!;
          share.data[row] = onPicture;
          boxes.forEach((inside, b) => {
            let sum = 0;
            for (let i = 0; i < image; i++) sum += cells[i]! * inside[i]!;
            mass.data[row * boxes.length + b] = onPicture > 0 ? sum / onPicture : 0;
          });
          if (!sources) continue;
          const bins = bySource.data.subarray(
            row * (asked.parts.length + 3),
            (row + 1) * (asked.parts.length + 3),
          );
          bins[0] = onPicture;
          for (let t = 0; t < tokens.length - 1; t++) {
            const { part, at } = this.where(t, prompt);
            bins[sourceOf[t]!]! += part === 'prefix' ? past[at]! + now[at]! : now[time + at]!;
          }
        }
    }
    return {
      weights: attention === 'heads' ? weights : attention === 'mean' ? meanOverHeads(weights) : null,
      ...(attention === 'none' ? { share: null, mass: null } : { share, mass }),
      sources: sources ? bySource : null,
    };
  }

  private hiddenOf(g: number, out: Arrays): Values | null {
    const names = this.wanted.hidden.length;
    if (names === 0) return null;
    const { layers, width } = this.network.shape;
    const values = zeros([layers + 1, names, width]);
    for (let i = 0; i <= layers; i++) {
      const start = (g * this.rows + 1) * width;
      values.data.set(out[`stream${i}`]!.subarray(start, start + names * width), i * names * width);
    }
    return values;
  }

  private wordsOf(g: number, out: Arrays, words: number[], layers: number[]): Values {
    const { vocabulary } = this.network.shape;
    const values = zeros([layers.length, words.length]);
    layers.forEach((layer, l) =>
      words.forEach((word, w) => {
        values.data[l * words.length + w] = out[`words${layer + 1}`]![g * vocabulary + word]!;
      }),
    );
    return values;
  }
}

function meanOverHeads({ shape, data }: Values): Values {
  const [layers, heads, queries, cells] = shape as [number, number, number, number];
  const mean = zeros([layers, 1, queries, cells]);
  const size = queries * cells;
  data.forEach((value, i) => {
    const layer = Math.floor(i / (heads * size));
    mean.data[layer * size + (i % size)]! += value / heads;
  });
  return mean;
}

/** The words' log-probabilities with the donor's hidden states at some positions, after one layer at a time. */
async function patched(
  network: Network,
  weightsOf: (one: InspectCase) => Arrays,
  donor: Prepared,
  one: Prepared,
  wanted: Wanted,
  layers: number[],
  words: number[],
): Promise<Values> {
  const { shape } = network;
  const whole = await new Pass(network, weightsOf(donor.asked), [donor], wanted).run({ whole: true });
  const pass = new Pass(network, weightsOf(one.asked), [one], wanted);
  const masks = swapMasks(pass, one, imageTokens(shape), wanted.patch!.positions);
  const values = zeros([layers.length, words.length]);
  for (const [l, layer] of layers.entries()) {
    const gates = Float32Array.from({ length: shape.layers }, (_, i) => (i === layer ? 1 : 0));
    const donated = (part: 'prefix' | 'completion') => {
      const data = whole[`whole${layer + 1}.${part}`]!;
      return { data, dims: [data.length / shape.width, shape.width] };
    };
    const out = await pass.run(
      { change: 'swap' },
      {
        ...masks,
        swapLayers: { data: gates, dims: [shape.layers] },
        'donor.prefix': donated('prefix'),
        'donor.completion': donated('completion'),
      },
    );
    words.forEach((word, w) => (values.data[l * words.length + w] = out[`words${shape.layers}`]![word]!));
  }
  return values;
}

function swapMasks(
  pass: Pass,
  one: Prepared,
  image: number,
  positions: PatchPositions,
): Record<string, Feed> {
  const { groups, prefix, length } = pass.packed;
  const masks = {
    prefix: new Float32Array(groups * (image + prefix)),
    completion: new Float32Array(groups * length),
  };
  if (positions === 'picture' || positions === 'all') masks.prefix.fill(1, 0, image);
  const inTokens =
    positions === 'queries'
      ? one.queries.flat()
      : positions === 'picture'
        ? []
        : [...one.tokens.keys()].slice(0, -1);
  for (const token of inTokens) {
    const { part, at } = pass.where(token, one.prompt);
    masks[part][at] = 1;
  }
  return {
    'swap.prefix': { data: masks.prefix, dims: [masks.prefix.length, 1] },
    'swap.completion': { data: masks.completion, dims: [masks.completion.length, 1] },
  };
}
