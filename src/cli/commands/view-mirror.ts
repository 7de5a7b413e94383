import { dirname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { Random } from '../../core/random.ts';
import { printable } from '../../core/printable.ts';
import { mirrorSample, type MirrorOptions, type Strategy } from '../../core/views/mirror/mirror-sample.ts';
import { readingOf } from '../../core/read/reading.ts';
import type { MirrorVariant, Sample } from '../../core/sample/sample.ts';
import { isTrusted } from '../../core/sample/variant.ts';
import { defaultDataRoot, ImageFiles } from '../../lab/datasets/image-files.ts';
import { isDecided, mirrorRow, NO_RULES } from '../../lab/recipes/rewrite-data-set.ts';
import { ViewImages } from '../view-images.ts';
import { statusLines, RewrittenTally, tallyLines, type RewrittenSummary } from '../tally.ts';
import { openRewriter, tellRewritten, withRewriter, type RewriterFlags } from '../rewriter.ts';
import { isNamed, requireFile, rootOf, share } from '../input.ts';
import { transformSamples, type Told } from '../samples.ts';
import { tell } from '../print.ts';
import { MIRROR } from '../../core/view-list.ts';

interface Flags extends RewriterFlags {
  output?: string;
  strategy: Strategy;
  seed: string;
  share?: number;
  explain?: true;
  writeImages?: string;
  dataRoot?: string;
  verify?: string | true;
  bothImages?: true;
  json?: true;
}

/**
 * `chirality view mirror`: adds the mirrored form of every row, by rules, or by a language model for rows that the rules
 * defer.
 */
export function addMirrorCommand(program: Command): void {
  const command = program
    .command('mirror')
    .description(
      'Add the mirrored question and answer (variants.mirror) to every row, by rules and optionally a language model.',
    )
    .argument('[file]', 'rows to mirror (*.qa.jsonl) (default: standard input)')
    .option('-o, --output <file>', 'output file (default: standard output)')
    .addOption(
      new Option('--strategy <name>', 'how the text follows the mirrored picture')
        .choices(['swap-words', 'keep-question', 'mix'])
        .default('swap-words'),
    )
    .option('--share <s>', 'keep the mirrors of only this share of rows, drawn by seed and id', share)
    .option('--seed <seed>', 'random seed for --strategy mix and --share', '0')
    .option(
      '--explain',
      'explain on standard error which words of each row changed or stayed, and by which rule',
    )
    .option(
      '--write-images <folder>',
      'write mirror images to this folder, under the same relative paths as in the rows',
    )
    .option('--data-root <folder>', 'read no image outside this folder')
    .option('--json', 'print the summary as JSON')
    .option(
      '--verify [name]',
      'ask the model a second time with a verification prompt, and compare (default: flip-verify)',
    )
    .option('--both-images', 'show the model both the picture and its mirror image');
  withRewriter(command, 'flip-naive')
    .addHelpText(
      'after',
      `
Examples:
  chirality view mirror data.qa.jsonl -o mirrored.qa.jsonl
  chirality view mirror data.qa.jsonl --explain > /dev/null
  chirality view mirror data.qa.jsonl -o mirrored.qa.jsonl --write-images mirrored/
  head -100 data.qa.jsonl | chirality view mirror --strategy mix --seed 7 -o mixed.qa.jsonl
  chirality view mirror data.qa.jsonl --llm http://localhost:8000/v1 --llm-model Qwen/Qwen3-8B --verify -o mirrored.qa.jsonl

Training and evaluation mirror pictures as they read them; --write-images is for other programs. JPEG cannot be
mirrored without loss and is written at quality 95.
Rows the rules cannot decide become needs_llm or discard and are never trained on (docs/mirror.md). With --llm, a
language model rewrites needs_llm rows; its rewrites pass the same checks or wait for chirality review (docs/review.md).
Answers are cached, so an interrupted command continues where it stopped. Rows that have been reviewed stay unchanged.
The summary goes to standard error.`,
    )
    .action(mirror);
}

/** What becomes of the mirror of a row that --share does not draw. */
const LEFT_OUT = { status: 'discard', reason: 'Left out by --share.' } as const;

async function mirror(file: string | undefined, flags: Flags): Promise<void> {
  const random = Random.from(flags.seed);
  const options: MirrorOptions =
    flags.strategy === 'mix' ? { strategy: 'mix', random } : { strategy: flags.strategy };
  const { images, from } = await openImages(file, flags);
  const written = flags.writeImages === undefined ? null : new ViewImages(images, from, flags.writeImages);
  const verify = flags.verify === true ? 'flip-verify' : (flags.verify ?? null);
  const model = openRewriter(flags, verify, flags.bothImages ? images : null);
  const tally = new RewrittenTally();

  const mirrorOne = async (sample: Sample, told: Told) => {
    const before = sample.variants?.mirror;
    if (!isDecided(before) && !Random.from(`${flags.seed}/${sample.id}`).chance(flags.share ?? 1)) {
      tally.addLeftOut(LEFT_OUT);
      const mirror = { ...mirrorSample(sample), ...LEFT_OUT };
      return { ...sample, variants: { ...sample.variants, mirror } };
    }
    const kept = isDecided(before) ? { ...NO_RULES, ...before! } : null;
    const variant = kept ?? (await told(mirrorRow(sample, options, model))) ?? mirrorSample(sample);
    tally.add(variant, kept !== null);
    if (flags.explain) tell(explain(sample, variant));
    for (const image of written && isTrusted(variant) ? sample.images : []) await told(written!.write(image));
    return { ...sample, variants: { ...sample.variants, mirror: variant } };
  };

  try {
    const limit = model ? 2 * flags.concurrency : 1;
    const counts = await transformSamples(file, flags.output, MIRROR, mirrorOne, { atOnce: limit });
    const summary = {
      ...counts,
      ...(written && { images: written.written, inexact_images: written.inexact }),
      ...tally.summary(),
    };
    tellRewritten(summary, describe, flags, tally, model);
  } finally {
    await model?.endpoint.close();
    await images.close();
  }
}

/**
 * Opens the pictures of rows, whose references are relative to the folder of the output, as transformSamples makes them.
 * @returns the folder of the rows that are read, too
 */
export async function openImages(
  file: string | undefined,
  flags: { dataRoot?: string; output?: string },
): Promise<{ images: ImageFiles; from: string }> {
  const named = isNamed(file) ? file : undefined;
  if (named !== undefined) await requireFile(named);
  const root = await rootOf(flags.dataRoot ?? defaultDataRoot(named));
  const rows = named !== undefined && isNamed(flags.output) ? flags.output : named;
  const folder = rows === undefined ? process.cwd() : dirname(resolve(rows));
  const from = named === undefined ? process.cwd() : dirname(resolve(named));
  return { images: new ImageFiles(folder, root), from };
}

interface Summary extends RewrittenSummary {
  rows: number;
  images?: number;
  inexact_images?: number;
  bad: number;
}

function describe(summary: Summary): string {
  const { images, inexact_images: inexact, rules } = summary;
  return [
    ...statusLines(summary, 'mirrored'),
    ...(images === undefined ? [] : [`${images} images written, ${inexact ?? 0} of them as JPEG`]),
    'rules (rows in which each was used)',
    ...tallyLines(rules),
  ].join('\n');
}

/** The row's id and outcome, then a line for every word or number that was examined, with its field and place. */
function explain(sample: Sample, variant: MirrorVariant): string {
  const own: Record<string, unknown> = { ...variant };
  variant.choices?.forEach((choice, i) => (own[`choices[${i}]`] = choice));
  // With keep-question, some fields were not rewritten word by word.
  const used = Object.entries(readingOf(sample).sides).filter(([field, read]) => read.text === own[field]);
  const edits = used.flatMap(([field, read]) =>
    [...read.changes, ...read.kept]
      .sort((a, b) => a.start - b.start)
      .map(({ start, end, from, to, rule }) => {
        const change = from === to ? `"${from}" stays` : `"${from}" → "${to}"`;
        return `  ${field} ${start}–${end}: ${printable(change)} (${rule})`;
      }),
  );
  const head = `${printable(sample.id)}: ${variant.status}${variant.rules.length > 0 ? ` (${variant.rules.join(', ')})` : ''}`;
  const written =
    variant.route === 'llm' ? [`  → ${printable(`${variant.question} ${variant.answer}`)}`] : [];
  return [head, ...edits, ...written, ...(variant.reason ? [`  ${printable(variant.reason)}`] : [])].join(
    '\n',
  );
}
