// What does an answer that follows a scene graph read: the graph, or the picture? (docs/findings.md tells the question.)
// `node scripts/graph-or-picture.mjs FOLDER SEED …` trains one embedded model per seed on three tasks (to draw a graph,
// to answer with a graph, to answer at once), reads the answers with graph or picture hidden, and prints the table over
// seeds. The same command goes on where it stopped; `--steps N` trains longer. Needs `npm run build`.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const SCENES = 4000;
const TESTED = 256;
/** How the two-stage model is asked; what it is trained on reads the same. */
const STRATEGIES = {
  'at-once': 'answer: { user: question.prompt.txt, options: none, max_tokens: 4 }',
  'with-graph': `graph: { user: draw.prompt.txt, options: none, graph: { missing: text }, max_tokens: 15 }
  answer: { user: answer.prompt.txt, options: none, max_tokens: 4 }`,
};
const PROMPTS = { question: '{question}', draw: 'graph : {question}', answer: '{graph} ; {question}' };
const about = { 'at-once': 'The question alone.', 'with-graph': 'A graph in words, then the answer.' };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: 'string', default: '400' } },
});
const [out, ...seeds] = positionals;
if (!out || seeds.length === 0) {
  console.error('usage: node scripts/graph-or-picture.mjs FOLDER SEED … [--steps 400]');
  process.exit(2);
}
const cli = resolve(import.meta.dirname, '../dist/cli.js');
const chirality = (...args) =>
  execFileSync(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 30,
  });

mkdirSync(out, { recursive: true });
for (const [name, text] of Object.entries(PROMPTS)) writeFileSync(join(out, `${name}.prompt.txt`), text);
for (const [name, stages] of Object.entries(STRATEGIES))
  writeFileSync(
    join(out, `${name}.strategy.yaml`),
    `about: ${about[name]}\nextract: last_line\nstages:\n  ${stages}\n`,
  );

/** The graph in words: names, columns and distances of both solids, without what follows from them. */
const graphOf = ({ reasoning }) => reasoning.split(' , ').slice(0, 2).join(' , ');

function train(seed) {
  const dir = join(out, `seed-${seed}`);
  const worlds = (name, count) =>
    existsSync(join(dir, name)) ||
    chirality(
      ...['worlds', '--style', 'compact', '--families', 'side.where', '--no-world'],
      ...['--count', `${count}`, '--seed', `${seed}-${name}`, '-o', join(dir, name)],
    );
  worlds('scenes', SCENES);
  worlds('test', TESTED);
  const scenes = readFileSync(join(dir, 'scenes/data.qa.jsonl'), 'utf8').trimEnd().split('\n');
  const tasks = scenes.map(JSON.parse).flatMap(({ id, question, answer, images, ...row }) => {
    const graph = graphOf(row);
    const task = (name, question, answer) => ({
      id: `${id}-${name}`,
      question,
      answer,
      images,
      task: 'open',
    });
    return [
      task('draw', PROMPTS.draw.replace('{question}', question), graph),
      task('answer', PROMPTS.answer.replace('{graph}', graph).replace('{question}', question), answer),
      task('at-once', question, answer),
    ];
  });
  writeFileSync(join(dir, 'scenes/tasks.qa.jsonl'), tasks.map((row) => `${JSON.stringify(row)}\n`).join(''));
  writeFileSync(
    join(dir, 'model.run.yaml'),
    `preset: demo-sft
seed: ${seed}
steps: ${values.steps}
target: '{answer}'
data: { train: scenes/tasks.qa.jsonl }
batch: { samples: 96 }
checkpoint: { every: 200 }
`,
  );
  chirality('train', join(dir, 'model.run.yaml'), '--runs', join(dir, 'runs'), '--resume', '--quiet');
}

/** What the strategies' answers depend on, and what they read. */
function read(seed) {
  const dir = join(out, `seed-${seed}`);
  const options = ['picture', 'graph'].flatMap((hidden) => ['--hide', hidden]);
  const strategies = Object.keys(STRATEGIES).flatMap((name) => [
    '--strategy',
    join(out, `${name}.strategy.yaml`),
  ]);
  return JSON.parse(
    chirality(
      ...[
        'inspect',
        'attention',
        'model',
        '--runs',
        join(dir, 'runs'),
        '--set',
        join(dir, 'test/data.qa.jsonl'),
      ],
      ...[...options, ...strategies, '--json'],
    ),
  );
}

/** 97.5 % quantile of Student's t, by degrees of freedom from 1. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** Mean over seeds with its 95 % interval, in percent. */
function told(values) {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const half = n > 1 ? ` ± ${(100 * T[n - 2] * Math.sqrt(variance / n)).toFixed(1)}` : '';
  return `${(100 * mean).toFixed(1)}${half}`;
}
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
function table(header, rows) {
  line(...header);
  line(...header.map((_, i) => (i === 0 ? '---' : '---:')));
  for (const row of rows) line(...row);
  console.log();
}

const found = seeds.map((seed) => {
  train(seed);
  return read(seed);
});

/** Share of rows, over both views, whose right answer is the likeliest; by seed. */
const right = (strategy, hidden) =>
  found.map(({ reliance }) => {
    const views = reliance.filter((one) => one.look === strategy && one.hidden === hidden);
    return views.reduce((sum, { likeliest }) => sum + likeliest.value, 0) / views.length;
  });
const less = (a, b) => a.map((value, i) => value - b[i]);
const once = right('at-once', null);
const graph = right('with-graph', null);
const [noPicture, noGraph] = ['picture', 'graph'].map((hidden) => right('with-graph', hidden));
const blind = right('at-once', 'picture');
table(
  ['right answer the likeliest, %', 'nothing hidden', 'picture hidden', 'graph hidden'],
  [
    ['at once', told(once), told(blind), ''],
    ['with a graph', told(graph), told(noPicture), told(noGraph)],
  ],
);
table(
  ['within seeds', 'points'],
  [
    ['1. with a graph: picture hidden less graph hidden', told(less(noPicture, noGraph))],
    ['2. with a graph: lost by hiding the graph', told(less(graph, noGraph))],
    ['3. with a graph: lost by hiding the picture', told(less(graph, noPicture))],
    ['4. at once: lost by hiding the picture', told(less(once, blind))],
    ['5. with a graph less at once', told(less(graph, once))],
  ],
);
const attention = (strategy, layer, of) =>
  found.map(({ looks }) => {
    const { results } = looks.find((one) => one.strategy === strategy);
    const mine = results.filter(
      (one) =>
        one.query === 'answer' &&
        one.among === 'all' &&
        one.head === null &&
        one.layer === layer &&
        (of === null ? one.figure === 'picture' : one.figure === 'source' && one.of === of),
    );
    return mine.reduce((sum, { value }) => sum + value, 0) / mine.length;
  });
const layers = [
  ...new Set(found[0].looks[0].results.flatMap(({ figure, layer }) => (figure === 'picture' ? [layer] : []))),
];
table(
  ['attention of the answer, %', 'at once: picture', 'with a graph: picture', 'with a graph: graph'],
  layers.map((layer) => [
    `layer ${layer}`,
    told(attention('at-once', layer, null)),
    told(attention('with-graph', layer, null)),
    told(attention('with-graph', layer, 'graph')),
  ]),
);
table(
  ['by seed', 'at once', 'picture hidden', 'with a graph', 'picture hidden', 'graph hidden'],
  seeds.map((seed, i) => [
    seed,
    ...[once, blind, graph, noPicture, noGraph].map((of) => (100 * of[i]).toFixed(1)),
  ]),
);
