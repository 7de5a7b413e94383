import { sum } from '../../base/numbers.ts';
import { packMaps } from '../../core/insight/maps.ts';
import { cellShares } from '../../core/seen/token-grid.ts';
import type { Look, LookedView } from '../../core/insight/look.ts';
import { imagesOf } from '../../core/prompts/message.ts';
import type { Strategy } from '../../core/prompts/strategy.ts';
import type { ViewedSample } from '../../rows/views/view.ts';
import type { Block, InspectCase, Inspected, Wanted } from '../../engines/inspector.ts';
import type { Sampler } from '../../engines/sampler.ts';
import type { ImageFiles } from '../datasets/image-files.ts';
import { asInspector, askRows, checkAskable, NOTHING } from './ask-inspector.ts';
import {
  ANSWER,
  casesOf,
  LAST,
  queryNotFound,
  textsOf,
  wordsOf,
  type AskedView,
  type LookCase,
} from './cases.ts';
import { queryFor } from './find-query.ts';

export interface LookQuestion {
  /** Views of the row, the original first. */
  views: readonly ViewedSample[];
  images: ImageFiles;
  strategy: Strategy;
  /** Token limit of stages that have no limit of their own. */
  maxTokens: number;
  /** Words whose attention is requested. They occur in the original's prompt or in the model's text. */
  queries: readonly string[];
  /** Prompt whose attention maps are the divisor of relative maps. */
  general: string;
  /** Layer numbers, from 0. */
  layers: 'all' | number[];
  signal?: AbortSignal;
}

/** Current phase of the attention analysis, for display. */
type LookPhase = 'asking' | 'looking';

/**
 * Evaluates a row in its views with greedy decoding, and reads the attention in the strategy's last stage.
 * @throws DataError before any work if the model does not support attention analysis; later, if neither the prompt nor
 * the model's text contains a query
 */
export async function look(
  sampler: Sampler,
  question: LookQuestion,
  onPhase: (phase: LookPhase) => void = () => undefined,
): Promise<Omit<Look, 'model' | 'step'>> {
  const { views, images, strategy, signal } = question;
  const base: Wanted = { ...NOTHING, layers: question.layers, attention: 'heads', sources: true };
  const inspector = await asInspector(sampler, { ...base, lens: ['word'], block: [PICTURE] });
  const info = sampler.info();
  checkQueries(info.vocabulary, question.queries);
  checkAskable(sampler, views, question);
  onPhase('asking');
  const answered = (await askRows(sampler, [{ views, images }], question))[0]!;
  onPhase('looking');
  const words = wordsOf(views, info.vocabulary);
  const cases = await casesOf(answered, question.images, question.queries);
  const blocks: Block[] = words.length === 0 ? [] : [PICTURE, ...namedBlocks(cases)];
  const wanted: Wanted = { ...base, lens: words, wordsAt: words.length === 0 ? null : ANSWER, block: blocks };
  const results = await inspector.inspect(
    cases.map(({ asked }) => asked),
    wanted,
    signal,
  );
  // A model with a closed vocabulary cannot read the general prompt, so the prompt contains only the image.
  const general = info.vocabulary === null ? question.general : '';
  const inGeneral = await inspector.inspect(
    cases.map((asked) => generalCase(asked, general)),
    { ...NOTHING, layers: question.layers, attention: 'heads' },
    signal,
  );
  const [first] = results;
  const [count, heads] = first!.weights!.shape as [number, number];
  const { layers } = question;
  return {
    kind: 'look',
    engine: info.engine,
    strategy: strategy.name,
    id: views[0]!.sample.id,
    layers: layers === 'all' ? Array.from({ length: count }, (_, i) => i) : layers,
    heads,
    words,
    general_prompt: general,
    views: results.map((result, i) => ({
      ...describeView(answered[i]!, cases[i]!, result, blocks),
      general: result.grid && packMaps(inGeneral[i]!.weights!),
    })),
  };
}

/** Returns a case with the same image and the general prompt, whose last token is the query. */
function generalCase({ asked }: LookCase, general: string): InspectCase {
  return {
    prompt: [{ role: 'user', content: [...imagesOf(asked.prompt), general] }],
    completion: '',
    model: 'policy',
    queries: [{ name: LAST, at: 'last-prompt' }],
    parts: [],
    boxes: [],
  };
}

const PICTURE: Block = { keys: 'picture', layers: 'all' };

/** Rejects queries with words outside the model's vocabulary. */
function checkQueries(vocabulary: readonly string[] | null, queries: readonly string[]): void {
  if (vocabulary === null) return;
  const all = ` ${vocabulary.join(' ').toLowerCase()} `;
  for (const query of queries) {
    if (query === LAST || query === ANSWER) continue;
    const words = query.replace(/#\d+$/, '').toLowerCase().split(/\s+/).filter(Boolean);
    const unknown = words.find((word) => !all.includes(word));
    if (unknown !== undefined || words.length === 0)
      throw queryNotFound(query, 'Pass a word from the vocabulary of the model.');
  }
}

/** Returns blocks for the boxes of the objects in the question. Empty unless every view has these boxes. */
function namedBlocks(cases: readonly LookCase[]): Block[] {
  const [first, ...others] = cases;
  return first!.named
    .filter((id) => others.every(({ asked }) => asked.boxes.some(({ name }) => name === id)))
    .map((name) => ({ keys: 'box', name, layers: 'all' }));
}

function describeView(
  row: AskedView,
  { asked, labels, sources }: LookCase,
  result: Inspected,
  blocks: readonly Block[],
): Omit<LookedView, 'general'> {
  const { view, sample, text, answer, right } = row;
  const texts = textsOf(row);
  const places = new Map<number, number>();
  const tokens = result.tokens.flatMap((token, i): LookedView['tokens'] => {
    if (token.part < 0) return [];
    places.set(i, places.size);
    const before = result.tokens[i - 1];
    const near =
      before?.message === token.message && before.part === token.part && before.end === token.start;
    const isOwn = token.message === asked.prompt.length;
    return [
      { text: token.text, of: isOwn ? 'completion' : 'prompt', spaced: !near, query: queryFor(texts, token) },
    ];
  });
  const { grid } = result;
  const objects = asked.boxes.map(({ box }, i) => ({
    label: labels[i]!,
    box,
    cells: grid ? sum(cellShares(grid, box)) : 0,
  }));
  const words = result.lens?.shape[1] ?? 0;
  return {
    view,
    question: sample.question,
    reference: sample.answer,
    text,
    answer,
    right,
    tokens,
    grid,
    queries: asked.queries.map(({ name }, q) => ({
      name,
      tokens: result.queries[q]!.flatMap((token) => places.get(token) ?? []),
    })),
    objects,
    maps: packMaps(result.weights!),
    share: rounded(result.share?.data),
    mass: rounded(result.mass?.data),
    source_names: ['picture', ...sources, 'its own words', 'rest of the prompt'],
    sources: rounded(result.sources?.data),
    lens: rounded(result.lens?.data),
    blocked: blocks.map(({ keys, name }, b) => ({
      keys: keys === 'box' ? labels[asked.boxes.findIndex((box) => box.name === name)]! : keys,
      words: rounded(result.blocked?.data.subarray(b * words, (b + 1) * words)),
    })),
  };
}

/** Rounds shares to five digits, which is sufficient for float32 and makes files short. */
export const rounded = (values: Iterable<number> | undefined): number[] =>
  Array.from(values ?? [], (value) => Number(value.toPrecision(5)));
