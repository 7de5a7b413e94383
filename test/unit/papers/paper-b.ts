import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { parse } from 'yaml';
import { parseRows } from '../../support/rows.ts';
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
  type Trace,
  type Trial,
  type Workbench,
} from './trial.ts';

/* Paper B, arXiv 2506.01371. */

interface Mirrored {
  id: string;
  question: string;
  answer: string;
  variants: {
    mirror: {
      status: string;
      category?: string;
      question?: string;
      answer?: string;
      llm?: { attempts?: unknown[]; raw?: string; final?: string };
      checks?: Record<string, string>;
    };
  };
}

/** The colours of an image, by row and column. */
async function pixels(path: string): Promise<string[][]> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return Array.from({ length: info.height }, (_, y) =>
    Array.from({ length: info.width }, (_, x) =>
      data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3).toString('hex'),
    ),
  );
}

const IMAGE = 'train/images/000001.png';

/** Mirrors rows with these questions and answers. @returns the mirrored rows */
async function mirrors(
  at: Workbench,
  name: string,
  rows: readonly [string, string][],
  options = '',
): Promise<Mirrored[]> {
  at.rows(
    `${name}.qa.jsonl`,
    rows.map(([question, answer], i) => ({
      id: `${i}`,
      question,
      answer,
      images: [IMAGE],
      box_format: 'xyxy_norm',
    })),
  );
  await at.run(`view mirror ${name}.qa.jsonl -o ${name}.mirrored.qa.jsonl${options}`);
  return at.readRows<Mirrored>(`${name}.mirrored.qa.jsonl`);
}

/** Lengths in metres with a reference: `score` reads the text. */
async function lengths(
  at: Workbench,
  name: string,
  answers: readonly (readonly [reference: number, said: string])[],
): Promise<string> {
  at.rows(
    `${name}.jsonl`,
    answers.map(([reference, said], i) => ({
      id: `${i}`,
      question: 'How far is the cup from the plate?',
      answer: `${reference} m`,
      completion: said,
    })),
  );
  await at.run(`score ${name}.jsonl -o ${name}-scored.jsonl`);
  return `metrics ${name}-scored.jsonl --json`;
}

const LENGTHS = [
  [1, '1.5 m'],
  [2, '5 m'],
  [4, 'I cannot tell.'],
  [1, '0.6 m'],
] as const;

interface Settings {
  steps: number;
  engine: { model: string };
  batch: { rows: number };
  sampling: { group_size: number; max_tokens: number };
  rewards: Record<string, { weight: number }>;
  coupling: { eta: number; threshold: number };
  loss: { clip_low: number; clip_high: number };
}
const svqa = async (at: Workbench) => parse(await at.run('presets svqa-r1')) as Settings;

/** Free texts with references. */
async function texts(
  at: Workbench,
  name: string,
  rows: readonly [string, string, string][],
): Promise<string> {
  at.rows(
    `${name}.jsonl`,
    rows.map(([question, answer, completion], i) => ({ id: `${i}`, question, answer, completion })),
  );
  await at.run(`score ${name}.jsonl -o ${name}-scored.jsonl`);
  return `metrics ${name}-scored.jsonl --json`;
}

/**
 * The largest deviation of the rewards of a run from equations 1 to 4: Δ is the mean semantic reward of originals minus
 * the mean semantic reward of mirrors. Completions of the better view whose semantic reward is above δ = 0.5 lose η|Δ| of
 * it. The reward is half the format and half the semantic reward.
 */
function couplingError(all: readonly Trace[], eta: number): number {
  return Math.max(
    ...all.flatMap(({ views, delta }) => {
      const semantic = (i: number) => views[i]!.group.map(({ rewards }) => rewards.semantic!.value);
      const right = mean(semantic(0)) - mean(semantic(1));
      const better = right > 0 ? 0 : 1;
      const penalties = views.flatMap(({ group }, i) =>
        group.map(({ penalty, reward, rewards }) => {
          const isPenalised = right !== 0 && i === better && rewards.semantic!.value > 0.5;
          const due = isPenalised ? eta * Math.abs(right) : 0;
          const expected = 0.5 * rewards.format!.value + 0.5 * (rewards.semantic!.value - due);
          return Math.max(Math.abs(penalty - due), Math.abs(reward - expected));
        }),
      );
      return [Math.abs(delta - right), ...penalties];
    }),
  );
}

export const PAPER_B: readonly Trial[] = [
  trial('B-1', async (at) => {
    await at.run('view mirror train/data.qa.jsonl -o pixels.qa.jsonl --write-images mirrored');
    const [first] = at.readRows<{ images: { path: string }[] }>('train/data.qa.jsonl');
    const [original, mirror] = await Promise.all(
      ['train', 'mirrored'].map((folder) => pixels(join(at.folder, folder, first!.images[0]!.path))),
    );
    const isMirror = mirror!.every((row, y) =>
      row.every((pixel, x) => pixel === original![y]![row.length - 1 - x]),
    );
    return [isMirror ? 'every row of pixels reversed' : 'other pixels', 'every row of pixels reversed'];
  }),
  trial('B-2 B-9', async (at) => {
    const rows = await mirrors(at, 'three', [
      ['Is the cup to the left of the plate?', 'yes'],
      ['Where is the cup? Answer with normalised coordinates.', '[0.1, 0.2, 0.5, 0.6]'],
      ['How many cups are there?', '3'],
    ]);
    return [
      rows.map(({ variants: { mirror } }) => `${mirror.question} ${mirror.answer}`).join('; '),
      'Is the cup to the right of the plate? yes; Where is the cup? Answer with normalised coordinates. [0.5, 0.2, 0.9, 0.6]; How many cups are there? 3',
    ];
  }),
  trial('B-3 B-7', async (at) => {
    at.answer = () => 'Here it is: {"question": "Is the car facing west?", "answer": "yes"}';
    const [row] = await mirrors(
      at,
      'naive',
      [['Is the car facing east?', 'yes']],
      ' --rewrite all --llm $URL --llm-model m --no-cache',
    );
    return [
      `${at.requests.length} request: ${row!.variants.mirror.question}`,
      '1 request: Is the car facing west?',
    ];
  }),
  trial('B-4 B-6', async (at) => {
    at.answer = (text) =>
      `{"question": "Is the cup to the ${/verif/i.test(text) ? 'right' : 'left'} of the plate?", "answer": "yes"}`;
    const options = ' --rewrite all --verify --llm $URL --llm-model m --no-cache';
    const [row] = await mirrors(at, 'verified', [['Is the cup to the left of the plate?', 'yes']], options);
    return [
      `${at.requests.length} requests: ${row!.variants.mirror.question}`,
      '2 requests: Is the cup to the right of the plate?',
    ];
  }),
  trial('B-5', async (at) => {
    at.answer = () => '{"question": "Is the car facing east?", "answer": "yes"}';
    const [row] = await mirrors(
      at,
      'unturned',
      [['Is the car facing east?', 'yes']],
      ' --rewrite all --llm $URL --llm-model m --no-cache',
    );
    const failed = Object.values(row!.variants.mirror.checks ?? {}).filter(
      (check) => check !== 'pass',
    ).length;
    return [
      `${row!.variants.mirror.status}, ${failed > 0 ? 'a check failed' : 'passed'}`,
      'needs_llm, a check failed',
    ];
  }),
  trial('B-8', async (at) => {
    await mirrors(at, 'reviewed', [['Is the cup to the left of the plate?', 'yes']]);
    await at.run('review reviewed.mirrored.qa.jsonl --discard 0 --note test --by mira');
    const [row] = at.readRows<{ variants: { mirror: { review: { state: string; by: string } } } }>(
      'reviewed.mirrored.qa.jsonl',
    );
    const { state, by } = row!.variants.mirror.review;
    return [`${state} by ${by}`, 'discarded by mira'];
  }),
  trial('B-10 B-11', async (at) => {
    copyFileSync('test/fixtures/datasets/spacellava.parquet', join(at.folder, 'spacellava.parquet'));
    const { rows, samples } = await at.json<{ rows: number; samples: number }>(
      'convert spacellava.parquet -o spacellava.qa.jsonl --split-turns --json',
    );
    return [`${rows} dialogues, ${samples} questions`, '3 dialogues, 5 questions'];
  }),
  trial('B-12', async (at) => {
    const draw = async (name: string) => {
      await at.run(`convert train/data.qa.jsonl -o ${name}.qa.jsonl --sample 5 --seed 7`);
      return at.readRows<{ id: string }>(`${name}.qa.jsonl`).map(({ id }) => id);
    };
    const [once, twice] = [await draw('drawn-1'), await draw('drawn-2')];
    return [
      JSON.stringify(once) === JSON.stringify(twice) ? `the same ${once.length} rows twice` : 'others',
      'the same 5 rows twice',
    ];
  }),
  trial('B-13', async (at) => {
    at.rows('turned.qa.jsonl', [
      { id: '1', question: 'Is the cup to the left of the plate?', answer: 'yes', images: [IMAGE] },
    ]);
    await at.run('view add --view rotate:180 --anchor image turned.qa.jsonl -o turned.viewed.qa.jsonl');
    const [row] = at.readRows<{ variants: { views: Record<string, { question: string }> } }>(
      'turned.viewed.qa.jsonl',
    );
    return [
      row!.variants.views['rotate:180']!.question,
      'In the image as shown, is the cup to the right of the plate?',
    ];
  }),
  trial('B-14', async (at) => {
    const row = { question: 'Where is the cup?', answer: 'left' };
    const values = await paid(at, 'format', 'format', [
      { ...row, id: '1', completion: '<think>a</think> <answer>left</answer>' },
      { ...row, id: '2', completion: '<answer>left</answer>' },
      { ...row, id: '3', completion: '<think>a</think> <answer>left</answer> <answer>left</answer>' },
    ]);
    return [values, '1, 0, 0'];
  }),
  trial('B-16 B-21 B-25 B-26 B-27 B-28 B-30', async (at) => {
    const { rewards, coupling, sampling, batch, engine, loss } = await svqa(at);
    const weights = Object.values(rewards).map(({ weight }) => weight);
    return [
      `λ ${weights.join(' ')}, δ ${coupling.threshold}, η ${coupling.eta}, G ${sampling.group_size}, ${sampling.max_tokens} tokens, ${batch.rows} pairs, clip ${loss.clip_low}, ${engine.model}`,
      // 8 GPUs × 8 completions × 2 accumulation steps are 128 completions: 8 pairs of 2 groups of 8.
      `λ 0.5 0.5, δ 0.5, η 1, G 8, 2048 tokens, ${(8 * 8 * 2) / (2 * 8)} pairs, clip 0.2, Qwen/Qwen2.5-VL-3B-Instruct`,
    ];
  }),
  trial('B-19 B-20 B-23', async (at) => {
    await at.train('coupled', grpo({ steps: 8 }));
    const all = pairs(at, 'coupled');
    const penalised = all.filter(({ penalised }) => penalised !== null).length;
    const error = couplingError(all, 1);
    return [
      `${all.length} pairs, ${penalised > 0 ? 'some penalised' : 'none penalised'}, ${error < 1e-6 ? 'deviation below 1e-6' : error}`,
      '24 pairs, some penalised, deviation below 1e-6',
    ];
  }),
  trial('B-22 B-53', async (at) => [await conditions(at, 'eta'), 'coupling.eta 0, 1, 2, 10 × 3 seeds']),
  trial('B-24', async (at) => {
    await at.run('verify coupled');
    const { views } = pairs(at, 'coupled')[0]!;
    return [
      `${views.map(({ view, group }) => `${view} ${group.length}`).join(', ')}; recomputed`,
      'original 4, mirror 4; recomputed',
    ];
  }),
  trial('B-29 B-54', async (at) => [await conditions(at, 'init'), 'qwen, vlaa × 3 seeds']),
  trial('B-31', async (at) => {
    await at.train('plain', grpo({ views: { mirror: false }, steps: 2 }));
    return [
      pairs(at, 'plain').every(({ views }) => views.length === 1) ? 'one group a row' : 'pairs',
      'one group a row',
    ];
  }),
  trial('B-32', async (at) => {
    const texts = [];
    for (const name of ['direct', 'svqa']) {
      at.requests = [];
      await at.run(`eval $MODEL --strategy ${name} --set one.qa.jsonl --views original`);
      texts.push(JSON.stringify(at.requests).includes('<think>') ? 'asks for thinking' : 'does not');
    }
    return [texts.join(', '), 'does not, asks for thinking'];
  }),
  trial('B-33 B-34 B-57', async (at) => [
    await conditions(at, 'baselines'),
    'base, sft, thoughts, thoughts-vlaa, spatial × 3 seeds',
  ]),
  trial('B-35 B-63', async (at) => {
    const report = await at.run('report sft --published');
    const names = ['InternVL', 'VLAA', 'GPT-4o', 'Gemini', 'OpenSpaces'];
    return [names.filter((name) => report.includes(name)).join(', '), names.join(', ')];
  }),
  trial('B-36 B-37 B-38 B-39 B-47', async (at) => {
    const line = await lengths(at, 'q', LENGTHS);
    const names = [
      'success',
      'completed',
      'smape',
      'in_range_50_100',
      'in_range_100_150',
      'in_range_150_200',
      'within_50_200',
    ];
    const values: Record<string, number> = {};
    for (const name of names) values[name] = await metric(at, line, name, 'distance');
    const read = LENGTHS.flatMap(([reference, said]) =>
      said.endsWith(' m') ? [[reference, Number.parseFloat(said)] as const] : [],
    );
    const ratios = read.map(([reference, said]) => said / reference);
    const of = (list: readonly boolean[], n: number) => list.filter(Boolean).length / n;
    const right = {
      success: of(
        ratios.map((ratio) => Math.max(ratio, 1 / ratio) < 2),
        LENGTHS.length,
      ),
      completed: read.length / LENGTHS.length,
      smape:
        100 * mean(read.map(([reference, said]) => Math.abs(said - reference) / ((said + reference) / 2))),
      in_range_50_100: of(
        ratios.map((ratio) => ratio >= 0.5 && ratio < 1),
        read.length,
      ),
      in_range_100_150: of(
        ratios.map((ratio) => ratio >= 1 && ratio < 1.5),
        read.length,
      ),
      in_range_150_200: of(
        ratios.map((ratio) => ratio >= 1.5 && ratio <= 2),
        read.length,
      ),
      within_50_200: of(
        ratios.map((ratio) => ratio >= 0.5 && ratio <= 2),
        LENGTHS.length,
      ),
    };
    const text = (each: Record<string, number>) =>
      names.map((name) => `${name} ${each[name]!.toFixed(4)}`).join(', ');
    return [text(values), text(right)];
  }),
  trial('B-40 B-41', async (at) => {
    // Of "the cat sat": all words and both pairs of words are in the reference of five words, so only brevity counts.
    const line = await texts(at, 'bleu', [['What is there?', 'the cat sat on it', 'the cat sat']]);
    const values = [await metric(at, line, 'bleu1', 'text'), await metric(at, line, 'bleu2', 'text')];
    const brevity = Math.exp(1 - 5 / 3);
    return [
      values.map((value) => value.toFixed(4)).join(', '),
      [brevity, brevity].map((value) => value.toFixed(4)).join(', '),
    ];
  }),
  trial('B-15 B-17 B-18 B-42', async (at) => {
    // Cosines that sentence-transformers gave: test/fixtures/parity/minilm.
    const recorded = parseRows<{ a: string; b: string; cosine: number }>(
      readFileSync('test/fixtures/parity/minilm/pairs.jsonl', 'utf8'),
    ).slice(0, 40);
    at.rows(
      'alike.jsonl',
      recorded.map(({ a, b }, i) => ({
        id: `${i}`,
        question: 'What is there?',
        answer: a,
        completion: b,
        task: 'open',
      })),
    );
    await at.run('score alike.jsonl --evaluation evals/alike --sbert $MINILM');
    const found = at.parsed<Metric[]>('evals/alike/results.json').find(({ metric }) => metric === 'sbert')!;
    const right = 100 * mean(recorded.map(({ cosine }) => cosine));
    return [`${(100 * found.value).toFixed(2)} of ${found.n}`, `${right.toFixed(2)} of 40`];
  }),
  trial('B-43 B-46 B-49', async (at) => {
    at.answer = (text) => (text.includes('couch') ? '1' : '0');
    at.rows('judged.jsonl', [
      {
        id: '1',
        question: 'Which is closer?',
        answer: 'The sofa is closer.',
        completion: 'The couch is closer.',
      },
      {
        id: '2',
        question: 'What is next to the lamp?',
        answer: 'A book lies there.',
        completion: 'It is a vase.',
      },
    ]);
    await at.run('score judged.jsonl --evaluation evals/judged --judge $URL --judge-model m --no-cache');
    const results = at.parsed<Metric[]>('evals/judged/results.json');
    const judged = results.find(({ task, metric }) => task === 'all' && metric === 'judge')!;
    return [`${percent(judged.value)} of ${judged.n}`, `${percent(1 / 2)} of 2`];
  }),
  trial('B-44 B-45', async (at) => {
    const box = (id: string, corners: number[]) => ({
      id,
      question: 'Where is the cup? Answer with normalised coordinates.',
      answer: '[0, 0, 0.4, 0.4]',
      box_format: 'xyxy_norm',
      completion: `[${corners.join(', ')}]`,
    });
    at.rows('boxes.jsonl', [
      box('1', [0, 0, 0.4, 0.3]),
      box('2', [0, 0, 0.4, 0.2]),
      box('3', [0.5, 0.5, 0.9, 0.9]),
    ]);
    await at.run('score boxes.jsonl -o boxes-scored.jsonl');
    const line = 'metrics boxes-scored.jsonl --json';
    const values = [await metric(at, line, 'miou', 'bbox'), await metric(at, line, 'acc75', 'bbox')];
    return [
      values.map((value) => value.toFixed(4)).join(', '),
      [(0.75 + 0.5 + 0) / 3, 1 / 3].map((value) => value.toFixed(4)).join(', '),
    ];
  }),
  trial('B-48 B-50', async (at) => {
    at.rows('typed.qa.jsonl', [
      {
        id: '1',
        question: 'Is the cup to the left of the plate?',
        answer: 'Yes, it is.',
        images: [IMAGE],
        source: 'vqasynth_spacellava',
      },
      {
        id: '2',
        question: 'How far apart are the cup and the plate?',
        answer: '0.4 meters',
        images: [IMAGE],
        source: 'vqasynth_spacellava',
      },
    ]);
    const [printed] = await at.lines<{ files: { question_types: object }[] }>(
      'data stats typed.qa.jsonl --json',
    );
    return [JSON.stringify(printed!.files[0]!.question_types), '{"yesno":1,"distance":1}'];
  }),
  trial('B-51', async (at) => {
    const line = 'metrics bleu-scored.jsonl --json';
    const words = [
      await metric(at, line, 'answer_words', 'all'),
      await metric(at, line, 'reference_words', 'all'),
    ];
    return [words.join(' and ') + ' words', '3 and 5 words'];
  }),
  trial('B-52', async (at) => [
    await conditions(at, 'modules'),
    'a-base, b-format, c-semantic, d-both, e-spatial × 3 seeds',
  ]),
  trial('B-55', async (at) => [await conditions(at, 'prompt'), 'original, four-step × 3 seeds']),
  trial('B-56', async (at) => [await conditions(at, 'steps'), 'steps 500, 1000, 1500, 2000 × 3 seeds']),
  trial('B-58 B-60', async (at) => {
    const line = await texts(at, 'words', [
      [
        'Where is it?',
        'left',
        '<think>First look. Therefore it is left, because of the lamp.</think> <answer>left</answer>',
      ],
    ]);
    return [await metric(at, line, 'reasoning_words', 'all'), 3];
  }),
  trial('B-59', async (at) => {
    await at.run('trace coupled --step 1 --pair 0 --figure pair.svg');
    const svg = at.read('pair.svg');
    return [svg.startsWith('<svg') || svg.includes('<svg') ? 'a figure' : 'none', 'a figure'];
  }),
  trial('B-61', async (at) => {
    // A model that always says "left" is right in one view of each pair.
    at.answer = () => '<answer>left</answer>';
    at.rows(
      'guess.qa.jsonl',
      ['left', 'right'].map((answer, i) => ({
        id: `${i}`,
        question: `Is cup ${i + 1} left or right of the plate?`,
        answer,
        images: [IMAGE],
      })),
    );
    await at.run('view mirror guess.qa.jsonl -o guess.mirrored.qa.jsonl');
    const results = await at.json<(Metric & { view: string })[]>(
      'eval $MODEL --set guess.mirrored.qa.jsonl --strategy direct --json',
    );
    const of = (view: string) =>
      results.find((row) => row.view === view && row.task === 'all' && row.metric === 'accuracy')!.value;
    const both = results.find(({ metric }) => metric === 'consistent')!.value;
    return [
      [of('original'), of('mirror'), both].map(percent).join(', '),
      [1 / 2, 1 / 2, 0].map(percent).join(', '),
    ];
  }),
  trial('B-62', async (at) => {
    const report = await at.run('report sft');
    return [
      report.includes('exact only in synthetic scenes') ? 'named among the limitations' : 'not named',
      'named among the limitations',
    ];
  }),
  trial('B-64', async (at) => {
    at.rows('kinds.jsonl', [
      { id: '1', question: 'Is the cup left of the plate?', answer: 'yes', completion: 'yes' },
      { id: '2', question: 'Is the cup red?', answer: 'yes', completion: 'no' },
    ]);
    await at.run('score kinds.jsonl -o kinds-scored.jsonl');
    const { metrics } = await at.json<{ metrics: Metric[] }>('metrics kinds-scored.jsonl --by kind --json');
    const each = metrics
      .filter(({ metric }) => metric === 'accuracy')
      .map(({ group, value }) => `${group} ${percent(value)}`);
    return [each.sort().join(', '), 'general 0.00%, spatial 100.00%'];
  }),
];
