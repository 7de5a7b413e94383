import { describe, expect, it } from 'vitest';
import { duration } from '../../../src/base/format.ts';
import { TASKS } from '../../../src/core/answers/score.ts';
import {
  CHECK_FAULTS,
  CHECK_LABELS,
  checkLabel,
  figureLabel,
  METRIC_LABELS,
  metricLabel,
  stateLabel,
  TASK_LABELS,
  taskLabel,
} from '../../../src/base/labels.ts';
import { COMMON, MEASURES } from '../../../src/core/metrics/measures.ts';
import { checkMirror } from '../../../src/rows/views/mirror/mirror-checks.ts';
import { mirrorSample } from '../../../src/rows/views/mirror/mirror-sample.ts';
import { checkPolarity, flipPolarity } from '../../../src/rows/views/polarity/flip.ts';
import {
  REVIEW_STATES,
  STATUSES,
  type RewriteAttempt,
  type Sample,
} from '../../../src/rows/sample/sample.ts';
import { agreement } from '../../../src/lab/recipes/rewrite-data-set.ts';
import { measuredRow } from '../../../src/core/evaluation/evaluation-row.ts';
import { summarise } from '../../../src/core/metrics/evaluation-results.ts';
import { turnSample } from '../../../src/rows/views/turn.ts';
import { rewriteFor } from '../../../src/rows/views/view.ts';
import { rewriteScene } from '../../../src/core/worlds/views/rewrite-scene.ts';
import { rowOfScene, SCENE_EXAMPLES } from '../../support/scene-examples.ts';
import { corpus } from '../rows/views/mirror-corpus.ts';
import { rowOf } from '../../support/evaluation.ts';
import { isViewId, VIEWS } from '../../../src/rows/view-list.ts';

/** In all views, two answers each: what words need an image for, what errors are due to, sentences, CV-Bench. */
const rows = (['original', 'mirror', 'polarity'] as const).flatMap((view) =>
  ['near', 'far'].flatMap((question_type, i) =>
    [0, 1].flatMap((completion_index) => [
      {
        ...rowOf({
          id: `choice-${i}`,
          view,
          task: 'mcq',
          choices: ['cup', 'jug'],
          question: 'Which is left?',
          answer: view === 'polarity' ? 'B' : 'A',
          completion: completion_index ? 'A' : 'B',
          meta: { question_type, task: 'Depth', source: 'Omni3D' },
        }),
        completion_index,
        attribution: { graph: 'right' as const, error: completion_index ? null : ('answer' as const) },
      },
      {
        ...rowOf({
          id: `open-${i}`,
          view,
          task: 'open',
          question: 'What is it?',
          answer: 'A cup.',
          completion: 'A cup.',
          meta: { question_type },
        }),
        completion_index,
      },
    ]),
  ),
);

describe('display labels', () => {
  it('labels exist for every metric and every task', () => {
    const measures = [...Object.values(MEASURES), COMMON].flatMap((of) => Object.keys(of));
    expect(measures.filter((id) => !(id in METRIC_LABELS))).toEqual([]);
    expect(TASKS.filter((id) => !(id in TASK_LABELS))).toEqual([]);
  });

  it('labels exist for every state of a variant', () => {
    const states = [...STATUSES.mirror, ...STATUSES.polarity, ...REVIEW_STATES];
    const same = ['accepted', 'discarded']; // words already
    expect(states.filter((id) => stateLabel(id) === id)).toEqual(same);
  });

  it('labels exist for every result of an evaluation with all kinds of results', () => {
    const results = summarise(rows.map(measuredRow));
    const tasks = new Set(results.map(({ task }) => task));
    for (const task of ['text', 'cv-bench', 'attribution', 'polarity']) expect(tasks).toContain(task);
    const fields = new Set(results.flatMap(({ slice }) => slice?.field ?? []));
    expect([...fields]).toEqual(expect.arrayContaining(['question_type', 'kind']));
    expect([...fields].filter((id) => !(id in TASK_LABELS))).toEqual([]);
    expect(results.map(({ metric }) => metric)).toContain('consistent');
    expect([...tasks].filter((task) => !(task in TASK_LABELS))).toEqual([]);
    expect(results.filter(({ view }) => view !== null && !isViewId(view))).toEqual([]);
    const bare = results.filter((one) => figureLabel(one) === one.metric);
    // Words that are what they are, and values of the rows themselves.
    const plain = ['accuracy', 'pass@1', 'pass@2', 'near', 'far', 'spatial', 'general'];
    expect(bare.map(({ metric }) => metric).filter((id) => !plain.includes(id))).toEqual([]);
  });

  it('labels name slices by their values, and answer shares by their answer', () => {
    const of = (field: string, value: string, metric: string) =>
      figureLabel({ slice: { field, value }, metric });
    expect(of('question_type', 'obj_movement', 'judge_failed')).toBe(
      'obj_movement: answers undecided by LLM judge',
    );
    expect(of('relation', 'in/out of', 'accuracy')).toBe('in/out of');
    expect(figureLabel({ metric: 'given', answer: 'A/B' })).toBe('answered A/B');
    expect(figureLabel({ metric: 'entropy' })).toBe('answer entropy, bits');
    expect(metricLabel('pass@4')).toBe('pass@4');
    for (const id of ['constructor', 'toString'])
      expect([metricLabel(id), taskLabel(id), checkLabel(id)]).toEqual([id, id, id]);
  });

  it('labels are unique', () => {
    const views = Object.fromEntries(VIEWS.map(({ id, plural }) => [id, plural]));
    for (const labels of [METRIC_LABELS, TASK_LABELS, views, CHECK_LABELS, CHECK_FAULTS])
      expect(new Set(Object.values(labels)).size).toBe(Object.keys(labels).length);
  });

  it('labels exist for every check of rules and recipes', () => {
    // A model's rewrites alone have these.
    const seen = new Set<string>(['answer_read', 'rules_decide']);
    const take = (checks: object) => Object.keys(checks).forEach((id) => seen.add(id));
    for (const { sample } of [...corpus('mirror'), ...corpus('mirror-heldout')]) {
      const variant = mirrorSample(sample);
      take(variant.checks ?? {});
      take(mirrorSample(sample, { strategy: 'keep-question' }).checks ?? {});
      take(checkMirror(sample, variant));
    }
    const near: Sample = {
      id: 'n',
      images: [],
      question: 'Which is closer, the cup or the jug?',
      answer: 'the cup',
    };
    const far = { question: 'Which is farther, the cup or the jug?', answer: 'the jug' };
    take(flipPolarity(near).checks ?? {});
    take(checkPolarity(near, far));
    const scene = SCENE_EXAMPLES.find(({ to }) => to !== null)!;
    take(rewriteFor(rowOfScene(scene), scene.view, { draw: rewriteScene }).checks ?? {});
    take(turnSample({ ...near, images: [{ path: 'a.png', w: 4, h: 4 }] }, 'rotate:180').checks ?? {});
    const attempt: RewriteAttempt = { prompt: 'p', ...far, raw: '', checks: { answer_read: 'pass' } };
    take(agreement([attempt, attempt]));
    for (const labels of [CHECK_LABELS, CHECK_FAULTS])
      expect([...seen].sort()).toEqual(Object.keys(labels).sort());
  });
});

it('duration: formats seconds as a short text', () => {
  expect([0.2, 59, 200, 4800, 3600, 90_000, 86_400].map(duration)).toEqual([
    '0.2 s',
    '59 s',
    '3 min 20 s',
    '1 h 20 min',
    '1 h',
    '1 d 1 h',
    '1 d',
  ]);
});
