import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationRow } from '../../src/core/evaluation/evaluation-row.ts';
import { findModel } from '../../src/lab/models/open-model.ts';
import { pythonOf } from '../../src/lab/torch/python.ts';
import { ChatServer } from '../support/chat-server.ts';
import { environment } from './harness-environment.ts';
import { scratch, torch } from './open.ts';
import { readRows } from '../support/rows.ts';

/*
 * Tasks that `chirality benchmark task` writes, in the harnesses themselves, with a model of theirs that says one thing
 * and with a tiny model behind an endpoint. Verdicts and figures must be those of `chirality eval`.
 */

const CLI = join(process.cwd(), 'dist/cli.js');
const call = promisify(execFile);

describe.skipIf(!torch)('a benchmark task in another harness', () => {
  const folder = scratch();
  const set = join(folder, 'val.qa.jsonl');
  const program = join(folder, 'chirality');
  let server: ChatServer;
  /** What `chirality eval` says of the tiny model: right or not, by id and view, and its figures. */
  let ours: { right: Map<string, boolean | null>; figures: Record<string, number> };

  const chirality = (...args: string[]) =>
    call(process.execPath, [CLI, ...args], { cwd: folder, maxBuffer: 2 ** 26 }).then(({ stdout }) => stdout);
  const key = (id: string, view: string) => `${id} ${view}`;

  async function figuresOf(rows: string): Promise<Record<string, number>> {
    const { metrics, views } = JSON.parse(await chirality('metrics', rows, '--json')) as Record<
      'metrics' | 'views',
      { task: string; metric: string; value: number }[]
    >;
    const of = (name: string) =>
      [...metrics.filter(({ task }) => task === 'views'), ...views].find(({ metric }) => metric === name)!
        .value;
    return { both_right: of('consistent'), consistent_wrong: of('consistent_wrong') };
  }

  beforeAll(async () => {
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`, { mode: 0o755 });
    writeFileSync(join(folder, 'bare.prompt.txt'), '{question}\n');
    writeFileSync(
      join(folder, 'bare.strategy.yaml'),
      'about: The question alone.\nstages:\n  answer: { user: bare.prompt.txt, options: none, max_tokens: 24 }\n',
    );
    const worlds = [
      'worlds',
      '--count',
      '60',
      '--style',
      'compact',
      '--size',
      '16',
      '--seed',
      '5',
      '-o',
      'worlds',
    ];
    await chirality(...worlds);
    const model = await (await findModel(resolve('test/fixtures/recorded/project/runs/spatial'), '.')).open();
    server = await ChatServer.start(model);
    // The model knows fifty words, and refuses others.
    const isKnown = (line: string) =>
      (JSON.parse(line) as { question: string }).question
        .split(' ')
        .every((word) => model.info().vocabulary!.includes(word));
    const lines = readFileSync(join(folder, 'worlds/data.qa.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .filter(isKnown);
    writeFileSync(join(folder, 'worlds/known.qa.jsonl'), `${lines.join('\n')}\n`);
    await chirality('view', 'mirror', 'worlds/known.qa.jsonl', '-o', set);
    const strategy = ['--strategy', 'bare.strategy.yaml'];
    await chirality(
      'eval',
      '--endpoint',
      server.url,
      '--model',
      'tiny',
      '--set',
      set,
      ...strategy,
      '--no-cache',
    );
    const rows = execFileSync('find', [join(folder, 'evals'), '-name', 'rows.jsonl'], {
      encoding: 'utf8',
    }).trim();
    const read = readRows<EvaluationRow>(rows);
    ours = {
      right: new Map(read.map(({ id, view, right }) => [key(id, view!), right])),
      figures: await figuresOf(rows),
    };
    for (const to of ['inspect', 'lmms-eval', 'vlmevalkit'])
      await chirality('benchmark', 'task', set, '--to', to, '-o', `tasks/${to}`, ...strategy);
  });
  afterAll(() => server?.close());

  it('the tiny model gives both right and wrong answers', () => {
    expect(new Set(ours.right.values())).toEqual(new Set([true, false]));
    expect(ours.right.size).toBeGreaterThan(60);
  });

  const pairsOf = (right: ReadonlyMap<string, boolean | null>): string[] =>
    [...right.keys()].filter((one) => one.endsWith(' original')).map((one) => one.split(' ')[0]!);

  /** The standard error of a share of pairs, each about an image of its own. */
  const error = (share: number, pairs: number): number => Math.sqrt((share * (1 - share)) / (pairs - 1));

  /** The share of pairs that are right in both views, counted here. */
  function bothRight(right: ReadonlyMap<string, boolean | null>): number {
    const ids = pairsOf(right);
    return (
      ids.filter((id) => right.get(key(id, 'original')) && right.get(key(id, 'mirror'))).length / ids.length
    );
  }

  /** The verdicts that an opened log gives, as `chirality import` reads them. */
  async function opened(log: string, out: string): Promise<{ right: Map<string, boolean | null> }> {
    await chirality('import', log, '-o', out);
    const rows = execFileSync('find', [join(folder, out), '-name', 'rows.jsonl'], {
      encoding: 'utf8',
    }).trim();
    const read = readFileSync(rows, 'utf8').trim().split('\n');
    return {
      right: new Map(
        read.map((line) => {
          const { id, view, right } = JSON.parse(line) as EvaluationRow;
          return [key(id, view!), right] as const;
        }),
      ),
    };
  }

  const env = () => ({
    ...process.env,
    CHIRALITY_PROGRAM: program,
    PYTHONPATH: resolve('python/src'),
    TINY_BASE_URL: server.url,
    TINY_API_KEY: 'none',
    OPENAI_API_KEY: 'none',
    HF_DATASETS_CACHE: join(folder, 'datasets'),
  });

  it('the Inspect task has the prompts and scores of chirality eval', async () => {
    const python = environment('inspect-0.3.285', ['inspect-ai==0.3.285 openai==3.54.0 numpy pillow'], false);
    const evaluate = async (model: string, logs: string) => {
      const { stdout } = await call(python, ['-c', INSPECT, model, logs], { cwd: folder, env: env() });
      const [log, figures] = JSON.parse(stdout.trim().split('\n').at(-1)!) as [
        string,
        Record<string, number>,
      ];
      const { right } = await opened(log, join('seen', logs));
      expect(figures.both_right).toBeCloseTo(bothRight(right), 12);
      expect(figures.both_right_stderr).toBeCloseTo(error(bothRight(right), pairsOf(right).length), 12);
      return { right, figures };
    };
    const tiny = await evaluate('openai-api/tiny/tiny', 'logs-tiny');
    expect(tiny.right).toEqual(ours.right);
    expect(tiny.figures).toMatchObject(ours.figures);
    const mock = await evaluate('mockllm/model', 'logs-mock');
    expect(mock.right).not.toEqual(ours.right);
  });

  it('the lmms-eval task has the prompts and scores of chirality eval', async () => {
    const python = environment('lmms-eval-0.7.3', LMMS_EVAL, true);
    const evaluate = async (args: readonly string[], out: string) => {
      const task = ['--tasks', 'val', '--include_path', 'tasks/lmms-eval', '--output_path', out];
      await call(python, ['-m', 'lmms_eval', ...args, ...task, '--batch_size', '1', '--log_samples'], {
        cwd: folder,
        env: env(),
        maxBuffer: 2 ** 26,
      });
      const results = execFileSync('find', [join(folder, out), '-name', '*_results.json'], {
        encoding: 'utf8',
      }).trim();
      const of = JSON.parse(readFileSync(results, 'utf8')) as { results: { val: Record<string, number> } };
      return { log: join(results, '..'), figures: of.results.val };
    };
    const tiny = await evaluate(
      [
        '--model',
        'openai',
        '--model_args',
        `model_version=tiny,base_url=${server.url},api_key=none,num_concurrent=1`,
      ],
      'lmms/tiny',
    );
    const seen = await opened(tiny.log, 'seen/lmms');
    expect(seen.right).toEqual(ours.right);
    expect(tiny.figures['both_right,none']).toBe(ours.figures.both_right);
    expect(tiny.figures['consistent_wrong,none']).toBe(ours.figures.consistent_wrong);
    const share = ours.figures.both_right!;
    const pairs = pairsOf(ours.right).length;
    expect(tiny.figures['both_right_stderr,none']).toBeCloseTo(error(share, pairs), 12);
    expect(tiny.figures['accuracy_stderr_clustered,none']).toBeGreaterThan(0);
    expect(tiny.figures['both_right_stderr_clustered,none']).toBe('N/A');
    const mock = await evaluate(['--model', 'dummy', '--model_args', 'response=yes'], 'lmms/mock');
    const said = await opened(mock.log, 'seen/lmms-mock');
    expect(mock.figures['both_right,none']).toBeCloseTo(bothRight(said.right), 12);
  });

  const clone = process.env.CHIRALITY_VLMEVALKIT;
  it.skipIf(clone === undefined)('VLMEvalKit has the prompts and scores of chirality eval', async () => {
    const python = pythonOf(join(clone!, '.venv'));
    const asking = ['--model', 'tiny', '--base-url', server.url, '--key', 'none', '--local-media'];
    const limits = ['--temperature', '0', '--max-tokens', '24', '--api-nproc', '1', '--work-dir', 'kit'];
    await call(python, ['tasks/vlmevalkit/val.py', join(clone!, 'run.py'), ...asking, ...limits], {
      cwd: folder,
      env: { ...env(), PYTHONPATH: [resolve('python/src'), clone].join(':'), LMUData: join(folder, 'lmu') },
      maxBuffer: 2 ** 26,
    });
    const attempt = execFileSync('find', [join(folder, 'kit'), '-name', 'T*_G*', '-o', '-name', 'T2*'], {
      encoding: 'utf8',
    });
    const log = attempt.trim().split('\n')[0]!;
    expect((await opened(log, 'seen/kit')).right).toEqual(ours.right);
    const [names, values] = readFileSync(join(log, 'tiny_val_acc.csv'), 'utf8')
      .replaceAll('"', '')
      .trim()
      .split('\n');
    const figures = Object.fromEntries(
      names!.split(',').map((name, n) => [name, Number(values!.split(',')[n])] as const),
    );
    for (const [name, value] of Object.entries(ours.figures)) expect(figures[name]).toBeCloseTo(value, 9);
  });
});

/** Evaluates as `inspect eval` does; the model that says one thing is given its usage, which it would count online. */
const INSPECT = `
import json, sys
from inspect_ai import eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model
name, logs = sys.argv[1:]
said = ModelOutput.from_content(name, "yes")
said.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
model = get_model(name, custom_outputs=[said] * 1000) if name.startswith("mockllm") else name
(log,) = eval("tasks/inspect/val.py", model=model, log_dir=logs, display="none")
assert log.status == "success", log.error
print(json.dumps([log.location, {name: one.value for name, one in log.results.scores[0].metrics.items()}]))
`;

/** What lmms-eval 0.7.3 imports, next to the packages of the torch engine. */
const LMMS_EVAL = [
  '--no-deps lmms-eval==0.7.3',
  'aiohttp av<16 einops evaluate filelock<4.3 ftfy hf_transfer httpx Jinja2 jsonlines loguru math-verify mpmath nltk numexpr openai openpyxl protobuf pydantic pytablewriter python-dotenv pyyaml sacrebleu scikit-learn sympy tenacity tiktoken tqdm-multiprocess zss zstandard sqlitedict opencv-python-headless pycocoevalcap latex2sympy2 qwen-vl-utils pybind11 transformers-stream-generator',
];
