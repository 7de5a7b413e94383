import type { RunConfig } from '../../core/config/run-config.ts';
import type { OwnProgram } from '../../core/rewards/own.ts';
import { basename, resolve } from 'node:path';
import type { Strategy } from '../../core/prompts/strategy.ts';
import type { Sampler } from '../../engines/sampler.ts';
import type { EvaluationOptions } from '../../lab/evaluation/evaluation-plan.ts';
import { openStrategy } from '../../lab/strategies.ts';
import { openEndpoint, type OpenEndpoint } from '../open-endpoint.ts';
import { usage } from '../write-samples.ts';
import { judgePrompts } from '../../lab/open-judge.ts';
import type { Encoder } from '../../lab/encoders/encoder.ts';
import { openEncoder } from '../../lab/encoders/open-encoder.ts';
import type { Judge } from '../../lab/evaluation/judge.ts';
import { UsageError } from '../errors.ts';
import { requireFile } from '../input.ts';
import { requireRows } from '../print-usable.ts';
import type { Price } from '../values.ts';
import type { JudgeFlags, OptionsOf, withJudge } from '../command-options.ts';
import type { addEvalCommand } from '../commands/eval.command.ts';

/** Options of `chirality eval` that select the model, the rows and the sampling. */
export type EvalFlags = Omit<
  OptionsOf<typeof addEvalCommand>,
  'controls' | keyof OptionsOf<typeof withJudge>
>;

/** Model to evaluate: a checkpoint of a run, a local model, or a model behind an endpoint. */
export interface Target extends Omit<EvaluationOptions, 'judge' | 'encoder' | 'metrics'> {
  /** Custom metrics from the config of a run. */
  programs?: OwnProgram[];
  name: string;
  folder: string;
  /** Engine of a local model; undefined for endpoints. */
  engine?: RunConfig['engine'];
  /** Whether the training itself makes this evaluation. If so, the evaluation's name does not contain settings. */
  asTrained: boolean;
  open(): Promise<Sampler>;
  /** Returns the requests and tokens so far as text, for models that cost money. */
  used?(): string;
  /** Returns the cost of the answers so far; undefined if prices are unknown. */
  cost?(): number | undefined;
  price?: Price | undefined;
  close(): Promise<void>;
}

/** Opens a model at most once. Closes the model only if it was opened. */
export function openOnce<S extends { close(): Promise<void> }>(
  open: () => Promise<S>,
): Pick<Target, 'close'> & { open: () => Promise<S> } {
  let opened: Promise<S> | null = null;
  return {
    open: () => (opened ??= open()),
    close: async () => {
      await (await opened?.catch(() => null))?.close();
    },
  };
}

/** Reads a prompting strategy by name or file. `maxTokens`, if defined, applies to all its stages. */
export function readStrategy(nameOrPath: string, maxTokens: number | undefined): Strategy {
  const strategy = usage(() => openStrategy(nameOrPath));
  if (maxTokens === undefined) return strategy;
  return { ...strategy, stages: strategy.stages.map((stage) => ({ ...stage, max_tokens: maxTokens })) };
}

/** Opens a judge behind an endpoint; undefined if the user requested no judge. */
export function openJudge(
  flags: JudgeFlags & Pick<EvalFlags, 'endpoint'>,
):
  | (Judge & Pick<OpenEndpoint, 'signal' | 'close'> & { used(): string; cost(): number | undefined })
  | undefined {
  const {
    judge: address,
    judgeModel,
    judgePrompt,
    judgeRows,
    judgeKeyEnv,
    keyEnv,
    judgePrice,
    price,
    ...others
  } = flags;
  if (address === undefined) return undefined;
  if (judgeModel === undefined && address !== 'host')
    throw new UsageError('--judge requires --judge-model NAME, the name of the model on its server.');
  const prompts = usage(() => judgePrompts(judgePrompt));
  const key = judgeKeyEnv ?? keyEnv;
  // If the evaluated model is behind an endpoint, `--price` applies to the evaluated model, not to the judge.
  const ownPrice = judgePrice ?? (flags.endpoint === undefined ? price : undefined);
  const {
    sampler,
    describe,
    usage: used,
    signal,
    close,
  } = openEndpoint(address, judgeModel, {
    ...others,
    ...(key !== undefined && { keyEnv: key }),
    ...(ownPrice && { price: ownPrice }),
  });
  return {
    sampler,
    ...prompts,
    rows: judgeRows,
    signal,
    used: () => `judge: ${describe()}`,
    cost: () => used().cost,
    close,
  };
}

/** Opens the encoder of `--sbert`; undefined without this option. */
export const openSbert = ({ sbert: folder }: Pick<JudgeFlags, 'sbert'>): Promise<Encoder> | undefined =>
  folder === undefined
    ? undefined
    : openEncoder({ encoder: 'minilm', ...(typeof folder === 'string' && { encoder_path: folder }) });

/**
 * Returns the evaluation sets of `--set`, with absolute paths. Each string is the name of a set in the run's config, a
 * file, or `name=file`.
 * @param ownSets sets of the run's config. @throws UsageError
 */
export async function givenSets(
  list: readonly string[],
  ownSets: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const sets: Record<string, string> = {};
  for (const text of list) {
    if (Object.hasOwn(ownSets, text)) {
      sets[text] = ownSets[text]!;
      continue;
    }
    const [set, path] = text.includes('=') ? text.split(/=(.*)/s) : [setName(text), text];
    if (!set || !path) throw new UsageError(`--set must be a file or name=file, not "${text}".`);
    requireRows(path, /\.(?:json|csv|tsv|xlsx|parquet)$/i);
    await requireFile(path).catch((error: unknown) => {
      const names = Object.keys(ownSets).join(', ');
      if (!(error instanceof UsageError) || names === '') throw error;
      throw new UsageError(`${error.message}\n  Evaluation sets of the run: ${names}.`);
    });
    sets[set] = resolve(path);
  }
  return sets;
}

/** Returns the name of an evaluation set: the file's, or the folder's for a file called `data`, as in all worlds. */
export function setName(file: string): string {
  const name = basename(file).replace(/(?:\.qa)?\.\w+$/, '');
  return name === 'data' ? basename(resolve(file, '..')) : name;
}
