import { readFileSync } from 'node:fs';
import { boxRefs, labelBox, moveBox, removeBox } from '../../../../webview/annotate/sample-changes.ts';
import { foundTask, scoreRow } from '../../../../src/core/answers/score-row.ts';
import { attribute } from '../../../../src/core/metrics/attribution.ts';
import { namesIn } from '../../../../src/core/prompts/describe-graph.ts';
import { imagesShown, missingFor } from '../../../../src/core/prompts/strategy.ts';
import { exemplarSlots, rowSlots } from '../../../../src/core/prompts/template.ts';
import { Random } from '../../../../src/base/random.ts';
import { checkSample } from '../../../../src/rows/sample/check-sample.ts';
import { shuffleChoices } from '../../../../src/rows/sample/choices.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { laterTurns, splitTurns } from '../../../../src/lab/datasets/dialogue-turns.ts';
import { checkAsked, checkGraphOf } from '../../../../src/rows/views/check-row.ts';
import { compose } from '../../../../src/rows/scene-graph/compose.ts';
import { graphOf } from '../../../../src/rows/scene-graph/read-graph.ts';
import type { ViewId } from '../../../../src/rows/view-list.ts';
import { inView, rewriteFor } from '../../../../src/rows/views/view.ts';
import { rewriteScene } from '../../../../src/core/worlds/views/rewrite-scene.ts';
import { relocateImages } from '../../../../src/lab/datasets/image-files.ts';
import { imageKey } from '../../../../src/lab/datasets/splits.ts';
import { DatasetStats } from '../../../../src/lab/datasets/stats.ts';
import { openStrategy } from '../../../../src/lab/strategies.ts';
import { DataFacets, mirrorOf } from '../../../../src/panels/dataset/dataset-facets.reads.ts';
import { placesIn, replaced } from '../../../support/corrupt-row.ts';

const FORM = {
  status: 'flipped',
  route: 'rules',
  rules: ['side.of'],
  checks: { yes_no_kept: 'pass' },
  question: 'Is the cup right of the plate?',
  answer: 'Yes',
  boxes: [[80, 2, 89, 20]],
  review: {
    state: 'accepted',
    by: 'mira',
    at: '2026-01-01T00:00:00Z',
    decisions: [{ by: 'mira', at: '2026-01-01T00:00:00Z', state: 'accepted', texts: { answer: 'Yes' } }],
  },
  llm: { model: 'm', images: true, attempts: [{ prompt: 'p', raw: 'r', checks: { a: 'pass' } }] },
  meta: { order_left_to_right: ['plate', 'cup'] },
};
const { scene_graph, meta } = JSON.parse(
  readFileSync('test/fixtures/recorded/project/train/data.qa.jsonl', 'utf8').split('\n')[0]!,
) as Sample;

/** A row that has every field which something here reads, with a graph in the form of docs/reference.md. */
const OWN = {
  id: 'a',
  question: 'Is the cup left of the plate?',
  answer: 'Yes',
  images: [{ path: 'a.png', w: 90, h: 60 }],
  depth_map: { path: 'depth.png', w: 90, h: 60 },
  mask_image: 'mask.png',
  choices: ['Yes', 'No'],
  boxes: [[1, 2, 10, 20]],
  points: [[3, 4]],
  masks: [{ size: [2, 2], counts: [1, 3] }, [[1, 1, 5, 1, 5, 5]]],
  box_format: 'xyxy_px',
  reasoning: 'The cup comes first.',
  task: 'yesno',
  source: 'desk',
  completion: '<answer>Yes</answer>',
  conflicts: [{ path: ['answer'], values: [{ from: 'a', value: 'Yes' }] }],
  meta: {
    ...meta,
    order_left_to_right: ['cup', 'plate'],
    keypoint_names: ['left eye'],
    choices_order: [1, 0],
    turns: [{ question: 'And the plate?', answer: 'No', reasoning: 'r' }],
    in_sight: { cup: [[0, 1]] },
    duration_s: 3,
    focal_px: 60,
    viewpoint: 'top_down',
    view_words: { question: 'Is the cup left of the plate?', answer: 'Yes' },
    question_type: 'yesno',
  },
  scene_graph: {
    ...scene_graph,
    complete: true,
    objects: [
      { ...scene_graph!.objects[0], label: 'cup', count: 1, motion: 1, facing: 'left', confidence: 0.5 },
      { ...scene_graph!.objects[1], label: 'plate', attributes: ['red'] },
    ],
    relations: [{ ...scene_graph!.relations[0], agent: 'o2', value: { n: 2, unit: 'm' }, confidence: 1 }],
  },
  variants: {
    mirror: { ...FORM, scene_graph },
    polarity: FORM,
    views: { flip: { ...FORM, size: { w: 9, h: 6 }, image_op: 'flip', images: ['b.png'] } },
  },
};
/** The same with a graph as other tools write it. */
const FOREIGN = {
  ...OWN,
  scene_graph: {
    image: [90, 60],
    nodes: [
      { id: 1, name: 'cup', bbox: [1, 2, 10, 20], attributes: 'red, round' },
      { id: 2, name: 'plate', bbox: { x: 40, y: 2, w: 20, h: 18 } },
    ],
    edges: [['cup', 'left_of', 'plate'], { from: 1, to: 2, relation: 'near', value: '2 m' }],
  },
};

const strategies = ['scene-graph', 'depth-map', 'given-graph-shuffled'].map(openStrategy);
const size = { w: 90, h: 60 };
/** Everything that takes a row. */
const CONSUMERS: Record<string, (sample: Sample) => unknown> = {
  check: (sample) => [checkSample(sample), checkGraphOf(sample)],
  'check against the graph': (sample) => graphOf(sample) && checkAsked(sample, graphOf(sample)!),
  compose: (sample) => graphOf(sample) && compose(graphOf(sample)!, Random.from('a'), { count: 1 }),
  turns: (sample) => [laterTurns(sample), splitTurns(sample)],
  shuffle: (sample) => shuffleChoices(sample, Random.from('a')),
  prompts: (sample) => [
    namesIn(sample.scene_graph),
    rowSlots(sample, '{row_graph} {shuffled_graph} {description} {choices}'),
    exemplarSlots(sample, ''),
    ...strategies.map((one) => [imagesShown(one, sample), missingFor(one, sample)]),
  ],
  score: (sample) => [
    foundTask(sample),
    scoreRow({ ...sample, completion: 'Yes' }),
    attribute(sample, '{"objects": []}', 'wrong'),
  ],
  pictures: (sample) => [relocateImages(sample, 'a', 'b'), sample.images.map(imageKey)],
  stats: (sample) => {
    const stats = new DatasetStats();
    stats.startFile('a', 'native');
    stats.take(DatasetStats.look({ line: 1, sample, problems: [] }));
  },
  panel: (sample) => {
    new DataFacets().add(sample, { repeated: false, mirror: mirrorOf(sample), unusable: 'unreadable' });
  },
  editor: (sample) =>
    boxRefs(sample, true).map((place) => [
      moveBox(sample, place, [1, 2, 3, 4], size),
      removeBox(sample, place),
      labelBox(sample, place, 'cup', size),
    ]),
};

export const ROWS = { 'as documented': OWN, 'with an external graph': FOREIGN };

/**
 * What goes wrong with a row when each of its fields in turn is replaced by each of some values: it must be refused by
 * the name of that field, or pass everything.
 */
export function faultsOf(row: object, junk: readonly unknown[], views: readonly ViewId[]): string[] {
  const inViews = (sample: Sample) =>
    views.map((id) => [inView(sample, id), rewriteFor(sample, id, { draw: rewriteScene })]);
  return placesIn(row).flatMap((path) =>
    junk.flatMap((value) => {
      const at = `${path.join('.')} = ${JSON.stringify(value)}`;
      const { sample, problems } = parseSample(replaced(row, path, value));
      if (!sample)
        return problems.every((problem) => problem.path?.startsWith(String(path[0])))
          ? []
          : [`${at}: ${JSON.stringify(problems)}`];
      return Object.entries({ ...CONSUMERS, views: inViews }).flatMap(([name, consume]) => {
        try {
          consume(sample);
          return [];
        } catch (error) {
          return [`${at}: ${name}: ${(error as Error).stack?.split('\n').slice(0, 3).join(' | ')}`];
        }
      });
    }),
  );
}
