import type { OptionsOf } from '../command-options.ts';
import type { addAskCommand } from './ask.command.ts';
import { UsageError } from '../errors.ts';
import { usage } from '../write-samples.ts';
import { openStrategy } from '../../lab/strategies.ts';
import { findLocalModel, openModel, askingDefaults, viewsToAsk } from '../asked-model.ts';
import { resolve, dirname } from 'node:path';
import { requireFile } from '../input.ts';
import type { Sample, MirrorVariant } from '../../rows/sample/sample.ts';
import { mirrorToAsk } from '../../rows/views/view.ts';
import { print, note, printJson, tell } from '../print.ts';
import { ImageFiles, defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { sampleToKeep } from '../../core/annotation/kept-sample.ts';
import type { ModelAnswers } from '../../core/metrics/model-answers.ts';
import { ask } from '../../lab/evaluation/ask.ts';
import { printable } from '../../base/printable.ts';
import { appendSample } from '../../lab/datasets/append-sample.ts';
import { isTrusted } from '../../rows/sample/variant.ts';
import { VERDICT_WORDS } from '../../core/pairs/pair-words.ts';
import { inEnglish } from '../../core/worlds/questions/in-english.ts';

type Flags = OptionsOf<typeof addAskCommand>;

export async function run(image: string, question: string, flags: Flags): Promise<void> {
  if (flags.model.length === 0 && flags.endpoint !== 'host')
    throw new UsageError('No model is set. Pass --model NAME.');
  if (flags.save !== undefined && flags.answer === undefined)
    throw new UsageError('--save requires a reference answer. Pass --answer TEXT.');
  if (flags.save !== undefined && !flags.save.endsWith('.qa.jsonl'))
    throw new UsageError('--save must be a *.qa.jsonl file.');
  if (flags.n > 1 && flags.temperature === 0)
    throw new UsageError('--n above 1 requires sampling. Set --temperature above 0.');
  if (question.trim() === '') throw new UsageError('The question is empty. Pass a question.');
  // Check all options before loading a model, because loading takes time.
  const { strategy } = flags;
  if (strategy !== undefined) usage(() => openStrategy(strategy));
  if (flags.endpoint === undefined && flags.model.length === 1) await findLocalModel(flags.model[0]!, flags);
  const path = resolve(image);
  await requireFile(image);
  const sample: Sample = {
    id: `asked-${new Date().toISOString().replace(/\D/g, '')}`,
    question,
    answer: flags.answer ?? '',
    ...(flags.choice.length > 0 && { choices: flags.choice }),
    images: [path],
  };
  const mirror = flags.mirror ? mirrorToAsk(sample) : null;
  if (!flags.json) print(describeQuestion(sample, mirror));
  const images = new ImageFiles(dirname(path), dirname(path));
  try {
    const answers = await askAll(sample, mirror, images, flags);
    if (flags.save !== undefined) await keep(flags.save, sampleToKeep(sample, mirror, answers), images);
  } finally {
    await images.close();
  }
}

/** Asks one model after another. If a model fails, the remaining models are still asked. */
async function askAll(
  sample: Sample,
  mirror: MirrorVariant | null,
  images: ImageFiles,
  flags: Flags,
): Promise<ModelAnswers[]> {
  const views = viewsToAsk(sample, mirror);
  const all: ModelAnswers[] = [];
  for (const name of flags.model.length > 0 ? flags.model : [undefined]) {
    try {
      const model = await openModel(name, flags, (phase) => note(`${name}: ${phase}`));
      try {
        const { strategy, maxTokens } = usage(() =>
          askingDefaults(model, flags.strategy ?? null, flags.maxTokens ?? null),
        );
        const sampling: ModelAnswers['sampling'] = {
          n: flags.n,
          temperature: flags.temperature ?? (flags.n > 1 ? 0.7 : 0),
          top_p: flags.topP,
          seed: flags.seed,
          max_tokens: maxTokens,
        };
        const answers = await ask(model.sampler, { views, images, strategy, sampling });
        const named = { ...answers, model: model.name };
        all.push(named);
        if (flags.json) printJson({ ...named, mirror });
        else print(`\n${describeAsked(named)}`);
        if (isUnanswered(named)) process.exitCode = 1;
      } finally {
        await model.close();
      }
    } catch (error) {
      if (error instanceof UsageError || flags.model.length < 2) throw error;
      tell(`chirality: ${printable(name ?? 'host')}: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
  return all;
}

const isUnanswered = ({ views }: ModelAnswers): boolean =>
  views.some(({ completions }) =>
    completions.some(({ segments }) => segments.at(-1)?.stop_reason === 'failed'),
  );

async function keep(path: string, sample: Sample, images: ImageFiles): Promise<void> {
  const line = await appendSample(path, sample, { images, root: defaultDataRoot(path) });
  note(`Saved as line ${line} of ${path}.`);
}

/** Returns the question, and its rewrite by the rules. @param mirror null if the mirror is not evaluated */
function describeQuestion(sample: Sample, mirror: MirrorVariant | null): string {
  const lines = [`Question: ${withChoices(sample)}`];
  if (mirror && isTrusted(mirror)) {
    const rules = mirror.rules.length > 0 ? ` (${mirror.rules.join(', ')})` : '';
    lines.push(`Mirrored: ${withChoices({ ...sample, ...mirror })}${rules}`);
  } else if (mirror) {
    lines.push(`The rules cannot mirror the question: ${printable(mirror.reason ?? mirror.status)}`);
  }
  return lines.join('\n');
}

const AGREEMENT_WORDS = {
  agree: 'The answers agree under the mirror rules.',
  disagree: 'The answers disagree under the mirror rules.',
  undecided: 'The mirror rules cannot compare the answers.',
};

/** Returns a model's answers by stage, and the verdict. Control characters in answers cannot steer the terminal. */
function describeAsked(asked: ModelAnswers): string {
  const { model, strategy, views, verdict, agreement } = asked;
  return [
    `${printable(model)} (${printable(strategy)})`,
    ...views.flatMap(viewLines),
    ...(verdict
      ? [`  ${VERDICT_WORDS[verdict].sign} ${VERDICT_WORDS[verdict].label}`]
      : agreement
        ? [`  ${AGREEMENT_WORDS[agreement]}`]
        : []),
  ].join('\n');
}

function viewLines({
  view,
  sent,
  reference,
  majority,
  completions,
}: ModelAnswers['views'][number]): string[] {
  const many = completions.length > 1;
  const right = reference === '' ? '' : ` (reference answer: ${printable(reference)})`;
  const agreed = many
    ? `: ${majority.answer === null ? 'no answers' : `${printable(majority.answer, 100)}, ${majority.count} of ${majority.of} agree`}`
    : '';
  return [
    `  ${view}${agreed}${right}`,
    ...(sent === undefined ? [] : [`    Asked in compact wording: ${printable(sent, 200)}`]),
    ...completions.flatMap(({ segments, answer, right: isRight }, i) => {
      const judged = isRight === null ? '' : isRight ? ' ✓' : ' ✗';
      const failed = segments.find(({ error }) => error !== undefined);
      return [
        `    ${many ? `${i + 1}. ` : ''}${answer === '' ? '– no answer' : printable(answer, 200)}${judged}`,
        ...segments
          .filter(({ text }) => text.trim() !== answer)
          .map(({ stage, text, stop_reason: stop }) => {
            const cut = stop === 'length' ? ' (truncated)' : '';
            return `      ${printable(stage)}${cut}: ${printable(text.trim(), 600)}`;
          }),
        ...(failed ? [`      ${printable(failed.error!)}`] : []),
      ];
    }),
  ];
}

export const withChoices = ({ question, choices }: Pick<Sample, 'question' | 'choices'>): string =>
  printable([inEnglish(question), ...(choices ? [`[${choices.join(' | ')}]`] : [])].join(' '));
