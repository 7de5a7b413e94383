import { attemptsOf } from '../../src/core/annotation/review.ts';
import type { CheckResult } from '../../src/core/spatial/sample.ts';
import { compare } from '../ui/compare.ts';
import { MarkedText } from '../ui/marked-text.tsx';
import type { Usable } from './view.ts';

const SIGNS: Record<CheckResult, string> = { pass: '✓', fail: '✕', undecidable: '?' };

/** What a language model made of the row: before and after verification, each beside the original. */
export function Attempts({ sample, mirror }: Usable) {
  const attempts = attemptsOf(mirror);
  if (attempts.length === 0) return null;
  const asked = `${sample.question}\n${sample.answer}`;
  return (
    <details>
      <summary>What the language model said</summary>
      <div class="pair attempts">
        {attempts.map(({ prompt, question, answer, error, raw, checks }) => (
          <section>
            <h2>{prompt}</h2>
            {question === undefined ? (
              <p class="text">{error ?? raw}</p>
            ) : (
              <MarkedText parts={compare(asked, `${question}\n${answer ?? ''}`).mirror} />
            )}
            <ul class="checks">
              {Object.entries(checks).map(([name, result]) => (
                <li class={result === 'fail' ? 'wrong' : undefined}>
                  {SIGNS[result]} {name}
                  <span class="unseen"> {result}</span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </details>
  );
}
