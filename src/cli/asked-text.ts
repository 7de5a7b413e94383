import type { Asked, AskedView } from '../core/metrics/asked.ts';
import { VERDICT_WORDS } from '../core/reports/export/words.ts';
import { printable } from '../core/printable.ts';
import type { MirrorVariant, Sample } from '../core/spatial/sample.ts';
import { isTrusted } from '../core/spatial/variant.ts';

/** What is asked, and what the rules made of it. @param mirror null where it is not asked for */
export function describeQuestion(sample: Sample, mirror: MirrorVariant | null): string {
  const lines = [`Question: ${withChoices(sample)}`];
  if (mirror && isTrusted(mirror)) {
    const rules = mirror.rules.length > 0 ? ` (${mirror.rules.join(', ')})` : '';
    lines.push(`Mirrored: ${withChoices({ ...sample, ...mirror })}${rules}`);
  } else if (mirror) {
    lines.push(`The rules do not mirror it: ${printable(mirror.reason ?? mirror.status)}`);
  }
  return lines.join('\n');
}

const withChoices = ({ question, choices }: Pick<Sample, 'question' | 'choices'>): string =>
  printable([question, ...(choices ? [`[${choices.join(' | ')}]`] : [])].join(' '));

const AGREEMENT_WORDS = {
  agree: 'The answers go together as the mirror rules say.',
  disagree: 'The answers contradict each other by the mirror rules.',
  undecided: 'The rules cannot tell whether the answers go together.',
};

/** What a model said, stage by stage, and the verdict. Nothing of it is obeyed by a terminal. */
export function describeAsked(asked: Asked): string {
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

function viewLines({ view, reference, majority, completions }: AskedView): string[] {
  const many = completions.length > 1;
  const right = reference === '' ? '' : ` (right: ${printable(reference)})`;
  const agreed = many
    ? `: ${majority.answer === null ? 'no answers' : `${printable(majority.answer, 100)}, ${majority.count} of ${majority.of} agree`}`
    : '';
  return [
    `  ${view}${agreed}${right}`,
    ...completions.flatMap(({ segments, answer, right: isRight }, i) => {
      const judged = isRight === null ? '' : isRight ? ' ✓' : ' ✗';
      const failed = segments.find(({ error }) => error !== undefined);
      return [
        `    ${many ? `${i + 1}. ` : ''}${answer === '' ? '– no answer' : printable(answer, 200)}${judged}`,
        ...segments
          .filter(({ text }) => text.trim() !== answer)
          .map(({ stage, text, stop_reason: stop }) => {
            const cut = stop === 'length' ? ' (cut off)' : '';
            return `      ${printable(stage)}${cut}: ${printable(text.trim(), 600)}`;
          }),
        ...(failed ? [`      ${printable(failed.error!)}`] : []),
      ];
    }),
  ];
}
