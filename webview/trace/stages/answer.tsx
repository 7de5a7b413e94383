import { textsOf } from '../../../src/core/reports/export/pair-facts.ts';
import { stopText } from '../../../src/core/reports/export/words.ts';
import { Judged } from '../../ui/judged.tsx';
import { Said } from '../../ui/said.tsx';
import { READ_AS } from '../completion.tsx';
import { Facts } from '../facts.tsx';
import type { StageProps } from './props.ts';
import { Tokens } from '../tokens.tsx';
import { markWords, WordLegend } from '../words.tsx';

/** What the model said: thought and answer apart, as it was written, and token by token. */
export function AnswerStage({ model, opened, chosen }: StageProps) {
  const { options } = model.state;
  const completion = opened.pair.traced.views[chosen.view]!.group[chosen.completion]!;
  const { thought, raw, readAs } = textsOf(completion);
  const arrays = opened.pair.arrays[chosen.view]?.[chosen.completion] ?? [];
  const marks = options.words ? { mark: markWords } : {};
  return (
    <>
      <Facts
        facts={[
          ['Thought', thought === '' ? <i class="quiet">none</i> : <Said text={thought} {...marks} />],
          [
            'Answer',
            <>
              {completion.answer_text === null ? (
                <i class="quiet">no answer block</i>
              ) : (
                <strong>
                  <Said text={completion.answer_text} />
                </strong>
              )}{' '}
              <Judged right={completion.right} />
            </>,
          ],
          [
            'Read as',
            readAs && (
              <>
                <Said text={readAs} /> <span class="quiet">{READ_AS}</span>
              </>
            ),
          ],
          ['End', stopText(completion)],
        ]}
      />
      {options.words && <WordLegend text={thought} />}
      {options.tokens !== 'none' &&
        completion.segments.map((segment, s) => (
          <Tokens
            by={options.tokens as Exclude<typeof options.tokens, 'none'>}
            arrays={arrays[s] ?? null}
            stage={segment.stage}
          />
        ))}
      <details>
        <summary>As it was written</summary>
        <Said text={raw} {...marks} />
      </details>
    </>
  );
}
