import { oneLine } from '../../src/core/reports/export/visible.ts';
import { attemptsOf } from '../../src/core/annotation/review.ts';
import { checkLabel } from '../../src/core/labels.ts';
import type { CheckResult, RewriteAttempt } from '../../src/core/spatial/sample.ts';
import { compare } from '../ui/compare.ts';
import { CHECK_SIGNS } from '../ui/judged.tsx';
import { MarkedText } from '../ui/marked-text.tsx';
import { Said } from '../ui/said.tsx';
import type { Usable } from './panel-state.ts';

export function Checks({ checks }: { checks: Readonly<Record<string, CheckResult>> }) {
  return (
    <ul class="checks" aria-label="Checks">
      {Object.entries(checks).map(([name, result]) => (
        <li class={result === 'fail' ? 'wrong' : undefined} title={oneLine(name, 60)}>
          {CHECK_SIGNS[result] ?? '?'} {oneLine(checkLabel(name), 60)}
          <span class="unseen"> {result}</span>
        </li>
      ))}
    </ul>
  );
}

/** What a language model made of the row: the original, its answer, and its answer after verification, side by side. */
export function Attempts({ sample, variant }: Usable) {
  const attempts = attemptsOf(variant);
  if (attempts.length === 0) return null;
  const headings = attempts.length > 1 ? ['Before verification', 'After verification'] : ['Its answer'];
  let before = textOf(sample)!;
  return (
    <details>
      <summary>What the language model said{verdict(attempts)}</summary>
      <div class="attempts">
        <section>
          <h2>Original</h2>
          <MarkedText parts={[{ text: before, changed: false }]} />
        </section>
        {attempts.map((attempt, i) => {
          const text = textOf(attempt);
          const parts = text === null ? null : compare(before, text).mirror;
          before = text ?? before;
          return (
            <section>
              <h2>
                {headings[i] ?? 'Asked again'} <span class="quiet">{oneLine(attempt.prompt, 60)}</span>
              </h2>
              {parts ? <MarkedText parts={parts} /> : <Said text={attempt.error ?? attempt.raw} />}
              <Checks checks={attempt.checks} />
            </section>
          );
        })}
      </div>
      <p class="quiet">Marked is what differs from the text at its left.</p>
    </details>
  );
}

/** Null where the answer could not be read. */
const textOf = ({ question, answer }: Pick<RewriteAttempt, 'question' | 'answer'>): string | null =>
  question === undefined ? null : `${question}\n${answer ?? ''}`;

/** What verification came to. */
function verdict(attempts: readonly RewriteAttempt[]): string {
  const [first, last] = [textOf(attempts[0]!), textOf(attempts.at(-1)!)];
  if (attempts.length < 2 || first === null || last === null) return '';
  return first === last ? ': verified, and left as it was' : ': changed when it verified it';
}
