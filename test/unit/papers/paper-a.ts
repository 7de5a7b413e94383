import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ChatRequest } from '../../../src/base/chat.ts';
import {
  conditions,
  grpo,
  mean,
  metric,
  pairs,
  paid,
  percent,
  trial,
  type Metric,
  type Trial,
  type Workbench,
} from './trial.ts';

/* Paper A, arXiv 2507.13362. */

const images = ({ messages }: ChatRequest): number =>
  messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .filter(({ type }) => type !== 'text').length;

/** The calls of a strategy on a row: `roles of its messages, images`. */
async function calls(at: Workbench, strategy: string, set = 'one.qa.jsonl'): Promise<string> {
  at.answer = () => '{"objects": [{"id": "cat", "label": "cat"}], "relations": []} <answer>(A)</answer>';
  await at.run(`eval $MODEL --strategy ${strategy} --set ${set} --views original`);
  return at.requests
    .map((request) => {
      const roles = request.messages.map(({ role }) => role[0]).join('');
      return `${roles} ${images(request)}`;
    })
    .join(', ');
}

/** A strategy: how many calls, with which messages (system, user, assistant) and images. */
const strategy = (items: string, name: string, expected: string, set?: string): Trial =>
  trial(items, async (at) => [await calls(at, name, set), expected]);

/** Choices with one answer each: `right` of them right. */
const choices = (id: string, right: boolean[], meta: object = {}) =>
  right.map((isRight, i) => ({
    id: `${id}-${i}`,
    question: 'Which object is closer to the camera?',
    choices: ['desk', 'lamp'],
    answer: 'A',
    completion: isRight ? '(A)' : '(B)',
    meta,
  }));

/** Questions with several answers each: as many right as said. */
const sampled = (right: readonly (readonly boolean[])[], meta: object = {}, name = 'q') =>
  right.flatMap((answers, q) =>
    answers.map((isRight) => ({
      id: `${name}${q}`,
      question: 'Which object is closer to the camera?',
      choices: ['desk', 'lamp'],
      answer: 'A',
      completion: isRight ? '(A)' : '(B)',
      meta,
      ...('task' in meta && { source: 'CV-Bench' }),
    })),
  );

const REASONS = ['all_right', 'all_wrong', 'no_spread'];

interface Preset {
  engine: { adapter: { rank: number; targets?: string[] } };
  loss: { beta: number };
  rewards: Record<string, unknown>;
}
const preset = async (at: Workbench, name: string) => parse(await at.run(`presets ${name}`)) as Preset;

/** The largest deviation of a run's advantages from (r − mean) / (std + 1e-4), std over n − 1. */
async function advantageError(at: Workbench, run: string): Promise<number> {
  const all = pairs(at, run).flatMap(({ views }) => views);
  const errors = all.flatMap(({ group }) => {
    const rewards = group.map(({ reward }) => reward);
    const average = mean(rewards);
    const std = Math.sqrt(rewards.reduce((sum, r) => sum + (r - average) ** 2, 0) / (rewards.length - 1));
    return group.map(({ advantage, reward }) => Math.abs(advantage - (reward - average) / (std + 1e-4)));
  });
  return Math.max(...errors);
}

interface GraphRow {
  question: string;
  answer: string;
  task: string;
  images: { path: string }[];
  scene_graph: { objects: { box: number[]; centroid: number[] }[]; relations: object[] };
}

/** A text with its sides exchanged. */
const exchanged = (text: string): string =>
  text.replaceAll(/left|right/g, (side) => (side === 'left' ? 'right' : 'left'));

/** The mirrored graph of an image of 64 pixels. */
const mirrored = ({ objects, relations, ...rest }: GraphRow['scene_graph']) => ({
  ...rest,
  objects: objects.map(({ box: [x1, y1, x2, y2], centroid: [x, y], ...object }) => ({
    ...object,
    box: [64 - x2!, y1, 64 - x1!, y2],
    centroid: [64 - x!, y],
  })),
  relations: JSON.parse(exchanged(JSON.stringify(relations))) as object[],
});

export const PAPER_A: readonly Trial[] = [
  strategy('A-1', 'direct', 'u 1'),
  strategy('A-2', 'think', 'su 1'),
  // Two calls: the graph, then the answer with image, graph and question.
  strategy('A-3 A-4', 'scene-graph', 'su 1, su 1'),
  strategy('A-5', 'scene-graph-one-stage', 'su 1'),
  trial('A-6', async (at) => {
    at.rows('graphs.jsonl', [
      {
        id: '1',
        question: 'Draw.',
        answer: 'yes',
        completion: '{"objects": [], "relations": []}',
        task: 'scenegraph',
      },
      { id: '2', question: 'Draw.', answer: 'yes', completion: 'no graph', task: 'scenegraph' },
    ]);
    await at.run('score graphs.jsonl -o graphs-scored.jsonl');
    return [
      percent(await metric(at, 'metrics graphs-scored.jsonl --json', 'valid_json', 'scenegraph')),
      percent(1 / 2),
    ];
  }),
  // Four exemplars, each a turn of the user with its image and one of the assistant.
  strategy('A-7', 'four-shot', 'suauauauau 5'),
  strategy('A-8', 'four-shot-split', 'suauauauau 5, suauauauau 5'),
  strategy('A-9', 'four-shot-tuples', 'su 5'),
  strategy('A-10', 'five-shot-split', 'suauauauauau 7, suauauauauau 7'),
  strategy('A-11', 'optical-flow', 'su 2, su 2', 'two.qa.jsonl'),
  strategy('A-12', 'describe', 'u 1'),
  strategy('A-13', 'program-of-thought', 'u 1'),
  strategy('A-14', 'chain-of-symbols', 'u 1'),
  strategy('A-15', 'visualization-of-thought', 'u 1'),
  strategy('A-16', 'depth-map', 'u 2', 'depth.qa.jsonl'),
  strategy('A-17', 'scene-graph-confidence', 'su 1, su 1'),
  strategy('A-18', 'coordinates', 'u 1, u 1, u 1'),
  trial('A-19', async (at) => {
    const each = [];
    for (const name of ['direct', 'description', 'description-only']) {
      at.requests = [];
      each.push(await calls(at, name, 'graph.qa.jsonl'));
    }
    return [each.join('; '), 'u 1; u 1; u 0'];
  }),
  trial('A-20 A-33', async (at) => {
    await at.train('grpo', grpo());
    const worst = await advantageError(at, 'grpo');
    return [
      worst < 1e-6 ? 'advantages deviate by less than 1e-6' : worst,
      'advantages deviate by less than 1e-6',
    ];
  }),
  trial('A-21', async (at) => {
    return [await paid(at, 'binary', 'accuracy', choices('b', [true, false])), '1, 0'];
  }),
  trial('A-22', async (at) => {
    const row = { question: 'Where is the cat?', answer: 'left' };
    const values = await paid(at, 'exact', 'exact_match', [
      { ...row, id: '1', completion: '<answer>left</answer>' },
      { ...row, id: '2', completion: '<answer>right</answer>' },
      { ...row, id: '3', completion: '' },
    ]);
    return [values, '1, 0, -0.2'];
  }),
  trial('A-23 A-24 A-25 A-32', async (at) => {
    const each = [];
    for (const name of ['spatial-investigator-paper-v1', 'spatial-investigator-paper-v2']) {
      const { engine, loss, rewards } = await preset(at, name);
      const { rank, targets } = engine.adapter;
      each.push(
        `rank ${rank}, ${targets?.join('+') ?? 'all projections'}, β ${loss.beta}, ${Object.keys(rewards).join('+')}`,
      );
    }
    return [
      each.join('; '),
      'rank 8, q_proj+v_proj, β 0.04, accuracy; rank 16, all projections, β 0.01, accuracy',
    ];
  }),
  trial('A-26', async (at) => [await conditions(at, 'beta'), 'loss.beta 0, 0.01, 0.04, 0.2 × 3 seeds']),
  trial('A-27 A-28', async (at) => {
    await at.train(
      'skipping',
      grpo({ dynamic_sampling: { mode: 'skip' }, steps: 6, views: { mirror: false } }),
    );
    const kept = pairs(at, 'skipping').map(({ kept, views: [view] }) => {
      const rewards = view!.group.map(({ reward }) => reward);
      return kept === new Set(rewards).size > 1;
    });
    const dropped = at
      .readRows<Record<string, number>>('runs/skipping/metrics.jsonl')
      .map((row) => REASONS.reduce((sum, why) => sum + row[`dynamic_sampling/dropped_${why}`]!, 0));
    const without = pairs(at, 'skipping').filter(({ kept }) => !kept).length;
    return [
      `${kept.filter(Boolean).length} of ${kept.length} groups as their rewards say; ${dropped.reduce((a, b) => a + b, 0)} dropped`,
      `18 of 18 groups as their rewards say; ${without} dropped`,
    ];
  }),
  trial('A-29 A-45', async (at) => {
    const wrong = at
      .readRows<{ answer: string }>('train/data.qa.jsonl')
      .map((row) => ({ ...row, answer: 'purple' }));
    at.rows(
      'train/wrong.qa.jsonl',
      wrong.map((row) => ({ ...row, task: undefined, choices: undefined })),
    );
    await at.train(
      'collapsed',
      grpo({
        steps: 60,
        data: { train: 'train/wrong.qa.jsonl' },
        rewards: { exact_match: { weight: 1 } },
        coupling: { eta: 0 },
      }),
    );
    const { runs } = await at.json<{ runs: { alarms: { since: number; message: string }[] }[] }>(
      'runs --match collapsed --json',
    );
    const [{ since, message }] = runs[0]!.alarms as [{ since: number; message: string }];
    return [`since step ${since}: ${message.split(',')[0]}`, 'since step 10: In at least 95% of groups'];
  }),
  trial('A-30', async (at) => {
    const [last] = at.readRows<{ loss: number }>('runs/sft/metrics.jsonl').slice(-1);
    await at.run('runs --match sft --json');
    return [
      last!.loss > 0 && Number.isFinite(last!.loss) ? 'a loss per token above 0' : last!.loss,
      'a loss per token above 0',
    ];
  }),
  trial('A-31 A-40', async (at) => {
    copyFileSync('test/fixtures/datasets/sat.parquet', join(at.folder, 'sat.parquet'));
    const { shuffled } = await at.json<{ shuffled: number }>(
      'convert sat.parquet -o sat.qa.jsonl --shuffle-options 1 --json',
    );
    const rows = at.readRows<{ answer: string; choices: string[]; meta: { question_type: string } }>(
      'sat.qa.jsonl',
    );
    const first = rows.filter(({ answer, choices }) => answer === choices[0]).length;
    at.rows(
      'sat-answers.jsonl',
      rows.map((row, i) => ({ ...row, completion: i % 2 ? row.answer : 'no idea' })),
    );
    await at.run('score sat-answers.jsonl -o sat-scored.jsonl');
    const { metrics } = await at.json<{ metrics: Metric[] }>(
      'metrics sat-scored.jsonl --by meta.question_type --json',
    );
    const types = new Set(rows.map(({ meta }) => meta.question_type)).size;
    const groups = new Set(metrics.filter(({ metric }) => metric === 'accuracy').map(({ group }) => group))
      .size;
    return [
      `${shuffled} shuffled, ${first} times the first is right; ${groups} types`,
      `40 shuffled, 20 times the first is right; ${types} types`,
    ];
  }),
  trial('A-35', async (at) => {
    const rows = [
      ...sampled([[true], [true], [false], [true]], { task: 'Count' }, 'count'),
      ...sampled([[true], [false]], { task: 'Relation' }, 'relation'),
      ...sampled([[true], [true]], { task: 'Depth' }, 'depth'),
      ...sampled([[false], [false]], { task: 'Distance' }, 'distance'),
    ];
    at.rows('cv.jsonl', rows);
    await at.run('score cv.jsonl -o cv-scored.jsonl');
    const line = 'metrics cv-scored.jsonl --json';
    const each = [];
    for (const name of ['count', 'relation', 'depth', 'distance', 'total_micro', 'total_macro'])
      each.push(percent(await metric(at, line, name, 'cv-bench')));
    const shares = [3 / 4, 1 / 2, 1, 0];
    return [each.join(', '), [...shares, 6 / 10, (3 / 4 + 1 / 2 + 1 + 0) / 4].map(percent).join(', ')];
  }),
  trial('A-36 A-37', async (at) => {
    // Pass@k of n answers, c of them right: 1 − C(n − c, k) / C(n, k).
    at.rows(
      'pass.jsonl',
      sampled([
        [true, false, false, false],
        [true, true, false, false],
        [false, false, false, false],
      ]),
    );
    await at.run('score pass.jsonl -o pass-scored.jsonl');
    const line = 'metrics pass-scored.jsonl --json';
    const each = [
      percent(await metric(at, line, 'pass@1')),
      percent(await metric(at, line, 'pass@2')),
      percent(await metric(at, line, 'pass@4')),
    ];
    const right = [(1 / 4 + 2 / 4 + 0) / 3, (1 - 3 / 6 + (1 - 1 / 6) + 0) / 3, 2 / 3];
    return [each.join(', '), right.map(percent).join(', ')];
  }),
  trial('A-38', async (at) => {
    copyFileSync('test/fixtures/datasets/cv-bench.parquet', join(at.folder, 'cv-bench.parquet'));
    await at.run('convert cv-bench.parquet -o cv-bench.qa.jsonl');
    await at.run('view polarity cv-bench.qa.jsonl -o cv-flipped.qa.jsonl');
    const rows = at.readRows<{
      variants: { polarity: { status: string; question?: string; answer?: string } };
    }>('cv-flipped.qa.jsonl');
    const flips = rows.map(({ variants: { polarity } }) =>
      [polarity.status, polarity.question, polarity.answer].filter(Boolean).join(' '),
    );
    return [
      flips.join('; '),
      'not_applicable Where is the cat located with respect to the dog? (A); flipped Which object is farther from the camera? (A)',
    ];
  }),
  trial('A-39 A-46', async (at) => {
    // 4 questions of 4 answers: 11 and 6 of 16 are right.
    at.rows(
      'id.jsonl',
      sampled([
        [true, true, true, false],
        [true, true, true, true],
        [true, false, true, true],
        [true, false, false, false],
      ]),
    );
    at.rows(
      'ood.jsonl',
      sampled([
        [false, false, true, false],
        [true, false, false, true],
        [false, false, true, true],
        [true, false, false, false],
      ]),
    );
    for (const set of ['id', 'ood']) await at.run(`score ${set}.jsonl -o ${set}-scored.jsonl`);
    const printed = await at.run('metrics id-scored.jsonl --ood ood-scored.jsonl');
    const change = /accuracy change on opposite questions +(\S+)/.exec(printed)![1]!;
    const relative = /The gap in points is (\S+) of/.exec(printed)![1]!;
    const [before, after] = [11 / 16, 6 / 16];
    const signed = (share: number) => percent(share).replace('-', '−');
    return [`${change}, ${relative}`, `${signed(after - before)}, ${signed((after - before) / before)}`];
  }),
  trial('A-41', async (at) => {
    at.rows('vsr.jsonl', [
      {
        image: 'a.jpg',
        image_link: 'x',
        caption: 'The cat is left of the dog.',
        label: 1,
        relation: 'left of',
        subj: 'cat',
        obj: 'dog',
      },
    ]);
    await at.run('convert vsr.jsonl --from vsr -o vsr.qa.jsonl');
    const [row] = at.readRows<{ answer: string; question: string }>('vsr.qa.jsonl');
    return [`${row!.question} ${row!.answer}`, 'True or false: The cat is left of the dog. True'];
  }),
  trial('A-42', async (at) => {
    const count = (answer: string, completion: string, id: number) => ({
      id: `${id}`,
      question: 'How many cups are on the table?',
      answer,
      completion,
    });
    at.rows('counts.jsonl', [count('4', '5', 1), count('4', '4', 2), count('4', '7', 3)]);
    await at.run('score counts.jsonl -o counts-scored.jsonl');
    const line = 'metrics counts-scored.jsonl --json';
    return [
      `${percent(await metric(at, line, 'accuracy', 'count'))}, ${percent(await metric(at, line, 'close_call', 'count'))}`,
      `${percent(1 / 3)}, ${percent(1 / 2)}`,
    ];
  }),
  trial('A-43', async (at) => {
    // Of two rows, the model draws one as it is and one mirrored, and answers by what it drew.
    await at.run('worlds --count 12 --seed 1 -o english --style english --size 64 --families side');
    const sides = at
      .readRows<GraphRow>('english/data.qa.jsonl')
      .filter(({ answer }) => /left|right/.test(answer));
    const [first] = sides as [GraphRow];
    const second = sides.find(({ question }) => question !== first.question)!;
    at.rows(
      'drawn.qa.jsonl',
      [first, second].map((row) => ({ ...row, images: [`english/${row.images[0]!.path}`] })),
    );
    const asked = new Set<GraphRow>();
    at.answer = (text) => {
      const row = text.includes(first.question) ? first : second;
      const isGraph = !asked.has(row);
      asked.add(row);
      if (isGraph) return JSON.stringify(row === first ? row.scene_graph : mirrored(row.scene_graph));
      return `<answer>${row === first ? row.answer : exchanged(row.answer)}</answer>`;
    };
    const results = await at.json<Metric[]>(
      'eval $MODEL --strategy scene-graph --set drawn.qa.jsonl --views original --json',
    );
    const of = (name: string) =>
      results.find(({ task, metric }) => task === 'attribution' && metric === name)!.value;
    return [
      `graph right ${percent(of('graph_right'))}, errors of the graph ${percent(of('error_graph'))}`,
      'graph right 50.00%, errors of the graph 100.00%',
    ];
  }),
  trial('A-44', async (at) => {
    at.answer = () => '(A)';
    const line = 'eval $MODEL --set train/data.qa.jsonl --limit 12 --controls blind --views original --json';
    const results = await at.json<(Metric & { view: string; slice?: unknown })[]>(line);
    const share = results.find(({ task, metric }) => task === 'mcq' && metric === 'top_share')!.value;
    const blind = at.requests.filter((request) => images(request) === 0).length;
    return [
      `${percent(share)} of the answers alike; ${blind} questions without an image`,
      '100.00% of the answers alike; 12 questions without an image',
    ];
  }),
  trial('A-47 A-48', async (at) => {
    await at.run('inspect attention sft --limit 4 --hide picture -o insight/attention');
    await at.run('inspect probe sft --set train/data.qa.jsonl -o insight/probe');
    await at.run('inspect patch sft --limit 4 -o insight/patch');
    const made = readdirSync(join(at.folder, 'insight'), { recursive: true }).filter((name) =>
      String(name).endsWith('results.json'),
    );
    return [`results of ${made.length} analyses`, 'results of 3 analyses'];
  }),
  trial('A-49', async (at) => {
    const accuracy = at.readRows<{ accuracy: number; step: number }>('runs/grpo/metrics.jsonl');
    await at.run('runs --match grpo --json');
    const recomputed = accuracy.map(({ step }) => {
      const groups = pairs(at, 'grpo')
        .slice(3 * (step - 1), 3 * step)
        .map(({ views }) => views[0]!.group);
      return mean(groups.map((group) => mean(group.map(({ right }) => Number(right)))));
    });
    return [accuracy.map((row) => percent(row.accuracy)).join(', '), recomputed.map(percent).join(', ')];
  }),
  trial('A-50 A-63 A-64 A-66', async (at) => {
    const report = await at.run('report sft --published');
    const names = ['12.03', '3.17', 'synthetic', 'Confidence', 'Related'];
    return [
      names.filter((name) => report.toLowerCase().includes(name.toLowerCase())).join(', '),
      names.join(', '),
    ];
  }),
  trial('A-51 A-52', async (at) => {
    const printed = await at.run('trace grpo --step 1 --pair 0');
    const [pair] = pairs(at, 'grpo');
    const completions = pair!.views.flatMap(({ group }) => group).length;
    return [
      `${(printed.match(/advantage/g) ?? []).length > 0 ? 'advantages' : 'none'} of ${completions} completions`,
      'advantages of 8 completions',
    ];
  }),
  trial('A-53', async (at) => {
    at.rows('graph-check.jsonl', [
      {
        id: '1',
        scene_graph: {
          version: 1,
          objects: [{ id: 'a', label: 'cat' }],
          relations: [{ subject: 'a', predicate: 'left of', object: 'b' }],
        },
      },
    ]);
    const { stdout } = await at.attempt('graph check graph-check.jsonl --json');
    const codes = stdout
      .trimEnd()
      .split('\n')
      .flatMap((line) => (JSON.parse(line) as { code?: string }).code ?? []);
    return [codes.join(', '), 'missing-frame, unknown-node'];
  }),
  trial('A-54', async (at) => [await conditions(at, 'cot'), 'direct, think, scene-graph']),
  trial('A-55', async (at) => [await conditions(at, 'sft-grpo'), 'base, sft, grpo × 3 seeds']),
  trial('A-56 A-58', async (at) => [
    await conditions(at, 'dynamic-sampling'),
    'dynamic_sampling.mode off, skip, refill × 5 seeds',
  ]),
  trial('A-57', async (at) => [await conditions(at, 'rank'), 'v1, qv-16, all-8, v2 × 3 seeds']),
  trial('A-59', async (at) => {
    const row = at.readRows<object>('graph.qa.jsonl');
    at.rows('scene.qa.jsonl', row);
    await at.run('graph compose scene.qa.jsonl -o composed.qa.jsonl');
    const composed = at.readRows<{ question: string; answer: string }>('composed.qa.jsonl');
    return [composed.length > 0 ? 'composed questions' : 'none', 'composed questions'];
  }),
  trial('A-60', async (at) => {
    at.write('scans.csv', 'scan,ask,says\nimages/000001.png,Is the lesion left of the spine?,yes\n');
    await at.run(
      'convert scans.csv -o scans.qa.jsonl --map images=scan,question=ask,answer=says --image-folder train',
    );
    const [row] = at.readRows<{ question: string; answer: string }>('scans.qa.jsonl');
    return [`${row!.question} ${row!.answer}`, 'Is the lesion left of the spine? yes'];
  }),
  trial('A-61', async (at) => {
    await at.run(
      'worlds --count 4 -o clips --seed clips --style compact --size 32 --motion --families moves',
    );
    const rows = at.readRows<{ images: unknown[] }>('clips/data.qa.jsonl');
    return [`${rows.length} clips`, '4 clips'];
  }),
];
