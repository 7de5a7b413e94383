import { fixed, signed } from '../../base/format.ts';
import { printable } from '../../base/printable.ts';
import type { RecordedPair, TracedPair } from '../run-data/trace.ts';
import { signChanges } from '../run-data/what-if.ts';
import { inEnglish } from '../worlds/questions/in-english.ts';
import { pairSentences, textsOf } from './pair-texts.ts';
import { judgedText } from './pair-words.ts';

/** Formats a pair as text, in the order of the Trace panel. @param after the same pair under other run settings */
export function pairText(pair: RecordedPair, after: TracedPair | null): string {
  const trained = pair.kind === 'trained' ? pair : null;
  const changed = (before: string, now: string | undefined) =>
    now === undefined || now === before ? before : `${before} ⇒ ${now}`;
  const now = after ? pairSentences({ kind: 'trained', ...after }) : [];
  const lines = [
    `step ${pair.step}, pair ${pair.pair}: ${plain(pair.sample)}`,
    ...pairSentences(pair).map((sentence, i) => changed(sentence, now[i])),
  ];
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
