import { fixed, signed } from '../../base/format.ts';
import { printable } from '../../base/printable.ts';
import type { RecordedPair, TracedPair } from '../run-data/trace.ts';
import { signChanges } from '../run-data/what-if.ts';
import { inEnglish } from '../worlds/questions/in-english.ts';
import { groupTexts, textsOf } from './pair-texts.ts';
import { couplingText, judgedText, pairsOf, VERDICT_WORDS, WHY_WORDS } from './pair-words.ts';

/** Formats a pair as text, in the order of the Trace panel. @param after the same pair under other run settings */
export function pairText(pair: RecordedPair, after: TracedPair | null): string {
  const trained = pair.kind === 'trained' ? pair : null;
  const fate = ({ kept, why }: TracedPair) =>
    kept === null ? null : kept ? 'kept' : `dropped (${(why && WHY_WORDS[why]) ?? why})`;
  const changed = (before: string, now: string | undefined) =>
    now === undefined || now === before ? before : `${before} ⇒ ${now}`;
  const head = [`step ${pair.step}, pair ${pair.pair}: ${plain(pair.sample)}`];
  const [before, now] = [trained && fate(trained), after && fate(after)];
  if (before !== null) head.push(changed(before, now ?? undefined));
  if (pair.verdict !== null) head.push(VERDICT_WORDS[pair.verdict].label);
  const lines = [head.join(', ')];
  const told = trained && (trained.behaving !== undefined || trained.bonus !== undefined);
  const coupling = told ? couplingText(trained) : null;
  if (coupling !== null) lines.push(coupling);
  else if (trained?.delta != null) {
    const who = ({ penalised, effect, joint, views }: TracedPair) =>
      joint !== undefined
        ? `${joint} of ${pairsOf({ views })} pairs of completions correct in both views`
        : penalised === null
          ? 'neither view penalised'
          : `${penalised} penalised, effect ${effect ?? 'none'}`;
    lines.push(`Δ ${signed(trained.delta)}: ${changed(who(trained), after ? who(after) : undefined)}`);
  }
  if (trained) lines.push(...groupTexts(trained));
  const signs = trained && after && signChanges(trained, after);
  for (const [v, { view, question, answer, group }] of pair.views.entries()) {
    lines.push(
      '',
      `${view}: ${plain(inEnglish(question))}  [${answer === null ? 'reference answer unknown' : plain(answer)}]`,
    );
    for (const [g, completion] of group.entries()) {
      const { segments, right } = completion;
      const { answer: answerText, raw, readFromText } = textsOf(completion);
      const text = segments.map((segment) => plain(segment.text)).join(' │ ');
      // A completion without tags equals its answer, so the text is printed once.
      const answer =
        answerText === null || plain(answerText) === plain(raw).trim() ? '' : `${plain(answerText)}: `;
      const remark = readFromText ? `  (${answer}${readFromText.label})` : '';
      lines.push(`  ${judgedText(right).sign} ${text}${remark}`);
      if ('metrics' in completion)
        for (const [name, { value, why }] of Object.entries(completion.metrics ?? {}))
          lines.push(`      ${name} ${fixed(value, 3)}${why && `  ${plain(why)}`}`);
      const earned = trained?.views[v]!.group[g];
      if (!earned) continue;
      const { rewards, penalty, reward, advantage } = earned;
      const now = after?.views[v]!.group[g];
      const parts = Object.entries(rewards).map(([part, { value }]) => `${part} ${fixed(value, 3)}`);
      const lost = changed(fixed(penalty, 3), now && fixed(now.penalty, 3));
      if ((penalty ?? 0) > 0 || (now?.penalty ?? 0) > 0) parts.push(`penalty ${lost}`);
      else if ((penalty ?? 0) < 0) parts.push(`coupling +${fixed(-penalty!, 3)}`);
      const sum = changed(fixed(reward, 3), now && fixed(now.reward, 3));
      const pull = changed(signed(advantage), now && signed(now.advantage));
      const sign = signs?.[v]?.[g];
      lines.push(`      ${parts.join('  ')}  → reward ${sum}  advantage ${pull}${sign ? `  (${sign})` : ''}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Returns model output on one line, and makes hidden characters visible. */
const plain = (text: string): string => printable(text.replace(/\s+/g, ' '), Infinity);
