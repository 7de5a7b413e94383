import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { Random } from '../../core/random.ts';
import { mirrorSample, type MirrorOptions, type Strategy } from '../../core/spatial/mirror/mirror-sample.ts';
import { rewriteSample } from '../../core/spatial/mirror/rewrite.ts';
import type { MirrorVariant, Sample } from '../../core/spatial/sample.ts';
import { isTrusted } from '../../core/spatial/view.ts';
import { DataError } from '../../lab/datasets/data-error.ts';
import { defaultDataRoot, ImageFiles } from '../../lab/datasets/image-files.ts';
import { UsageError } from '../errors.ts';
import { MirrorImages } from '../mirror-images.ts';
import { formatProblem, inputName, isNamed, transformSamples } from '../samples.ts';

interface Flags {
  output?: string;
  strategy: Strategy;
  seed: string;
  explain?: true;
  writeImages?: string;
  dataRoot?: string;
  json?: true;
}

/** `chirality mirror`: adds the mirrored form of every row, by rules. */
export function addMirrorCommand(program: Command): void {
  program
    .command('mirror')
    .description('Add the mirrored question and answer (variants.mirror) to every row, by rules.')
    .argument('[file]', 'rows to mirror (*.qa.jsonl); standard input without it')
    .option('-o, --output <file>', 'where to write; standard output without it')
    .addOption(
      new Option('--strategy <name>', 'what follows the picture')
        .choices(['swap-words', 'keep-question', 'mix'])
        .default('swap-words'),
    )
    .option('--seed <text>', 'seed of --strategy mix', '0')
    .option('--explain', 'say for every row which word changed or stayed, by which rule, on standard error')
    .option('--write-images <folder>', 'write the mirror images of mirrored rows there, at the same paths')
    .option('--data-root <folder>', 'the folder outside of which no image is read')
    .option('--json', 'the summary as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  chirality mirror data.qa.jsonl -o mirrored.qa.jsonl
  chirality mirror data.qa.jsonl --explain > /dev/null
  chirality mirror data.qa.jsonl -o mirrored.qa.jsonl --write-images mirrored/
  head -100 data.qa.jsonl | chirality mirror --strategy mix --seed 7 -o mixed.qa.jsonl

Training and evaluation mirror pictures as they read them; --write-images is for other programs. JPEG has no lossless
mirror and is written at quality 95.
Rows that rules cannot decide become needs_llm or discard and are never trained on (docs/mirror.md).
The summary goes to standard error.`,
    )
    .action(mirror);
}

async function mirror(file: string | undefined, flags: Flags): Promise<void> {
  const random = Random.from(flags.seed);
  const options: MirrorOptions =
    flags.strategy === 'mix' ? { strategy: 'mix', random } : { strategy: flags.strategy };
  const statuses = new Map<string, number>();
  const rules = new Map<string, number>();
  const images = flags.writeImages === undefined ? null : await openImages(file, flags);
  let unreadable = 0;
  const counts = await transformSamples(file, flags.output, 'mirror', async (sample, line) => {
    const variant = mirrorSample(sample, options);
    count(statuses, variant.status);
    for (const rule of variant.rules) count(rules, rule);
    if (flags.explain) console.error(explain(sample, variant));
    for (const image of images && isTrusted(variant) ? sample.images : []) {
      await images!.write(image).catch((error: unknown) => {
        if (!(error instanceof DataError)) throw error;
        unreadable += 1;
        console.error(formatProblem(inputName(file), line, error.problem));
      });
    }
    return { ...sample, variants: { ...sample.variants, mirror: variant } };
  });
  await images?.close();
  const byCount = (table: Map<string, number>) =>
    Object.fromEntries([...table].sort(([, a], [, b]) => b - a));
  const written = images && { images: images.written, inexact_images: images.inexact };
  const summary = { ...counts, ...written, status: byCount(statuses), rules: byCount(rules) };
  console.error(flags.json ? JSON.stringify(summary) : describe(summary));
  if (counts.bad + unreadable > 0) process.exitCode = 1;
}

/** References are relative to the folder of the rows that are written, as transformSamples gives them. */
async function openImages(file: string | undefined, flags: Flags): Promise<MirrorImages> {
  const named = isNamed(file) ? file : undefined;
  const root = await realpath(flags.dataRoot ?? defaultDataRoot(named)).catch(() => {
    throw new UsageError(`--data-root: there is no folder ${flags.dataRoot}.`);
  });
  const rows = named !== undefined && isNamed(flags.output) ? flags.output : named;
  const images = new ImageFiles(rows === undefined ? process.cwd() : dirname(resolve(rows)), root);
  return new MirrorImages(images, root, flags.writeImages!);
}

const count = (table: Map<string, number>, key: string): void => {
  table.set(key, (table.get(key) ?? 0) + 1);
};

interface Summary {
  rows: number;
  images?: number;
  inexact_images?: number;
  bad: number;
  status: Record<string, number>;
  rules: Record<string, number>;
}

function describe({ rows, bad, images, inexact_images: inexact, status, rules }: Summary): string {
  const list = (table: Record<string, number>) =>
    Object.entries(table).map(([name, n]) => `  ${String(n).padStart(8)}  ${name}`);
  const share = (((status.flipped ?? 0) + (status.invariant ?? 0)) / Math.max(rows - bad, 1)) * 100;
  return [
    `${rows} rows${bad ? `, ${bad} of them bad` : ''}; ${share.toFixed(1)} % mirrored by rules`,
    ...list(status),
    ...(images === undefined ? [] : [`${images} images written, ${inexact ?? 0} of them as JPEG`]),
    'rules (rows in which each was used)',
    ...list(rules),
  ].join('\n');
}

/** The row's id and outcome, then a line for every word or number that was looked at, with its field and place. */
function explain(sample: Sample, variant: MirrorVariant): string {
  const { texts } = rewriteSample(sample);
  const own: Record<string, unknown> = { ...variant };
  variant.choices?.forEach((choice, i) => (own[`choices[${i}]`] = choice));
  // Under keep-question some fields were not rewritten word by word.
  const used = Object.entries(texts).filter(([field, read]) => read.text === own[field]);
  const edits = used.flatMap(([field, read]) =>
    [...read.changes, ...read.kept]
      .sort((a, b) => a.start - b.start)
      .map(({ start, end, from, to, rule }) => {
        const change = from === to ? `"${from}" stays` : `"${from}" → "${to}"`;
        return `  ${field} ${start}–${end}: ${change} (${rule})`;
      }),
  );
  const head = `${sample.id}: ${variant.status}${variant.rules.length > 0 ? ` (${variant.rules.join(', ')})` : ''}`;
  return [head, ...edits, ...(variant.reason ? [`  ${variant.reason}`] : [])].join('\n');
}
