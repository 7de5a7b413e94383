import type { CommandUnknownOpts as Command } from 'commander';
import { UsageError } from './errors.ts';

/** Rules for options that have no effect without, or in combination with, other options. */
interface Rules {
  /** For each option, a list of options: the option has no effect unless at least one of them is set. */
  needs?: Readonly<Record<string, readonly string[]>>;
  /** For each option, the options that have no effect in combination with it. */
  excludes?: Readonly<Record<string, readonly string[]>>;
}

/** Options that apply only to endpoints. The option for image scaling also applies to local models. */
const OF_ENDPOINT = 'keyEnv concurrency retries timeout price cache imageFormat video without'.split(' ');
const ofEndpoint = (...openers: string[]): Record<string, readonly string[]> =>
  Object.fromEntries(OF_ENDPOINT.map((name) => [name, openers]));

/** Options of a language model that rewrites rows. */
const OF_REWRITER = {
  llmModel: ['llm'],
  prompt: ['llm'],
  maxTokens: ['llm'],
  maxPixels: ['llm'],
  ...ofEndpoint('llm'),
};
/** Options without effect with `--json`, because results as JSON have no document format. */
const AS_JSON = { json: ['format', 'table', 'all', 'figures'] };

const OF_JUDGE = Object.fromEntries(
  ['judgeModel', 'judgePrompt', 'judgeRows', 'judgeKeyEnv', 'judgePrice'].map((name) => [name, ['judge']]),
);

/** Options of `acuity` for asking models. */
const OF_ASKING = ['endpoint', 'engine', 'model', 'step', 'strategy', 'maxTokens', 'adaptive', 'limit'];

/** Rules for the options of a benchmark that ask a model. */
const OF_BENCHMARK: Rules = {
  needs: { maxPixels: ['endpoint', 'engine'], ...ofEndpoint('endpoint') },
  excludes: { endpoint: ['step', 'engine'], engine: ['step'] },
};

export const LISTING = ['where', 'text', 'sort', 'limit'];

/** Rules by command, with the attribute names of options. */
const RULES: Readonly<Record<string, Rules>> = {
  acuity: {
    needs: { precision: ['adaptive'], maxPixels: ['endpoint', 'engine'], ...ofEndpoint('endpoint') },
    excludes: {
      adaptive: ['blocks', 'quick'],
      quick: ['blocks'],
      endpoint: ['step', 'engine'],
      engine: ['step'],
      map: ['adaptive', 'quick'],
      rowsOnly: ['answers', 'asymptotes', ...OF_ASKING],
      answers: OF_ASKING,
    },
  },
  ask: {
    needs: { topP: ['temperature', 'n'], seed: ['temperature', 'n'], ...ofEndpoint('endpoint') },
    excludes: { endpoint: ['step'] },
  },
  convert: { needs: { prompt: ['to'], seed: ['sample', 'split'] }, excludes: { map: ['from'] } },
  eval: {
    needs: {
      topP: ['temperature'],
      seed: ['temperature'],
      ...OF_JUDGE,
      maxPixels: ['endpoint', 'engine', 'judge'],
      ...ofEndpoint('endpoint', 'judge'),
    },
    excludes: {
      endpoint: ['step'],
      engine: ['step'],
      json: ['all'],
      dryRun: ['all', 'sbert', 'metrics', 'controls'],
    },
  },
  'eval rescore': { needs: { ...OF_JUDGE, maxPixels: ['judge'], ...ofEndpoint('judge') } },
  score: {
    needs: { ...OF_JUDGE, maxPixels: ['judge'], ...ofEndpoint('judge') },
  },
  'benchmark consistency': OF_BENCHMARK,
  'benchmark motion': OF_BENCHMARK,
  export: { excludes: { anonymous: ['step', 'merged'] } },
  'inspect attention': { excludes: AS_JSON },
  'inspect row': { needs: { general: ['relative'] }, excludes: { endpoint: ['step'], ...AS_JSON } },
  'view mirror': {
    needs: {
      seed: ['share', 'strategy'],
      dataRoot: ['writeImages', 'bothImages'],
      verify: ['llm'],
      bothImages: ['llm'],
      ...OF_REWRITER,
    },
  },
  'inspect patch': { excludes: AS_JSON },
  'view polarity': { needs: OF_REWRITER },
  'inspect probe': { excludes: AS_JSON },
  report: { excludes: { json: ['format'] } },
  review: { needs: { note: ['accept', 'discard', 'reopen', 'edit', 'settle'] } },
  sweep: {
    excludes: {
      print: ['small', 'name', 'seeds', 'devices', 'dryRun', 'detach', 'json'],
      dryRun: ['detach'],
    },
  },
  trace: {
    needs: {
      descending: ['sort'],
      figure: ['pair'],
      beside: ['figure'],
      dataRoot: ['figure'],
      sees: ['figure'],
    },
    excludes: { figure: ['json', 'whatIf'], pair: LISTING, whatIf: [...LISTING, 'eval'] },
  },
  train: { excludes: { dryRun: ['detach', 'name', 'resume'] } },
  'view add': { needs: { dataRoot: ['writeImages'] } },
};

export const isGiven = (command: Command) => (name: string) => command.getOptionValueSource(name) === 'cli';

/**
 * Returns whether a value enables dependent options. Temperature 0 and a single answer disable sampling; pair 0 is a
 * valid pair.
 */
const isOn = (name: string, value: unknown): boolean => value !== { temperature: 0, n: 1 }[name];

/** Returns the name of an option as the user passed it: `--cache` or `--no-cache`. */
const longName = (command: Command) => (name: string) =>
  command.options.find(
    (option) => option.attributeName() === name && option.negate === (command.getOptionValue(name) === false),
  )!.long!;

/** Rejects options that have no effect next to another argument. @param beside text such as `with cards` */
export function refuseBeside(command: Command, names: readonly string[], beside: string): void {
  const given = names.find(isGiven(command));
  if (given !== undefined) throw new UsageError(`${longName(command)(given)} has no effect ${beside}.`);
}

/**
 * Rejects an option without effect, because its user expects an effect. @throws UsageError with the option, and the
 * option that enables or disables it
 */
export function refuseWithoutEffect(command: Command): void {
  const names: string[] = [];
  for (let parent: Command | null = command; parent?.parent; parent = parent.parent)
    names.unshift(parent.name());
  const { needs = {}, excludes = {} } = RULES[names.join(' ')] ?? {};
  const [given, long] = [isGiven(command), longName(command)];
  for (const [name, openers] of Object.entries(needs))
    if (!openers.some((opener) => given(opener) && isOn(opener, command.getOptionValue(opener))))
      refuseBeside(command, [name], `without ${openers.map(long).join(' or ')}`);
  for (const [name, others] of Object.entries(excludes))
    if (given(name)) refuseBeside(command, others, `with ${long(name)}`);
}
