import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { evaluate, evaluationPlan } from '../../lab/recipes/evaluate.ts';
import type { EvaluatedView, EvaluationResult } from '../../lab/recipes/evaluation-row.ts';
import { openFolder } from '../../lab/recipes/open-trainer.ts';
import { checkpointFolder, listCheckpoints, readLoopState, stepName } from '../../lab/runs/checkpoints.ts';
import { readRunConfig } from '../../lab/runs/run.ts';
import { withEndpoint, type EndpointFlags } from '../endpoint.ts';
import { JobError, UsageError } from '../errors.ts';
import { wholeNumber } from '../numbers.ts';
import { Progress } from '../progress.ts';
import { formatTable } from '../table.ts';
import { requireRun, withRuns } from '../runs.ts';
import { evaluateEndpoint } from './eval-endpoint.ts';

interface Options extends EndpointFlags {
  runs: string;
  endpoint?: string;
  model?: string;
  prompt: string;
  maxTokens: number;
  step: string;
  set: string[];
  views?: EvaluatedView[];
  limit?: number;
  json?: boolean;
}

export function addEvalCommand(program: Command): void {
  const command = withRuns(program.command('eval'))
    .argument('[run]', 'name or folder; none with --endpoint')
    .description(
      'Answer evaluation sets greedily with a checkpoint of a run, or a model behind an endpoint, on originals, mirrors and polarity flips.',
    )
    .option('--step <n|last|best>', 'which checkpoint', 'last')
    .option('--set <name=file>', "a set; repeatable; the config's sets by default", collect, [])
    .option('--views <list>', "of original,mirror,polarity; the config's by default", (list) =>
      list.split(',').map(asView),
    )
    .option('--limit <n>', 'at most so many rows of each set', wholeNumber)
    .option('--json', 'print the results as JSON')
    .option('--endpoint <address>', 'an endpoint that speaks chat completions, instead of a run')
    .option('--model <name>', 'with --endpoint: the model, as the endpoint calls it')
    .option('--prompt <name>', 'with --endpoint: answer-direct, answer-think, or a file', 'answer-direct')
    .option('--max-tokens <n>', 'with --endpoint: longest answer', wholeNumber, 1024);
  withEndpoint(command)
    .addHelpText(
      'after',
      `
Examples:
  chirality eval demo
  chirality eval demo --step best --set val=val.qa.jsonl --views original,mirror,polarity
  chirality eval --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --set val=val.qa.jsonl

Rows and results are kept in the run's eval/ folder, those of an endpoint in evals/ beside the runs (docs/endpoints.md). Started again after an interruption, it goes on where it stopped.`,
    )
    .action(async (name: string | undefined, options: Options) => {
      const { endpoint } = options;
      if ((name === undefined) === (endpoint === undefined))
        throw new UsageError('Name a run, or give an --endpoint.');
      if (endpoint !== undefined) {
        const { results, out, failed, used } = await evaluateEndpoint(givenSets(options.set), {
          ...options,
          endpoint,
        });
        console.log(options.json ? JSON.stringify(results) : `${formatResults(results)}\n\n${out}`);
        console.error(used);
        if (failed > 0)
          throw new JobError(`${failed} questions got no answer and count as wrong.`, {
            fix: 'The same command asks them again.',
          });
        return;
      }
      const dir = await requireRun(options.runs, name!);
      const config = await readRunConfig(dir);
      const step = await chooseStep(dir, options.step);
      const given = givenSets(options.set);
      const sets = Object.keys(given).length > 0 ? given : config.data.eval;
      if (Object.keys(sets).length === 0)
        throw new UsageError('The config names no evaluation set: give one with --set name=file.');
      const trainer = await openFolder(config, checkpointFolder(dir, step));
      const progress = new Progress('answers');
      try {
        const out = join(dir, 'eval', evaluationId(step, sets, options));
        const results = await evaluate(
          trainer,
          out,
          {
            ...evaluationPlan(config),
            sets,
            ...(options.views && { views: options.views }),
            ...(options.limit !== undefined && { limit: options.limit }),
            about: { run: basename(dir), step, engine: trainer.info().engine, model: trainer.info().model },
          },
          (done) => {
            progress.update(done);
          },
        );
        progress.end();
        console.log(options.json ? JSON.stringify(results) : `${formatResults(results)}\n\n${out}`);
      } finally {
        await trainer.close();
      }
    });
}

const collect = (value: string, all: string[]): string[] => [...all, value];

/** `name=file`, each file absolute. */
function givenSets(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const [set, path] = text.split(/=(.*)/s);
      if (!set || !path) throw new UsageError(`--set takes name=file, not "${text}".`);
      return [set, resolve(path)] as const;
    }),
  );
}

function asView(text: string): EvaluatedView {
  if (text === 'original' || text === 'mirror' || text === 'polarity') return text;
  throw new UsageError(`Unknown view "${text}": use original, mirror or polarity.`);
}

async function chooseStep(dir: string, wanted: string): Promise<number> {
  const steps = await listCheckpoints(dir);
  const last = steps.at(-1);
  if (last === undefined) throw new JobError(`${basename(dir)} has no checkpoint yet.`);
  if (wanted === 'last') return last;
  const step = wanted === 'best' ? (await readLoopState(dir, last)).best?.step : Number(wanted);
  if (step === undefined)
    throw new JobError('The run does not keep its best checkpoint.', { fix: 'Set checkpoint.keep_best.' });
  if (!steps.includes(step))
    throw new JobError(`There is no checkpoint of step ${wanted}.`, {
      fix: `There are: ${steps.join(', ')}.`,
    });
  return step;
}

/** Evaluations on the config's own sets share the folder of those made during training. */
function evaluationId(step: number, sets: Record<string, string>, { set, views, limit }: Options): string {
  const parts = [
    stepName(step),
    ...(set.length > 0 ? Object.keys(sets) : []),
    ...(views ?? []),
    ...(limit !== undefined ? [`first-${limit}`] : []),
  ];
  return parts.join('-').replace(/[^\w.-]/g, '_');
}

/** Shares in percent with their interval, as `chirality metrics` prints them. */
function formatResults(results: readonly EvaluationResult[]): string {
  const rows = results.map(({ set, view, task, metric, value, unit, n, unparsed, chance, interval }) => {
    const figure = (v: number | null | undefined) =>
      v == null ? '–' : (unit === 'share' ? 100 * v : v).toFixed(1);
    return [
      set,
      view ?? 'both',
      task,
      metric,
      figure(value),
      interval ? `${figure(interval[0])} – ${figure(interval[1])}` : '',
      String(n),
      unparsed === undefined ? '' : String(unparsed),
      figure(chance),
    ];
  });
  return formatTable(['set', 'view', 'task', 'metric', 'value', '95 %', 'n', 'unparsed', 'chance'], rows);
}
