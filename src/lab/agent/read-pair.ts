import type { RecordedPair, TracedPair } from '../../core/run-data/trace.ts';
import { MIRROR, ORIGINAL, viewOf } from '../../rows/view-list.ts';
import { splitFormat, toPixels } from '../../rows/sample/boxes.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { inView } from '../../rows/views/view.ts';
import { inEnglish } from '../../core/worlds/questions/in-english.ts';
import { dataOf } from '../traces/data-folders.ts';
import { rowsIn } from '../traces/data-rows.ts';
import { pairImage } from '../traces/pair-image.ts';
import { indexOf } from '../traces/index.ts';
import { stepsOf } from '../traces/run-steps.ts';
import {
  AgentError,
  commandFor,
  cutText,
  largestFitting,
  picked,
  shortened,
  TEXT,
  type Answer,
  type Picture,
} from './agent-answer.ts';
import type { AgentContext } from './agent-context.ts';
import { nameBelow, placeOf } from './places.ts';
import { pairSource } from '../operations/list-pairs.action.ts';
import type { TraceSource } from '../../core/run-data/trace-summary.ts';
import type { InputOf } from './agent-tools.ts';

/** Maximum number of characters of a whole completion. */
const WHOLE = 6000;
/** Maximum number of completions per group. A larger group is reduced to its best, worst and middle completions. */
const GROUP = 8;
/** Maximum length of an image's longest side in pixels, and maximum number of boxes. */
const [LONGEST, BOXES] = [512, 12];

type Completion = RecordedPair['views'][number]['group'][number];

export async function readPair(input: InputOf<'read_pair'>, context: AgentContext): Promise<Answer> {
  const { roots, signal, reading } = context;
  const { place, source } = await pairSource(input, { find: (name, kinds) => placeOf(roots, name, kinds) });
  const { step, pair: number } = input;
  const index = indexOf(source);
  await index.refresh({ signal, onProgress: (share) => void (reading.share = share) });
  const { pair } = await index.open({ step, pair: number }).catch((error: Error) => {
    throw new AgentError(`${error.message} List the pairs of ${place.name} with find_pairs.`);
  });
  if (input.what_if !== undefined && pair.kind !== 'trained')
    throw new AgentError('what_if requires a training pair. Remove evaluation.');
  const changed =
    input.what_if === undefined
      ? []
      : await stepsOf(source.run, () => undefined).trained(step, input.what_if);
  const { after = null } = changed.find((other) => other.pair.pair === number) ?? {};
  if (input.completion) return { value: { run: place.name, ...oneCompletion(pair, input.completion) } };
  const pictures = input.images ? await picturesOf(pair, source, context) : null;
  const from = source.source === undefined ? ['--step', `${step}`] : ['--eval', source.source];
  const see =
    source.source === '.'
      ? commandFor('trace', [nameBelow(roots, place.path)], '--pair', `${number}`)
      : commandFor('trace', [place.name], ...from, '--pair', `${number}`);
  const value = largestFitting((size) => ({
    run: place.name,
    ...(source.source !== undefined && { evaluation: source.source }),
    ...pairRecord(pair, after, size),
    ...(pictures && pictures.boxes && { boxes: pictures.boxes }),
    ...(pictures && pictures.notes.length > 0 && { notes: pictures.notes }),
    see,
  }));
  return { value, ...(pictures && { pictures: pictures.pictures }) };
}

/** Returns a pair in a form that fits into an answer. @param after the same pair under other settings */
export const shortPair = (pair: RecordedPair, after: TracedPair | null = null): Record<string, unknown> =>
  largestFitting((size) => pairRecord(pair, after, size));

function pairRecord(pair: RecordedPair, after: TracedPair | null, size: number): Record<string, unknown> {
  const views = pair.views.map(({ view, question, answer, images, group }, v) => ({
    view,
    question: inEnglish(question),
    answer,
    images: images.length,
    completions: group.length,
    group: chosen(group, size).map((i) => {
      const { segments, ...values } = group[i]!;
      const texts = segments.map((segment) => picked(segment, 'stage', 'text', 'stop_reason'));
      const advantage_after = after?.views[v]?.group[i]?.advantage;
      return { i, segments: texts, ...values, updates: null, advantage_after };
    }),
  }));
  const shown = { ...pair, views, after: after && picked(after, 'penalised', 'effect', 'kept') };
  return shortened(shown, Math.max(40, Math.floor(size * TEXT)));
}

/** Returns the two best, the two worst and the middle completion of a large group, by reward. */
function chosen(group: readonly Completion[], size: number): number[] {
  const places = [...group.keys()];
  const most = size < 0.2 ? 2 : GROUP;
  if (group.length <= most) return places;
  const reward = (i: number) =>
    'reward' in group[i]! ? (group[i].reward ?? 0) : Number(group[i]!.right ?? 0);
  const sorted = places.toSorted((a, b) => reward(b) - reward(a));
  const middle = Math.floor((sorted.length - (most - 4)) / 2);
  const shown =
    most < 4
      ? [sorted[0]!, sorted.at(-1)!]
      : [...sorted.slice(0, 2), ...sorted.slice(middle, middle + most - 4), ...sorted.slice(-2)];
  return [...new Set(shown)].sort((a, b) => a - b);
}

const textOfCompletion = ({ segments }: Completion): string => segments.map(({ text }) => text).join('\n│\n');

/** Returns one whole completion with the reasons for its rewards. */
function oneCompletion(
  pair: RecordedPair,
  { view, index, from }: NonNullable<InputOf<'read_pair'>['completion']>,
): Record<string, unknown> {
  const ofView = pair.views.find((each) => each.view === view);
  if (!ofView)
    throw new AgentError(
      `The pair has no view "${view}". Views: ${pair.views.map((each) => each.view).join(', ')}.`,
    );
  const completion = ofView.group[index];
  if (!completion)
    throw new AgentError(
      `Completion ${index} does not exist. The group has ${ofView.group.length} completions, numbered from 0.`,
    );
  const whole = textOfCompletion(completion);
  const why = 'rewards' in completion ? completion.rewards : {};
  return largestFitting((size) => {
    const text = whole.slice(from, from + Math.floor(WHOLE * size));
    const next = from + text.length;
    return {
      ...picked(pair, 'step', 'pair'),
      view,
      i: index,
      characters: whole.length,
      from,
      text,
      ...(next < whole.length && { next_from: next }),
      rewards: shortened(why, 200),
    };
  });
}

/** Returns the first image of each view as the model saw it, mirrored for a mirrored view. */
async function picturesOf(
  pair: RecordedPair,
  source: TraceSource,
  { shrink, roots }: AgentContext,
): Promise<{ pictures: Picture[]; boxes?: Record<string, Box[]>; notes: string[] }> {
  if (!shrink)
    return { pictures: [], notes: ['This server does not send images. Open the images with `see`.'] };
  const pictures: Picture[] = [];
  const notes: string[] = [];
  const set = pair.kind === 'evaluated' ? pair.set : null;
  const sample = await sampleOf(pair.sample, source, set, roots).catch(() => null);
  const boxes: Record<string, Box[]> = {};
  for (const { view, images } of pair.views.slice(0, 2)) {
    const [ref] = images;
    const { pixels } = viewOf(view);
    if (ref === undefined) notes.push(`${view} has no image.`);
    else if (pixels !== ORIGINAL && pixels !== MIRROR)
      notes.push(`Only the editor can draw the image of ${view}.`);
    else {
      try {
        const bytes = await pairImage(source, set, ref, roots);
        const picture = await shrink(bytes, { longest: LONGEST, mirror: pixels === MIRROR });
        pictures.push(picture);
        const drawn = sample && boxesIn(inView(sample, view), picture);
        if (drawn && drawn.length > 0) boxes[view] = drawn;
      } catch (error) {
        notes.push(`Cannot show the image of ${view}: ${(error as Error).message}`);
      }
    }
  }
  return { pictures, ...(Object.keys(boxes).length > 0 && { boxes }), notes };
}

/** A box of a row or of its graph, in pixels of the returned image. */
interface Box {
  label: string;
  box: number[];
}

/** Returns the row of a pair, or null if agents cannot read the row's file. */
async function sampleOf(
  id: string,
  source: TraceSource,
  set: string | null,
  roots: readonly string[],
): Promise<Sample | null> {
  for (const path of (await dataOf(source, set, roots)).files)
    for await (const row of rowsIn(path)) if (row.id === id) return parseSample(row.json).sample;
  return null;
}

/** Returns the boxes of a row in a view. Omits invalid boxes, which the checks of the dataset report. */
function boxesIn(sample: Sample | null, { size, from }: Picture): Box[] {
  const { boxes = [], box_format: format, scene_graph: graph } = sample ?? {};
  const objects = Array.isArray(graph?.objects) ? graph.objects : [];
  const all = [
    ...boxes.map((box, i) => ({ label: `${i + 1}`, box, format })),
    ...objects.map(({ id, label, box, box_format }) => ({
      label: label || id,
      box,
      format: box_format ?? 'xyxy_px',
    })),
  ];
  return all.slice(0, BOXES).flatMap(({ label, box, format }) => {
    const shape = format && splitFormat(format)?.shape;
    if (!box || !format || !shape || shape === 'point') return [];
    try {
      const scaled = toPixels(box, format, from).map((value, i) =>
        Math.round((value * (i % 2 ? size.h : size.w)) / (i % 2 ? from.h : from.w)),
      );
      return [{ label: cutText(label, 40), box: scaled }];
    } catch {
      return [];
    }
  });
}
