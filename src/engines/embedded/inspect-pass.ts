import type { Values } from '../../base/numbers.ts';
import { cellsOf } from '../../core/seen/token-grid.ts';
import {
  tokensIn,
  type Block,
  type InspectCase,
  type Inspected,
  type Located,
  type Wanted,
} from '../inspector.ts';
import type { InspectShape } from './inspect-graph.ts';
import { MASKED, type Part } from './transformer.ts';
import type { Network } from './network.ts';
import {
  type EncodedGroup,
  type Feed,
  packedShape,
  packPrefix,
  packRows,
  roundUp,
  unpackRows,
} from './packing.ts';
import { imageTokens, prefixTokens, type PackedShape } from './shape.ts';
import type { Arrays } from './weights.ts';

/** A case in the form of the graph. Token numbers are indices of `tokens`, which excludes image tokens. */
export interface Prepared extends Located {
  asked: InspectCase;
  group: EncodedGroup;
  queries: number[][];
  /** Covered share of every image cell, for each box of the case. */
  boxes: Float32Array[];
  /** Weights over cells and tokens, for each requested row of the residual stream. Words are read at the first row. */
  rows: { cells: Float32Array | null; tokens: number[] }[];
}

export const zeros = (shape: number[]): Values => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

export class Pass {
  readonly packed: PackedShape;
  private readonly feeds: Record<string, Feed>;
  /** Number of tokens of all images in the packed shape. A case can have fewer image tokens. */
  readonly image: number;
  private readonly rows: number;

  constructor(
    private readonly network: Network,
    private readonly weights: Arrays,
    private readonly batch: Prepared[],
    private readonly wanted: Wanted,
  ) {
    const groups = batch.map(({ group }) => group);
    this.packed = packedShape(groups);
    this.image = this.packed.pictures * imageTokens(network.shape);
    this.rows = Math.max(...batch.map(({ rows }) => rows.length));
    const prompts = groups.map(({ prompt }) => prompt);
    this.feeds = {
      ...packPrefix(prompts, this.packed, network.shape),
      ...packRows(groups, this.packed),
      inverseTemperature: { data: Float32Array.of(1), dims: [1, 1] },
      ...this.pickRows(),
    };
  }

  /** Returns the part of a group's sequence with a token (prefix or completion), and the position in this part. */
  where(token: number, prompt: number): { part: Part; at: number } {
    return token < prompt - 1
      ? { part: 'prefix', at: this.image + token }
      : { part: 'completion', at: token - (prompt - 1) };
  }

  run(shape: Partial<InspectShape>, feeds: Record<string, Feed> = {}): Promise<Arrays> {
    const sizes = {
      packed: this.packed,
      queries: { prefix: 0, completion: 0 },
      rows: this.rows,
      words: this.wanted.lens.length > 0,
      change: 'none',
      whole: false,
      ...shape,
    } as const;
    return this.network.inspect(sizes, this.weights, { ...this.feeds, ...feeds });
  }

  async read(layers: number[], words: number[]): Promise<Inspected[]> {
    const { batch, packed, wanted } = this;
    const watches = wanted.attention !== 'none' || wanted.sources;
    const { queries, feeds } = this.pickQueries(watches ? batch : []);
    const out = await this.run({ queries }, feeds);
    const logprobs = unpackRows(
      out.logprobs!,
      batch.map(({ group }) => group),
      packed,
    );
    return batch.map((prepared, g) => ({
      tokens: prepared.tokens,
      grid: prepared.grid,
      queries: prepared.queries,
      logprobs: prepared.asked.completion === '' ? [] : logprobs[g]![0]!,
      ...this.attentionOf(prepared, g, out, queries, layers),
      hidden: this.hiddenOf(g, out),
      lens: wanted.lens.length === 0 ? null : this.wordsOf(g, out, words, layers),
      blocked: wanted.block.length === 0 ? null : zeros([wanted.block.length, words.length]),
      patched: null,
    }));
  }

  /** Adds the log-probabilities of the words when one block hides a part of the input. */
  async addBlocked(read: Inspected[], block: Block, words: number[]): Promise<void> {
    const { network, packed, batch } = this;
    const { layers, vocabulary } = network.shape;
    const time = prefixTokens(network.shape, packed);
    const hidden = new Float32Array(packed.groups * time);
    batch.forEach((prepared, g) => hidden.set(this.hide(prepared, block), g * time));
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

  /** Returns the values to add to the scores for the keys of a group's images and prefix, to hide one block. */
  private hide({ asked, boxes, tokens, prompt }: Prepared, { keys, name }: Block): Float32Array {
    const out = new Float32Array(this.image + this.packed.prefix);
    const box = boxes[asked.boxes.findIndex((drawn) => drawn.name === name)];
    for (let i = 0; i < this.image; i++) {
      const inside = (box?.[i] ?? 0) > 0;
      if (keys === 'picture' || (keys === 'box' && inside) || (keys === 'rest' && !inside)) out[i] = MASKED;
    }
    const part = keys === 'part' ? asked.parts.find((named) => named.name === name) : undefined;
    for (const token of part ? tokensIn(tokens, part.span) : [])
      if (token < prompt - 1) out[this.image + token] = MASKED;
    return out;
  }

  /** Returns the number of tokens whose attention is read in each part of a group, and inputs that select them. */
  private pickQueries(batch: readonly Prepared[]) {
    const { groups, prefix, length } = this.packed;
    const { heads } = this.network.shape;
    const placesOf = (prepared: Prepared, wanted: Part) =>
      prepared.queries.flat().flatMap((token) => {
        const { part, at } = this.where(token, prepared.prompt);
        return part === wanted ? [at] : [];
      });
    const feeds: Record<string, Feed> = {};
    const queries = { prefix: 0, completion: 0 };
    for (const [part, time] of [
      ['prefix', this.image + prefix],
      ['completion', length],
    ] as const) {
      const places = batch.map((prepared) => placesOf(prepared, part));
      const n = (queries[part] = roundUp(Math.max(0, ...places.map((columns) => columns.length))));
      const inGroups = new Int32Array(groups * n);
      const inHeads = new Int32Array(groups * heads * n);
      places.forEach((columns, g) => {
        inGroups.set(columns, g * n);
        for (let h = 0; h < heads; h++) {
          const block = g * heads + h;
          columns.forEach((column, r) => (inHeads[block * n + r] = block * time + column));
        }
      });
      feeds[`queryTokens.${part}`] = { data: inGroups, dims: [inGroups.length] };
      feeds[`queryRows.${part}`] = { data: inHeads, dims: [inHeads.length] };
    }
    return { queries, feeds };
  }

  /** Returns input arrays that select weighted rows of the residual stream. */
  private pickRows(): Record<string, Feed> {
    const { groups, prefix, length } = this.packed;
    const time = { prefix: this.image + prefix, completion: length };
    const data = {
      prefix: new Float32Array(groups * this.rows * time.prefix),
      completion: new Float32Array(groups * this.rows * time.completion),
    };
    this.batch.forEach((prepared, g) =>
      prepared.rows.forEach(({ cells, tokens }, r) => {
        const row = g * this.rows + r;
        if (cells) data.prefix.set(cells, row * time.prefix);
        for (const token of tokens) {
          const { part, at } = this.where(token, prepared.prompt);
          data[part][row * time[part] + at] = 1 / tokens.length;
        }
      }),
    );
    return {
      'pickRows.prefix': { data: data.prefix, dims: [groups, this.rows, time.prefix] },
      'pickRows.completion': { data: data.completion, dims: [groups, this.rows, time.completion] },
    };
  }

  private attentionOf(
    prepared: Prepared,
    g: number,
    out: Arrays,
    counts: Readonly<Record<Part, number>>,
    layers: number[],
  ): Pick<Inspected, 'weights' | 'share' | 'mass' | 'sources'> {
    const { attention, sources } = this.wanted;
    if (attention === 'none' && !sources) return { weights: null, share: null, mass: null, sources: null };
    const { queries, boxes, grid } = prepared;
    const cells = grid ? cellsOf(grid) : imageTokens(this.network.shape);
    const shape = [layers.length, this.network.shape.heads, queries.length];
    const maps = attention === 'heads' || attention === 'mean' ? zeros([...shape, cells]) : null;
    const [share, mass] = [zeros(shape), zeros([...shape, boxes.length])];
    const bins = sources ? this.sourceBins(prepared) : null;
    const bySource = bins && zeros([...shape, bins.count]);
    let row = 0;
    for (const seen of this.attentionRows(prepared, g, out, counts, layers)) {
      let onPicture = 0;
      for (let i = 0; i < cells; i++) onPicture += seen[i]!;
      share.data[row] = onPicture;
      for (let b = 0; b < boxes.length; b++) {
        const inside = boxes[b]!;
        let sum = 0;
        for (let i = 0; i < cells; i++) sum += seen[i]! * inside[i]!;
        mass.data[row * boxes.length + b] = onPicture > 0 ? sum / onPicture : 0;
      }
      if (maps) for (let i = 0; i < cells; i++) maps.data[row * cells + i] = seen[i]!;
      if (bySource) {
        bySource.data[row * bins.count] = onPicture;
        for (const [bin, at] of bins.tokens) bySource.data[row * bins.count + bin]! += seen[at]!;
      }
      row += 1;
    }
    return {
      weights: maps && attention === 'mean' ? meanOverHeads(maps) : maps,
      ...(attention === 'none' ? { share: null, mass: null } : { share, mass }),
      sources: bySource,
    };
  }

  /**
   * Returns the bin of each token's attention, and the token's position among the keys. Bin 0 is the image; the next
   * bins are the parts, the completion, and the rest.
   */
  private sourceBins({ asked, tokens, prompt }: Prepared): {
    count: number;
    tokens: [bin: number, at: number][];
  } {
    const parts = asked.parts.map(({ span }) => tokensIn(tokens, span));
    const [completion, rest] = [parts.length + 1, parts.length + 2];
    // No query attends to the last token.
    const bins = tokens.slice(0, -1).map((_, t): [bin: number, at: number] => {
      const part = parts.findIndex((places) => places.includes(t));
      const { part: where, at } = this.where(t, prompt);
      return [
        part >= 0 ? part + 1 : t >= prompt ? completion : rest,
        where === 'prefix' ? at : this.image + this.packed.prefix + at,
      ];
    });
    return { count: rest + 1, tokens: bins };
  }

  /**
   * Yields the attention of each query, by layer and head, averaged over the query's tokens: the attention on the
   * image, and with `sources`, also on the rest of prefix and completion. All results share one array.
   */
  private *attentionRows(
    { tokens, prompt, queries }: Prepared,
    g: number,
    out: Arrays,
    counts: Readonly<Record<Part, number>>,
    layers: number[],
  ): Generator<Float32Array> {
    const { heads } = this.network.shape;
    const time = this.image + this.packed.prefix;
    const all = time + this.packed.length;
    const places = tokens.map((_, t) => this.where(t, prompt));
    const seen = new Float32Array(this.wanted.sources ? all : this.image);
    for (const layer of layers) {
      for (let h = 0; h < heads; h++) {
        const block = g * heads + h;
        const next = { prefix: block * counts.prefix, completion: block * counts.completion };
        for (const query of queries) {
          seen.fill(0);
          for (const token of query) {
            const { part } = places[token]!;
            const weights = out[`attention${layer}.${part}`]!;
            const keys = part === 'prefix' ? time : all;
            const from = keys * next[part]++;
            const read = Math.min(keys, seen.length);
            for (let i = 0; i < read; i++) seen[i]! += weights[from + i]! / query.length;
          }
          yield seen;
        }
      }
    }
  }

  private hiddenOf(g: number, out: Arrays): Values | null {
    const names = this.wanted.hidden.length;
    if (names === 0) return null;
    const { layers, width } = this.network.shape;
    const values = zeros([layers + 1, names, width]);
    for (let i = 0; i <= layers; i++) {
      const start = (g * this.rows + 1) * width; // Row 0 is for the prediction of words.
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
