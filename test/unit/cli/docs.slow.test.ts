import { execFile } from 'node:child_process';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reply, ScriptedServer } from '../engines/openai/server.ts';
import {
  blocksOf as writtenIn,
  FILES,
  pages as written,
  ROOT,
  type Block as Written,
} from '../../support/docs-blocks.ts';
import { folderOfTests } from '../../support/folder.ts';

// A reader copies these commands. They run here as they stand, in a fresh clone of what is committed, but for the
// changes named below; one test is one page.

/** What blocks need that is not here. */
const LACKING: readonly [RegExp, string][] = [
  [/lmms\/Qwen/, 'evaluations of one set by two other programs'],
  [/graph-or-picture|--recipe views-/, 'hours'],
  [/second\.sweep/, 'PyTorch'],
  [/published-table/, 'a published model'],
  [/instances_val2017|all_vsr_validated_data/, 'published sets'],
  [/clips\.csv|clips\/a\.mp4/, 'videos'],
  [/outputs\/my-run/, 'a run that no reader knows'],
  [/--model MODEL/, 'a model of transformers'],
  [/vf-eval/, 'verifiers, and a model'],
];

/** Shorter trainings, a server of this test, and files that lie elsewhere. */
const CHANGES: readonly [RegExp, string][] = [
  [/git clone <[^>]+> /, `git clone -q ${ROOT} `],
  [/npm ci\b/, 'npm ci --silent --prefer-offline'],
  [/npm run demo\b.*/, 'npm run --silent demo -- --fast'],
  [/demo --motion -o/, 'demo --motion --fast -o'],
  [/demo -- --seed/, 'demo -- --fast --output again --seed'],
  [/seq 10/, 'seq 2'],
  [/in 1 2 3 4 5;/, 'in 1 2;'],
  [
    /^chirality sweep --recipe ([a-z-]+) --small(.*)/,
    // Of fewer rows, a model does not learn all words of the others. MiniLM comes from a hub.
    "chirality sweep --recipe $1 --print | sed -E 's/steps: [1-9][0-9]*/steps: 4/; s/--count [0-9]{4}/--count 400/; s/encoder: minilm/encoder: lexical/' > short.sweep.yaml; chirality sweep short.sweep.yaml --small --name $1-small --seeds 1,2$2",
  ],
  [/seed-7/, 'seed-2'],
  // A reader's answers: here, the reference answers.
  [/--rows-only/, '--quick --seed 9 --rows-only'],
  [
    /(chirality acuity --axis side,height) --answers/,
    "cat $(ls -td acuity/rows/*/ | head -2 | sed 's#$#data.qa.jsonl#') > mine.jsonl; $1 --quick --seed 9 --answers",
  ],
  // Pages that draw into folders of one name.
  [/-o balanced$/, '-o balanced --force'],
  [/--step (?:400|12)\b/, '--step 4'],
  [/--step 25 --step last/, '--step last'],
  [/step-000050/, 'step-000006'],
  [/https?:\/\/(?:localhost:8000|api\.openai\.com)\/v1/, 'SERVER'],
  // A finished run cannot be resumed.
  [
    /chirality resume svqa/,
    'chirality train svqa.run.yaml --name cut --detach; chirality stop cut; chirality resume cut',
  ],
  // It watches an external run until somebody ends it.
  [/chirality attach ~.*/, 'chirality attach ~/out/grpo & sleep 20; kill $!'],
  // So does a server.
  [/^chirality serve .*/, '$& & sleep 20; kill $!'],
  // Nobody is there to press keys.
  [/chirality eval audit (?!.*--(?:list|answers|json))/, 'chirality eval audit --list '],
  // A large model, several GPUs.
  [/^.*(?:--engine torch|eval svqa --strategy|--devices|sweep report eta -o).*$/, ''],
];

interface Block extends Written {
  lacks: string | undefined;
}

const blocksOf = (page: string): Block[] =>
  writtenIn(page).map((block) => ({
    ...block,
    script: CHANGES.reduce(
      (changed, [from, to]) => changed.replaceAll(new RegExp(from, 'gm'), to),
      block.script,
    ),
    lacks:
      block.needs === 'gpu' || block.needs === 'cluster'
        ? `a ${block.needs}`
        : LACKING.find(([sign]) => sign.test(block.script))?.[1],
  }));

const pages = written.filter((page) => blocksOf(page).length > 0);

/** The files that the pages start from. */
const SETUP = `
chirality worlds --count 16 --style compact --families side.where,nearer --seed 1 -o drawn
chirality worlds --count 16 --style compact --families side.where,nearer --seed 2 -o more
for name in data qa train cvbench vsr qspatial; do chirality data check drawn/data.qa.jsonl -o $name.qa.jsonl; done
for name in val cv-bench; do chirality data check more/data.qa.jsonl -o $name.qa.jsonl; done
cp qa.qa.jsonl qa.jsonl
cp more/data.qa.jsonl more/cups.qa.jsonl
for run in spatial given; do chirality eval $run --set more/cups.qa.jsonl --data-root .; done
chirality eval audit evals/a --list | sed 's/}$/,"verdict":"right"}/' > judged.jsonl
chirality view polarity data.qa.jsonl -o flipped.qa.jsonl
chirality train svqa.run.yaml --quiet
chirality benchmark consistency spatial --views original,mirror --set val.qa.jsonl --data-root . -o lab-a
for name in completions grpo; do chirality score data.qa.jsonl --set data.qa.jsonl -o $name.jsonl; done
cp grpo.jsonl sft.jsonl
sed -E 's/^."id":"([^"]*)","question":"[^"]*","answer":"([^"]*)".*/\\1,\\2/; 1i id,answer' data.qa.jsonl > predictions.csv
cp -r lab-a lab-b`;

const CONFIG = `
preset: demo
steps: 8
init: chirality-demo/runs/sft-skewed/checkpoints/step-000010
data: { train: drawn/data.qa.jsonl, eval: { val: more/data.qa.jsonl } }
evaluate: { every: 4 }
checkpoint: { every: 4 }
trace: { every: 1 }
`;
const BENCH =
  '{"question_id":"1","question":"Which is left?","answer_options":["cup","jug"],"answer":1,"image":"a.png"}\n';
const MINE = 'question,answer,image\nOn which side is the cube?,left,drawn/images/000001.png\n';
const REFCOCO = '{"sentence":"the left cup","bbox":[1,2,3,4],"file":"a.png"}\n';
const CSV = 'text,gt,A,B,C,D,file\nWhich is left?,A,cup,jug,pen,hat,a.png\n';

describe('commands of README and docs', () => {
  const folder = folderOfTests('chirality-docs-');
  let clone: string;
  let server: ScriptedServer;
  const [install] = blocksOf('README.md');
  beforeAll(async () => {
    clone = join(folder, 'chirality');
    server = await ScriptedServer.start((_, response) => reply(response, '<answer>left</answer>'));
    expect(await run(install!, folder)).toContain('pair accuracy');
    await prepare();
  }, 3_600_000);
  afterAll(async () => {
    await server.close();
  });

  /** Runs a block in a shell that prints its commands and ends with the first that fails. @returns what it printed */
  async function run({ script: text, line }: Pick<Block, 'script' | 'line'>, cwd: string): Promise<string> {
    const keys = { CHIRALITY_API_KEY: 'none', OPENAI_API_KEY: 'none' };
    const PATH = `${join(clone, 'bin')}:${process.env.PATH}`;
    const env = { npm_config_cache: join(homedir(), '.npm'), ...process.env, ...keys, HOME: folder, PATH };
    const script = `set -exo pipefail\n${text.replaceAll('SERVER', server.url)}`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], {
      cwd,
      env,
      maxBuffer: 1 << 28,
    }).catch((error: unknown) => {
      throw new Error(`Block at line ${line}:\n${(error as { stderr: string }).stderr.slice(-2000)}`);
    });
    return stdout + stderr;
  }

  describe.each(pages)('commands in %s', (page) => {
    const blocks = blocksOf(page);
    for (const { line, lacks } of blocks) if (lacks) it.skip(`the command in line ${line} requires ${lacks}`);
    const here = blocks.filter(({ lacks }) => !lacks);
    it.runIf(here.length > 0)(
      'commands run in the order of the page',
      async () => {
        for (const { script, line, needs, shown } of here)
          // Some print mistakes, and fail; docs-commands.test.ts compares them.
          await run({ script: needs === '' && shown !== null ? `(${script}) || true` : script, line }, clone);
      },
      3_600_000,
    );
  });

  /** Puts the files and runs that the pages speak of into the clone, and a run of TRL into the home folder. */
  async function prepare(): Promise<void> {
    const [demo, from] = [join(clone, 'chirality-demo'), join(clone, 'test/fixtures')];
    cpSync(join(demo, 'runs'), join(clone, 'runs'), { recursive: true });
    const newest = readdirSync(join(demo, 'runs/spatial/eval')).sort().at(-1)!;
    const copies: [string, string][] = [
      ...['photo.jpg', 'desk.jpg', 'images/desk.jpg'].map((to): [string, string] => [
        join(demo, 'val/images/000001.png'),
        to,
      ]),
      ...['Qwen2.5-VL-3B-1a2b3c4d', 'qwen-direct-val-1a2b3c4d', 'a', 'b'].map((name): [string, string] => [
        join(demo, 'runs/spatial/eval', newest),
        `evals/${name}`,
      ]),
      [join(from, 'datasets/spacellava.parquet'), 'vqasynth_spacellava/data/train-00000.parquet'],
      [join(from, 'datasets/sat.parquet'), 'SAT_train.parquet'],
      [join(from, 'datasets/cv-bench.parquet'), 'test_2d.parquet'],
      [join(from, 'datasets/openspaces.parquet'), 'openspaces-test.parquet'],
      [join(from, 'foreign-runs/data/worlds.qa.jsonl'), 'foreign.qa.jsonl'],
    ];
    for (const [path, to] of copies) cpSync(path, join(clone, to), { recursive: true });
    cpSync(join(from, 'foreign-runs/trl-1.16'), join(folder, 'out/grpo'), { recursive: true });
    const files = {
      ...FILES,
      'svqa.run.yaml': CONFIG,
      'bench.jsonl': BENCH,
      'refcoco.jsonl': REFCOCO,
      'bench.csv': CSV,
      'mine.csv': MINE,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(clone, name), text);
    await run({ script: SETUP, line: 0 }, clone);
  }
});
