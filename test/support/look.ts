import type { LookedView } from '../../src/core/insight/look.ts';
import { mapOf, unmirrorMap, packMaps } from '../../src/core/insight/maps.ts';

export const SIDE = 8;
export const LAYERS = [0, 1, 2];
export const HEADS = 2;
export const QUESTION = 'Is the cone left of the ball?';

/**
 * A view in which every map has one bright cell: column `layer + head`, or as a mirror has it. In the last layer it is
 * the same cell for all heads: a sink.
 */
export function viewWith(view: 'original' | 'mirror', queries: readonly string[]): LookedView {
  const said = view === 'original' ? 'left' : 'right';
  const words = QUESTION.replace('left', said).replace('?', ' ?').split(' ');
  const rows = LAYERS.length * HEADS * queries.length;
  const data = new Float32Array(rows * SIDE * SIDE);
  for (let row = 0; row < rows; row++) {
    const head = Math.floor(row / queries.length);
    const layer = Math.floor(head / HEADS);
    const map = mapOf(
      Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
        i === 3 * SIDE + layer + (layer === 2 ? 0 : head % HEADS) ? 20 : 1,
      ),
    );
    data.set(view === 'original' || layer === 0 ? map : unmirrorMap(map, { cols: SIDE }), row * SIDE * SIDE);
  }
  // In general, every head looks at the last row: what it has in its own row stands out.
  const general = mapOf(Float32Array.from({ length: SIDE * SIDE }, (_, i) => (i >= 7 * SIDE ? 20 : 1)));
  const generals = LAYERS.length * HEADS;
  const repeat = (list: number[]) => Array.from({ length: rows }, () => list).flat();
  return {
    view,
    question: QUESTION.replace('left', said),
    reference: said,
    text: said,
    answer: said,
    right: true,
    tokens: [
      ...words.map((text, i) => ({
        text,
        of: 'prompt' as const,
        spaced: i > 0,
        query: text === 'the' && i > 3 ? 'the#2' : text,
      })),
      { text: said, of: 'completion', spaced: false, query: `${said}#2` },
    ],
    grid: { rows: SIDE, cols: SIDE, piece: [0.1, 0, 0.9, 1] },
    queries: queries.map((name) => ({
      name,
      tokens: name === 'cone' ? [2] : name === 'left' ? [3] : name === 'last' ? [] : [7],
    })),
    objects: [
      { label: 'cone', box: view === 'original' ? [0.1, 0.3, 0.4, 0.6] : [0.6, 0.3, 0.9, 0.6], cells: 9 },
      {
        label: 'ball',
        box: view === 'original' ? [0.7, 0.3, 0.75, 0.35] : [0.25, 0.3, 0.3, 0.35],
        cells: 0.2,
      },
    ],
    maps: packMaps({ shape: [LAYERS.length, HEADS, queries.length, SIDE * SIDE], data }),
    general: packMaps({
      shape: [LAYERS.length, HEADS, 1, SIDE * SIDE],
      data: Float32Array.from({ length: generals * SIDE * SIDE }, (_, i) => general[i % (SIDE * SIDE)]!),
    }),
    share: repeat([0.4]),
    mass: repeat([0.3, 0.01]),
    source_names: ['picture', 'question', 'its own words', 'rest of the prompt'],
    sources: repeat([0.4, 0.35, 0.2, 0.05]),
    lens: LAYERS.flatMap((layer) =>
      view === 'original' ? [-0.7 / (layer + 1), -2] : [-2, -0.7 / (layer + 1)],
    ),
    blocked: [
      { keys: 'picture', words: [-0.7, -0.7] },
      { keys: 'cone', words: view === 'original' ? [-0.2, -3] : [-3, -0.2] },
    ],
  };
}
