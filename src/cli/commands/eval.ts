import { Option, type Command } from 'commander';
import { LOCAL_ENGINES } from '../../core/config/engine.ts';
import { type Control, CONTROLS } from '../../core/prompts/strategy.ts';
import { unevenText } from '../../core/metrics/uneven.ts';
import type { Encoder } from '../../lab/encoders/encoder.ts';
import type { OwnPrograms } from '../../lab/own/own-program.ts';
import { openEncoder, type EncoderConfig } from '../../lab/encoders/open-encoder.ts';
import { price, withEndpoint } from '../endpoint.ts';
import { addRescoreCommand } from './eval-rescore.ts';
import { UsageError } from '../errors.ts';
import { amount, atLeastOne, collect, listOf, share, wholeNumber } from '../input.ts';
import { tellSets } from '../set-reading.ts';
import { reportMissing, runTargetEvaluation, tryTarget } from '../evaluation/run.ts';
import { compareControls, controlStrategies, formatResults, nearChance } from '../evaluation/text.ts';
import { SET_HELP, VIEWS, openJudge, type EvalFlags, type Target } from '../evaluation/target.ts';
import { modelTarget, runTarget } from '../evaluation/open-evaluator.ts';
import { withRuns } from '../runs.ts';
import { note, pathHere, print, printJson, tell } from '../print.ts';
import { openMetrics, readMetrics, withTrust } from '../config.ts';
import { addEvalAuditCommand } from './eval-audit.ts';

export function addEvalCommand(program: Command): void {
  const command = withTrust(withRuns(program.command('eval')))
    .argument('[run]', 'run name or folder; omit it with --endpoint or --engine')
    .description('Evaluate a run, a local model or an endpoint on originals, mirrors and other views.')
    .option('--strategy <name>', 'how to ask: a name that `chirality strategies` lists, or a file')
    .option('-n, --n <n>', 'completions per question, for Pass@k; needs a temperature', atLeastOne, 1)
    .option('--temperature <t>', '0 is greedy', amount, 0)
    .option('--top-p <p>', 'nucleus sampling: the probability mass to draw from', share, 1)
    .option('--seed <n>', 'random seed for sampling', wholeNumber, 0)
    .option('--max-tokens <n>', 'token limit for every stage (default: the strategy’s, or 1024)', wholeNumber)
    .option('--step <n|last|best>', 'checkpoint of the run', 'last')
    .option('--set <file>', `${SET_HELP}; repeatable (default: the run’s evaluation sets)`, collect, [])
    .option(...VIEWS)
    .option('--limit <n>', 'maximum number of rows per set', wholeNumber)
    .option('--judge <address>', 'endpoint of a model that judges answers to yes/no and open questions')
    .option('--judge-model <name>', 'model name of the judge at its endpoint')
    .option(
      '--judge-prompt <name>',
      'prompt for yes/no questions: judge-paper, judge-with-question, or a file',
      'judge-paper',
    )
    .option(
      '--judge-key-env <name>',
      'environment variable with the judge’s key (default: the --key-env variable)',
    )
    .option(
      '--judge-price <in,out>',
      'the judge’s price per million prompt and completion tokens (default: --price, if only the judge is at an endpoint)',
      price,
    )
    .option(
      '--sbert [folder]',
      'add the similarity of answers and references; the encoder comes from the hub or this folder',
    )
    .option(
      '--metrics <file>',
      'your own metrics: a YAML file like the section evaluate.metrics of a config (default: those of the run)',
    )
    .option(
      '--controls <list>',
      'any of blind,shuffled: ask again without the picture, or with the names in the model’s own graphs shuffled',
      listOf(CONTROLS),
      [],
    )
    .option('--data-root <folder>', 'read no image outside this folder')
    .option(
      '--all',
      'print every figure, including those by kind of question and about form, and the answers given',
    )
    .option('--dry-run', 'ask only the first questions, and estimate the time and cost of all')
    .option('--json', 'print the results as JSON')
    .option('--endpoint <address>', 'evaluate a model at this chat-completions endpoint instead of a run')
    .addOption(
      new Option('--engine <name>', 'evaluate a local model instead of a run').choices(LOCAL_ENGINES),
    )
    .option(
      '--model <name>',
      'model name at the endpoint; with --engine, a folder or hub id; otherwise the run',
    );
  withEndpoint(command)
    .addHelpText(
      'after',
      `
Without --strategy, a run is asked as it was trained and other models are asked directly. Rows that lack something the
strategy needs are skipped and counted.

Examples:
  chirality eval demo
  chirality eval demo --step best --set val.qa.jsonl --views original,mirror,polarity
  chirality eval svqa --strategy scene-graph --n 4 --temperature 0.7
  chirality eval --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --set val.qa.jsonl
  chirality eval --engine torch --model models/paligemma2 --strategy describe --set val.qa.jsonl
  chirality eval --endpoint https://api.openai.com/v1 --model gpt-4o --price 2.5,10 --set val.qa.jsonl --dry-run

Results go to the run's eval/ folder, or for other models to evals/ beside the runs. After an interruption, the same
command continues where it stopped and asks nothing twice (docs/strategies.md).`,
    )
    .action(evaluateTarget);
  addRescoreCommand(command);
  addEvalAuditCommand(command);
}

async function evaluateTarget(run: string | undefined, flags: EvalFlags): Promise<void> {
  const isNamedAlone = flags.endpoint === undefined && flags.engine === undefined;
  const name = run ?? (isNamedAlone ? flags.model : undefined);
  if (run !== undefined && flags.model !== undefined)
    throw new UsageError('--model has no effect with a run: name one or the other.');
  const named = [name, flags.endpoint, flags.engine].filter((one) => one !== undefined);
  if (named.length !== 1) throw new UsageError('Name a run, or give an --endpoint, or an --engine.');
  if (flags.n > 1 && flags.temperature === 0)
    throw new UsageError('Greedy completions are all identical: with --n, set --temperature above 0.');
  const target = name === undefined ? await modelTarget(flags) : await runTarget(name, flags);
  await tellSets(target);
  if (flags.dryRun) {
    const judge = openJudge(flags);
    try {
      await tryTarget(target, flags.json ?? false, judge);
    } finally {
      await judge?.close();
      await target.close();
    }
    return;
  }
  const controls = controlStrategies(target.strategy, flags.controls);
  const judge = openJudge(flags);
  let encoder: Encoder | undefined;
  let metrics: OwnPrograms | undefined;
  const evaluate = (one: Target) => runTargetEvaluation(one, { judge, encoder, metrics });
  try {
    metrics = await openMetrics(flags.metrics === undefined ? target.programs : readMetrics(flags.metrics));
    if (flags.sbert !== undefined) encoder = await openEncoder(encoderConfig(flags.sbert));
    const evaluation = await evaluate(target);
    const { results, skipped, out } = evaluation;
    if (flags.json) printJson(results);
    else print(`${formatResults(results, flags.all ?? false)}\n\n${pathHere(out)}`);
    if (flags.json) note(`Rows and results: ${pathHere(out)}`);
    for (const line of nearChance(results)) tell(line);
    for (const [set, rates] of Object.entries(evaluation.uneven)) tell(unevenText(set, rates));
    for (const [reason, n] of Object.entries(skipped)) tell(`${n} skipped: ${reason}.`);
    const compared: [Control, string][] = [];
    for (const [name, strategy] of controls)
      compared.push([name, (await evaluate({ ...target, strategy, asTrained: false })).out]);
    if (compared.length > 0) tell(await compareControls(out, compared));
    for (const used of [target.used?.(), judge?.used()]) if (used !== undefined) tell(used);
    reportMissing(evaluation);
  } finally {
    await encoder?.close();
    await metrics?.close();
    await judge?.close();
    await target.close();
  }
}

const encoderConfig = (folder: string | boolean): EncoderConfig => ({
  encoder: 'minilm',
  ...(typeof folder === 'string' && { encoder_path: folder }),
});
