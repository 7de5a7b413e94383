import type { Graph } from './tensor-graph.ts';
import { attentionWeights, logProbabilities } from './layers.ts';
import { causal, Transformer, type Part, type Watch } from './transformer.ts';
import { prefixTokens, type ModelShape, type PackedShape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** Sizes of an inspection pass, with one completion per group (`size` is 1). */
export interface InspectShape {
  packed: PackedShape;
  /** Number of attention rows to read in each part of the sequence, one per token. 0 reads no rows. */
  queries: Readonly<Record<Part, number>>;
  /** Number of rows of the residual stream to output. 0 outputs no rows. */
  rows: number;
  /** Whether to predict words after every layer, from the first selected row of the residual stream. */
  words: boolean;
  /** Change to the pass. A changed pass outputs only the last layer's words and the values that this shape requests. */
  change: 'none' | 'hide' | 'swap';
  /** Whether to also output the whole residual stream, which `swap` needs as input. */
  whole: boolean;
}

/**
 * Builds the scoring graph with intermediate values as further outputs. Inputs select rows, so that only the requested
 * values leave the graph. `queryTokens.<part>` [groups · queries] has the positions of the tokens whose attention is
 * computed. `queryRows.<part>` [groups · heads · queries] has the rows of their queries among those of all heads.
 * `pickRows.<part>` [groups, rows, m] selects positions of the residual stream. Outputs are `logprobs` as in scoring,
 * `attention<i>.<part>` [groups, heads, queries, keys], `stream<i>` [groups, rows, width] after i layers, and
 * `words<i>` [groups, vocabulary], the logit lens of the next token there. With a change, only the last `words` are
 * output: `hide` adds `hidden` [groups, 1, 1, images + prefix] to the scores of all text queries in the layers whose
 * `hideLayers` [layers] is 1; `swap` replaces rows of the residual stream [groups · m, width] where `swap.<part>`
 * [groups · m, 1] is 1 by `donor.<part>`, after the layers whose `swapLayers` [layers] is 1.
 */
export function inspectGraph(
  shape: ModelShape,
  { packed, queries, rows, words, change, whole }: InspectShape,
): Uint8Array {
  const { groups, length } = packed;
  const { heads, width, layers } = shape;
  const time = { prefix: prefixTokens(shape, packed), completion: length };
  const image = time.prefix - packed.prefix;
  const outputs: Record<string, Tensor> = {};
  const streams: Partial<Record<Part, Tensor>>[] = Array.from({ length: layers + 1 }, () => ({}));
  let hide: ((layer: number) => Tensor) | null = null;

  const watch = (graph: Graph): Watch => {
    const pickRows = {
      prefix: graph.input('pickRows.prefix', [groups, rows, time.prefix]),
      completion: graph.input('pickRows.completion', [groups, rows, time.completion]),
    };
    /** Inputs that select the queries, and the rows of the attention mask within their own part. */
    const pickQueries = (part: Part) => {
      const n = queries[part];
      const tokens = graph.input(`queryTokens.${part}`, [groups * n], { dtype: 'int32' });
      return {
        rows: graph.input(`queryRows.${part}`, [groups * heads * n], { dtype: 'int32' }),
        bias: (bias: Tensor) => bias.rows(tokens).reshape([groups, 1, n, time[part]]),
      };
    };
    const picks = {
      prefix: queries.prefix > 0 ? pickQueries('prefix') : null,
      completion: queries.completion > 0 ? pickQueries('completion') : null,
    };
    const swap = change === 'swap' ? swapInput(graph, groups, time, shape) : null;
    if (change === 'hide') hide = hideInput(graph, groups, time.prefix, layers);
    const isText = graph.constant(
      Array.from({ length: time.prefix }, (_, i) => (i < image ? 0 : 1)),
      [time.prefix, 1],
    );
    return {
      // Computes the attention weights of only the selected rows, because no other code needs the other rows.
      attention: (part, layer, q, keys) => {
        const picked = picks[part];
        if (!picked) return;
        const chosen = q
          .reshape([groups * heads * time[part], width / heads])
          .rows(picked.rows)
          .reshape([groups, heads, queries[part], width / heads])
          .mul((width / heads) ** -0.5);
        const [ofPrefix, own] = keys as [Tensor, Tensor?];
        const blocks = own
          ? [
              { k: ofPrefix, bias: paddingBias },
              { k: own.reshape([groups, heads, length, width / heads]), bias: picked.bias(causalBias) },
            ]
          : [{ k: ofPrefix, bias: paddingBias.add(picked.bias(causal(graph, time.prefix, image))) }];
        outputs[`attention${layer}.${part}`] = attentionWeights(chosen, blocks);
      },
      stream: (part, after, x) => {
        const y = swap && after > 0 ? swap(part, after - 1, x) : x;
        if (rows > 0) streams[after]![part] = pickRows[part].matmul(y.reshape([groups, time[part], width]));
        if (whole) outputs[`whole${after}.${part}`] = y;
        return y;
      },
      bias: (_part, layer, bias) => {
        const hiding = hide?.(layer);
        return hiding ? bias.add(hiding.mul(isText)) : bias;
      },
    };
  };

  const net = new Transformer(shape, { watch });
  const { graph } = net;
  const paddingBias = graph.input('paddingBias', [groups, 1, 1, time.prefix]);
  const causalBias = causal(graph, length);
  const cache = net.prefix(packed, paddingBias);
  const { x } = net.completions(packed, (i, block) => {
    const hiding = hide?.(i);
    return [
      { ...cache[i]!, bias: hiding ? paddingBias.add(hiding) : paddingBias },
      { ...block, bias: causalBias },
    ];
  });
  const targets = graph.input('targets', [groups * length], { dtype: 'int32' });
  streams.forEach(({ prefix, completion }, i) => {
    if (!prefix || !completion) return;
    const stream = prefix.add(completion);
    if (change === 'none') outputs[`stream${i}`] = stream;
    if (!words || (change !== 'none' && i < layers)) return;
    outputs[`words${i}`] = net.logits(stream.slice(1, 0, 1).reshape([groups, width])).logSoftmax();
  });
  return graph.compile({ logprobs: logProbabilities(net.logits(x), targets).chosen, ...outputs });
}

function hideInput(graph: Graph, groups: number, time: number, layers: number): (layer: number) => Tensor {
  const hidden = graph.input('hidden', [groups, 1, 1, time]);
  const gates = graph.input('hideLayers', [layers]);
  return (layer) => hidden.mul(gates.slice(0, layer, layer + 1));
}

function swapInput(graph: Graph, groups: number, time: Record<Part, number>, { layers, width }: ModelShape) {
  const gates = graph.input('swapLayers', [layers]);
  const inputs = (part: Part) => ({
    donor: graph.input(`donor.${part}`, [groups * time[part], width]),
    mask: graph.input(`swap.${part}`, [groups * time[part], 1]),
  });
  const parts = { prefix: inputs('prefix'), completion: inputs('completion') };
  return (part: Part, layer: number, x: Tensor): Tensor => {
    const { donor, mask } = parts[part];
    const here = mask.mul(gates.slice(0, layer, layer + 1));
    return x.mul(graph.scalar(1).sub(here)).add(donor.mul(here));
  };
}
