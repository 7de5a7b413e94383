import { type Price, atLeastOne, wholeNumber, seconds, price, listOf, asViews } from './values.ts';
import type { Feature } from '../engines/sampler.ts';
import { type Command, Option, InvalidArgumentError } from 'commander';
import type { MirrorSets } from '../core/evaluation/source-evaluation.ts';
import { TRUSTED } from '../lab/own/trust.ts';
import type { Judge } from '../lab/evaluation/judge.ts';

/** Options of every command that asks an endpoint. */
export interface EndpointFlags {
  keyEnv?: string;
  concurrency: number;
  retries: number;
  timeout: number;
  price?: Price;
  /** What is asked is measured, so the cache is written and not read. */
  dryRun?: boolean;
  cache: string | boolean;
  imageFormat: 'png' | 'jpeg';
  maxPixels?: number;
  video?: true;
  without?: Feature[];
}

/** Features that some servers lack, by their names in features.ts. */
const OPTIONAL = ['seed', 'stop', 'top-p', 'several-images', 'image'] as const;

export function withEndpoint(command: Command): Command {
  return command
    .option(
      '--key-env <name>',
      'environment variable with the API key (default: CHIRALITY_API_KEY; never pass a key as an option)',
    )
    .option('--concurrency <n>', 'number of concurrent requests', atLeastOne, 4)
    .option('--retries <n>', 'number of retries, with growing delays', wholeNumber, 5)
    .option('--timeout <seconds>', 'time limit per request, at most 300', seconds, 120)
    .option('--price <in,out>', 'price per million prompt and completion tokens, to report the cost', price)
    .option('--cache <folder>', 'folder that caches answers, so that repeated requests cost nothing')
    .option('--no-cache', 'do not cache answers')
    .addOption(
      new Option('--image-format <name>', 'image format sent to the server')
        .choices(['png', 'jpeg'])
        .default('png'),
    )
    .option('--max-pixels <n>', 'scale down images with more pixels', atLeastOne)
    .option('--video', 'send the frames of a clip as one video, which vLLM takes (needs ffmpeg)')
    .option('--without <list>', `features the server lacks: ${OPTIONAL.join(', ')}`, listOf(OPTIONAL));
}

/** Options of the commands that have answers judged by a model, or compared by an encoder. */
export interface JudgeFlags extends EndpointFlags {
  judge?: string;
  judgeModel?: string;
  judgePrompt: string;
  judgeRows: Judge['rows'];
  judgeKeyEnv?: string;
  judgePrice?: Price;
  sbert?: string | boolean;
}

export function withJudge(command: Command): Command {
  return command
    .option('--judge <address>', 'endpoint of a model that judges answers')
    .option('--judge-model <name>', 'model name of the judge at its endpoint')
    .addOption(
      new Option(
        '--judge-rows <which>',
        'answers to judge: all that BLEU and SBERT are of, or free (yes/no and free text alone)',
      )
        .choices(['all', 'free'] satisfies Judge['rows'][])
        .default('all'),
    )
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
    );
}

/** Options of the commands that let a language model rewrite what the rules defer. */
export interface RewriterFlags extends EndpointFlags {
  llm?: string;
  llmModel?: string;
  prompt: string;
  maxTokens: number;
}

export function withRewriter(command: Command, prompt: string): Command {
  return withEndpoint(
    command
      .option('--llm <address>', 'chat-completions endpoint that rewrites the rows the rules cannot decide')
      .option('--llm-model <name>', 'model name at the endpoint')
      .option('--prompt <name>', 'name of a built-in prompt, or a prompt file', prompt)
      .option('--max-tokens <n>', 'token limit for the model’s answer', wholeNumber, 1024),
  );
}

/** Options of commands that ask a model, local or remote. */
export interface ModelFlags extends EndpointFlags {
  runs: string;
  endpoint?: string;
  step: string;
}

export const withModel = (command: Command): Command =>
  command
    .option('--step <n|last|best>', 'checkpoint of the run', 'last')
    .option('--endpoint <address>', 'ask models at this chat-completions endpoint');

/** The folder of runs where `--runs` is not passed. It need not exist yet. */
export const RUNS_FOLDER = 'runs';

/** Adds the option that every command about runs has. */
export const withRuns = (command: Command): Command =>
  command.option('--runs <folder>', 'folder with the runs', RUNS_FOLDER);

/** Adds the option of all commands that also read folders of other programs. */
export const withSource = (command: Command): Command =>
  command.option('--run <name>', 'name of the run, if the folder holds several runs of another trainer');

/** What the user says about an external run. */
export interface ChoiceOptions {
  right?: string;
  data?: string;
  mirrorOf?: MirrorSets;
}

/** Adds the options by which the user supplies what another program did not record. */
export const withChoices = (command: Command): Command =>
  command
    .option('--right <reward>', 'for another trainer’s run: the reward whose value 1 means right')
    .option(
      '--data <file>',
      'for another trainer’s run: a dataset with the images, references and mirrors of its questions',
    )
    .option(
      '--mirror-of <set=mirror>',
      'for another program’s evaluation: the second set asks the mirrors of the first one’s questions, by id',
      asMirrorSets,
    );

function asMirrorSets(value: string): MirrorSets {
  const [original, mirror] = value.split(/=(.*)/s);
  if (!original || !mirror || original === mirror)
    throw new InvalidArgumentError('It takes set=mirror: the names of two sets of the evaluation.');
  return { original, mirror };
}

const FORMATS = ['text', 'markdown', 'latex', 'csv', 'html', 'json'] as const;

export type Format = (typeof FORMATS)[number];

export interface FormatOptions {
  format?: Format | undefined;
  table?: string | undefined;
  all?: boolean | undefined;
  figures?: string | undefined;
}

export interface PrintOptions extends FormatOptions {
  output?: string;
}

/** Adds the options of all commands that print a report or write it to a file. */
export const withPrinting = (command: Command): Command =>
  withFormats(command, 'by the file extension, or markdown').option(
    '-o, --output <file>',
    'output file (default: standard output)',
  );

/** Adds the options of commands that print a report. @param byDefault the default format, in words */
export const withFormats = (command: Command, byDefault: string): Command =>
  command
    .addOption(new Option('--format <format>', `output format (default: ${byDefault})`).choices(FORMATS))
    .option('--table <id>', 'the one table to print, by its id; --format json shows the ids')
    .option('--all', 'with latex, the whole report, not only its main table')
    .option('--figures <folder>', 'also write every chart into this folder, as SVG and PNG');

/** The option of commands that ask a model in several views. */
export const VIEWS = [
  '--views <list>',
  'ids of views (docs/views.md), as original,mirror,rotate:180 (default: original,mirror)',
  asViews,
] as const;

export const SET_HELP =
  'set to ask, a *.qa.jsonl file or name=file (otherwise named after its file), or the name of one of the run’s sets';

/** The options of all commands that look into a model for a set of rows. */
export interface InsightFlags extends SetFlags, FormatOptions {
  runs: string;
  step: string;
  limit?: number;
  strategy?: string;
  maxTokens?: number;
  output?: string;
  json?: boolean;
}

/** Adds the options. @param model the argument that names one model, or several */
export const withInsight = (command: Command, model = '<model>'): Command =>
  withResults(
    withSet(
      withRuns(command).argument(model, 'a run, a checkpoint folder or a model folder'),
      'the first of them',
    ),
  )
    .option('--limit <n>', 'maximum number of rows, from the start of the file', atLeastOne)
    .option('--max-tokens <n>', 'token limit for every stage without one of its own', wholeNumber);

/** Adds the options that say where the results go, and how they are printed. */
export const withResults = (command: Command): Command =>
  withFormats(
    command.option(
      '-o, --output <folder>',
      'folder to write to (default: insight/ in the folder of the run)',
    ),
    'text',
  ).option('--json', 'print the results as JSON');

/* Options of commands that take one checkpoint and strategy, or several. */
export const STEP = ['--step <n|last|best>', 'checkpoint of the run'] as const;

export const STRATEGY = [
  '--strategy <name>',
  'how to ask: a strategy name or file, or trained: as the run was trained',
] as const;

/** Options that name the rows to look at. */
export interface SetFlags {
  set?: string;
  dataRoot?: string;
}

/** Adds the options. @param byDefault which of a run's sets are used without `--set` */
export const withSet = (command: Command, byDefault: string): Command =>
  command
    .option(
      '--set <file>',
      `a *.qa.jsonl file, or the name of one of the run’s evaluation sets (default: ${byDefault})`,
    )
    .option('--data-root <folder>', 'read no image outside this folder');

export interface GalleryFlags {
  runs: string;
  run?: string;
  title: string;
  dataRoot?: string;
}

/** The options of commands that make a gallery of runs. */
export const withGallery = (command: Command): Command =>
  withSource(withRuns(command))
    .argument('[run...]', 'run names or folders (default: every run)')
    .option('--title <text>', 'title of the first page', 'Runs')
    .option(
      '--data-root <folder>',
      'the folder that images are relative to (default: the recorded one, if it is inside this folder)',
    );

/** Adds the option of all commands that start programs which a config brings along. */
export const withTrust = (command: Command): Command =>
  command
    .option(
      '--trust <hashes>',
      'allow the config’s own programs with these hashes to start (docs/own-rewards.md)',
    )
    .hook('preAction', (command) => {
      const { trust } = command.opts<{ trust?: string }>();
      // The processes that this one starts have it, too.
      if (trust !== undefined) process.env[TRUSTED] = [process.env[TRUSTED], trust].filter(Boolean).join(',');
    });

/** Loads what a command does when it is called: its help, and a typo, need not wait for that. */
export const later =
  <A extends unknown[]>(load: () => Promise<(...args: A) => unknown>) =>
  async (...args: A): Promise<void> => {
    const run = await load();
    await run(...args);
  };

export const HARNESSES = ['inspect', 'lmms-eval', 'vlmevalkit'] as const;

export type Harness = (typeof HARNESSES)[number];
