import { oneLine } from '../../src/core/reports/export/visible.ts';
import { VERDICT_WORDS } from '../../src/core/reports/export/words.ts';
import type { PlayAsk } from '../../src/core/protocol/playground.ts';
import type { PlaygroundModel } from './model.ts';

/** What was asked in this session, the latest first. */
export function History({ model }: { model: PlaygroundModel }) {
  const { history, shown, pictures, picture } = model.state;
  return (
    <section class="history" aria-label="History">
      <h3>Asked before</h3>
      <ol>
        {[...history].reverse().map((ask) => (
          <li>
            <button
              type="button"
              class="entry"
              aria-current={ask.id === shown}
              title="See the answers, with the question in the fields again"
              onClick={() => model.show(ask)}
            >
              <span aria-hidden="true">{signs(ask)}</span>
              <bdi class="entry-question">{oneLine(ask.question.question, 160)}</bdi>
              <span class="quiet">
                {[
                  ...(ask.picture === picture?.key ? [] : [pictures[ask.picture]?.name ?? '']),
                  ...ask.answers.map((answer) => answer.model.label),
                  ...(ask.strategy === null ? [] : [model.labelOf(ask.strategy)]),
                ]
                  .map((part) => oneLine(part, 40))
                  .join(' · ')}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** One sign per model. */
const signs = ({ answers }: PlayAsk): string =>
  answers
    .map(({ asked, state }) => {
      if (!asked) return state === 'failed' ? '✗' : '…';
      if (asked.verdict) return VERDICT_WORDS[asked.verdict].sign;
      return { agree: '✓', disagree: '✗', undecided: '?' }[asked.agreement ?? 'undecided'];
    })
    .join(' ');
