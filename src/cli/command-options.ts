import { atLeastOne, wholeNumber, seconds, price, listOf, asViews } from './values.ts';
import { type Command, type OptionValues, Option, InvalidArgumentError } from 'commander';
import type { MirrorSets } from '../core/evaluation/source-evaluation.ts';
import { TRUSTED } from '../lab/own/trust.ts';
import type { Judge } from '../lab/evaluation/judge.ts';

/** Description of the option that resumes a run without its checkpoints. */
export const FORCE = 'begin again if the checkpoints are missing, and discard all finished steps';

/** Returns a function that adds the same options, and arguments, to several commands. */
export const group =
  <N extends unknown[], O extends OptionValues, P extends unknown[]>(
    add: (command: Command, ...more: P) => Command<N, O>,
  ) =>
  <A extends unknown[], B extends Record<never, never>>(command: Command<A, B>, ...more: P) =>
    add(command as never, ...more) as unknown as Command<[...A, ...N], B & O>;

/** Options that a function adds, or the options of the command that it adds. */
export type OptionsOf<A extends (...args: never[]) => { opts(): unknown }> = ReturnType<
  ReturnType<A>['opts']
>;

/** Features that some servers lack, by their names in features.ts. */
const OPTIONAL = ['seed', 'stop', 'top-p', 'several-images', 'image'] as const;

export const withEndpoint = group((command) =>
  command
    .option(
      '--key-env <name>',
      'environment variable with the API key (default: CHIRALITY_API_KEY; never pass a key as an option)',
    )
    .option('--concurrency <n>', 'number of concurrent requests', atLeastOne, 4)
    .option('--retries <n>', 'number of retries, with increasing delays', wholeNumber, 5)
    .option('--timeout <seconds>', 'time limit per request, at most 300 seconds', seconds, 120)
    .option('--price <in,out>', 'price per million prompt and completion tokens, to report the cost', price)
    .option('--cache <folder>', 'folder for cached answers, which avoid repeated requests')
    .option('--no-cache', 'do not cache answers')
    .addOption(
      new Option('--image-format <name>', 'image format sent to the server')
        .choices(['png', 'jpeg'])
        .default('png'),
    )
    .option('--max-pixels <n>', 'downscale images that have more pixels than this', atLeastOne)
    .option('--video', 'send the frames of a clip as one video, for vLLM servers (needs ffmpeg)')
    .option(
      '--without <list>',
      `features that the server does not support, comma-separated: ${OPTIONAL.join(', ')}`,
      listOf(OPTIONAL),
    ),
);

/** A dry run measures real requests, so the cache is written but not read. */
export type EndpointFlags = OptionsOf<typeof withEndpoint> & { dryRun?: boolean };

/** Options of commands whose answers a judge scores or an encoder compares. */
export type JudgeFlags = OptionsOf<typeof withJudge> & EndpointFlags;

export const withJudge = group((command) =>
  command
    .option('--judge <address>', 'chat-completions endpoint of a judge model')
    .option('--judge-model <name>', 'model name of the judge at that endpoint')
    .addOption(
      new Option(
        '--judge-rows <which>',
        'answers to judge: all (every answer with BLEU and SBERT), or free (only yes/no and free text)',
      )
        .choices(['all', 'free'] satisfies Judge['rows'][])
        .default('all'),
    )
    .option(
      '--judge-prompt <name>',
      'judge prompt for yes/no questions: judge-paper, judge-with-question, or a prompt file',
      'judge-paper',
    )
    .option(
      '--judge-key-env <name>',
      'environment variable with the judge’s API key (default: the --key-env variable)',
    )
    .option(
      '--judge-price <in,out>',
      'price of the judge per million prompt and completion tokens (default: --price, if only the judge has an endpoint)',
      price,
    )
    .option(
      '--sbert [folder]',
      'compute SBERT similarity to the reference answers, with an encoder from the hub or from this folder',
    ),
);

export const withRewriter = group((command, prompt: string) =>
  withEndpoint(
    command
      .option('--llm <address>', 'chat-completions endpoint of a model that rewrites deferred rows')
      .option('--llm-model <name>', 'model name at the endpoint')
      .option('--prompt <name>', 'name of a built-in prompt, or a prompt file', prompt)
      .option('--max-tokens <n>', 'token limit per answer', wholeNumber, 1024),
  ),
);

/** Options of commands that ask a local or remote model. */
export type ModelFlags = OptionsOf<typeof withModel> & OptionsOf<typeof withRuns> & EndpointFlags;

export const withModel = group((command) =>
  command
    .option('--step <n|last|best>', 'checkpoint of the run', 'last')
    .option('--endpoint <address>', 'chat-completions endpoint of the models'),
);

/** Default folder of runs. The folder need not exist yet. */
export const RUNS_FOLDER = 'runs';

/** Adds the option `--runs` to a command. */
export const withRuns = group((command) =>
  command.option('--runs <folder>', 'folder with the runs', RUNS_FOLDER),
);

/** Adds the option `--run`, for commands that also read external runs. */
export const withSource = group((command) =>
  command.option('--run <name>', 'name of the run, if the folder contains several external runs'),
);

/** Adds the options for information that an external run did not record. */
export const withChoices = group((command) =>
  command
    .option('--right <reward>', 'for external runs: name of the reward that is 1 for correct completions')
    .option(
      '--data <file>',
      'for external runs: dataset with the images, reference answers and mirrors of the questions',
    )
    .option(
      '--mirror-of <set=mirror>',
      'for external evaluations: an evaluation set and its mirrored set, matched by row id',
      asMirrorSets,
    ),
);

function asMirrorSets(value: string): MirrorSets {
  const [original, mirror] = value.split(/=(.*)/s);
  if (!original || !mirror || original === mirror)
    throw new InvalidArgumentError(
      'The value must be set=mirror, with the names of two different evaluation sets.',
    );
  return { original, mirror };
}

const FORMATS = ['text', 'markdown', 'latex', 'csv', 'html', 'json'] as const;

export type Format = (typeof FORMATS)[number];

export type FormatOptions = OptionsOf<typeof withFormats>;

export type PrintOptions = OptionsOf<typeof withPrinting>;

/** Adds the options of all commands that print a report or write it to a file. */
export const withPrinting = group((command) =>
  withFormats(command, 'by the file extension, or markdown').option(
    '-o, --output <file>',
    'output file (default: standard output)',
  ),
);

/** Adds the options of commands that print a report. @param byDefault description of the default format */
export const withFormats = group((command, byDefault: string) =>
  command
    .addOption(new Option('--format <format>', `output format (default: ${byDefault})`).choices(FORMATS))
    .option('--table <id>', 'id of the only table to print; --format json lists the ids')
    .option('--all', 'print the whole report as LaTeX, not only its main table')
    .option('--figures <folder>', 'also write every chart to this folder, as SVG and PNG'),
);

/** Option `--views` of commands that evaluate a model in several views. */
export const VIEWS = [
  '--views <list>',
  'views, comma-separated, for example original,mirror,rotate:180 (docs/views.md; default: original,mirror)',
  asViews,
] as const;

export const SET_HELP = 'evaluation set: a *.qa.jsonl file, name=file, or the name of one of the run’s sets';

/** Options of all commands that analyse a model on the rows of an evaluation set. */
export type InsightFlags = OptionsOf<typeof withInsight> & { step: string; strategy?: string | undefined };

export const MODEL_HELP = 'a run, a checkpoint folder or a model folder';

/** Adds the options of commands that analyse a model. */
export const withInsight = group((command) =>
  withResults(withSet(withRuns(command), 'the first evaluation set'))
    .option('--limit <n>', 'maximum number of rows, from the start of the file', atLeastOne)
    .option('--max-tokens <n>', 'token limit for stages without a limit', wholeNumber),
);

export const withResults = group((command) =>
  withFormats(
    command.option('-o, --output <folder>', 'output folder (default: insight/ in the run folder)'),
    'text',
  ).option('--json', 'print the results as JSON'),
);

/* Option of commands that take one or several checkpoints. */
export const STEP = ['--step <n|last|best>', 'checkpoint of the run'] as const;

export const STRATEGY = [
  '--strategy <name>',
  'prompting strategy: a name, a file, or trained (the strategy used in training)',
] as const;

/* Options of commands that evaluate a model of any kind. */
export const MODEL_STRATEGY = [
  '--strategy <name>',
  'prompting strategy (default: the one used in training, or direct for other models)',
] as const;

export const STAGE_TOKENS = [
  '--max-tokens <n>',
  'token limit per stage (default: the limit of the strategy, or 1024)',
  wholeNumber,
] as const;

/** Adds the options for selecting rows. @param byDefault description of the sets that are used without `--set` */
export const withSet = group((command, byDefault: string) =>
  command
    .option(
      '--set <file>',
      `a *.qa.jsonl file, or the name of one of the run’s evaluation sets (default: ${byDefault})`,
    )
    .option('--data-root <folder>', 'read images only from this folder'),
);

export type GalleryFlags = OptionsOf<typeof withGallery>;

export const withGallery = group((command) =>
  withSource(withRuns(command))
    .argument('[run...]', 'run names or folders (default: all runs)')
    .option('--title <text>', 'title of the first page', 'Runs')
    .option(
      '--data-root <folder>',
      'folder that image paths are relative to (default: the recorded folder, if it is inside the current folder)',
    ),
);

/** Adds the option of all commands that start programs from a config. */
export const withTrust = group((command) =>
  command
    .option(
      '--trust <hashes>',
      'allow custom rewards and metrics with these hashes to run (docs/training.md)',
    )
    .hook('preAction', (command) => {
      const { trust } = command.opts();
      // Pass the value of `--trust` to child processes through the environment.
      if (trust !== undefined) process.env[TRUSTED] = [process.env[TRUSTED], trust].filter(Boolean).join(',');
    }),
);

/** Defers loading an action until its command is called, so that help and usage errors appear fast. */
export const later =
  <A extends unknown[]>(load: () => Promise<(...args: A) => unknown>) =>
  async (...args: A): Promise<void> => {
    const run = await load();
    await run(...args);
  };

export const HARNESSES = ['inspect', 'lmms-eval', 'vlmevalkit'] as const;

export type Harness = (typeof HARNESSES)[number];
