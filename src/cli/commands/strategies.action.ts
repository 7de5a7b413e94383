import { type ViewId, viewOf } from '../../rows/view-list.ts';
import type { Sample, ImageRef } from '../../rows/sample/sample.ts';
import { UsageError, JobError } from '../errors.ts';
import { requireFile, commandOfView } from '../input.ts';
import { RowFile } from '../../lab/datasets/row-file.ts';
import { inView } from '../../rows/views/view.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import {
  type Strategy,
  missingFor,
  imagesShown,
  refKey,
  exemplarImages,
  stagePrompt,
} from '../../core/prompts/strategy.ts';
import { printable } from '../../base/printable.ts';
import { listStrategies, openStrategy, strategyPath } from '../../lab/strategies.ts';
import { printJson, printNamed, printDocument, print } from '../print.ts';
import type { CommandUnknownOpts as Command } from 'commander';
import { usage } from '../write-samples.ts';
import { readTextSync } from '../../lab/files/regular.ts';

interface ShowOptions {
  row?: string;
  view: ViewId;
  json?: boolean;
}

async function rowAt(place: string, view: ViewId): Promise<Sample> {
  const [, path, line] = /^(.+):(\d+)$/.exec(place) ?? [];
  if (path === undefined) throw new UsageError(`--row must be FILE:LINE, not "${place}".`);
  await requireFile(path);
  const file = await RowFile.open(path);
  try {
    const index = file.indexAt(Number(line));
    if (index === file.count || file.line(index) !== Number(line))
      throw new UsageError('The line does not contain a row.', { file: path, line: Number(line) });
    const seen = inView(await file.read(index), view);
    if (seen) return seen;
    const fix = `To see the reason, run \`${commandOfView(view)}\` with --explain.`;
    throw new JobError(`The row has no trusted ${view} variant.`, { file: path, line: Number(line), fix });
  } finally {
    await file.close();
  }
}

interface StagePreview {
  stage: string;
  messages: Prompt;
}

/** Returns the prompt of each stage. Stage names replace a model's earlier answers; image references replace images. */
function preview(strategy: Strategy, sample: Sample, view: ViewId): StagePreview[] {
  const lack = missingFor(strategy, sample);
  if (lack !== null) throw new JobError(`${strategy.name} skips this row: ${lack}.`);
  const hashes = new Map([
    ...imagesShown(strategy, sample).map((image) => [refKey(image), nameOf(image)] as const),
    ...exemplarImages(strategy).map(({ file, image }) => [refKey(image, file), nameOf(image)] as const),
  ]);
  const written = Object.fromEntries(strategy.stages.map(({ name }) => [name, `[output of stage ${name}]`]));
  const row = { sample, view, hashes };
  return strategy.stages.map((stage) => ({ stage: stage.name, messages: stagePrompt(stage, row, written) }));
}

const nameOf = (image: ImageRef): string =>
  typeof image === 'string' ? image : (image.path ?? JSON.stringify(image));

function formatStage({ stage, messages }: StagePreview): string {
  const parts = messages.map(({ role, content }) => {
    const texts = content.map((part) =>
      typeof part === 'string'
        ? part
        : `[image ${part.image}${viewOf(part.view).isMirrored ? ', mirrored' : ''}]`,
    );
    const lines = texts.join('\n').split('\n');
    return `${role}:\n${lines.map((line) => `  ${printable(line, Infinity)}`).join('\n')}`;
  });
  return [`── ${stage}`, ...parts].join('\n');
}

export function list({ json }: { json?: boolean }): void {
  const list = listStrategies().map(({ name, about, stages }) => ({
    name,
    about,
    stages: stages.map((stage) => stage.name),
  }));
  if (json) printJson(list);
  else printNamed(list);
}

export async function show(name: string, options: ShowOptions, command: Command): Promise<void> {
  // Both the command and its parent define --json, so read both.
  const { json } = command.optsWithGlobals() as { json?: boolean };
  const strategy = usage(() => openStrategy(name));
  if (options.row === undefined) {
    if (json) printJson(strategy, { indent: 2 });
    else printDocument(readTextSync(strategyPath(name)));
    return;
  }
  const stages = preview(strategy, await rowAt(options.row, options.view), options.view);
  if (json) printJson(stages, { indent: 2 });
  else print(stages.map(formatStage).join('\n\n'));
}
