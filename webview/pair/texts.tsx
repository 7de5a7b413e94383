import type { Sample } from '../../src/rows/sample/sample.ts';
import type { ViewId } from '../../src/rows/view-list.ts';
import { wordDiff, type Piece } from '../../src/base/word-diff.ts';
import { ChangedLegend, MarkedText } from '../ui/untrusted-text.tsx';
import { Pair } from '../ui/pair.tsx';
import type { Side } from '../ui/pair-sides.ts';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';

interface TextsProps {
  left: Side;
  /** Right side; null if the panel shows only the left view. */
  right: Side | null;
  flipped: boolean;
}

/** Question, answer, choices and reasoning of both views. Different words are marked. A single view has no marks. */
export function Texts({ left, right, flipped }: TextsProps) {
  const [one, other] = [left.sample, right?.sample];
  const views: [ViewId, ViewId] = [left.view, right?.view ?? left.view];
  return (
    <>
      <section>
        <h3>Question {other && <ChangedLegend parts={changedIn(one, other)} />}</h3>
        <Compared
          original={inEnglish(one.question)}
          mirror={other && inEnglish(other.question)}
          {...{ flipped, views }}
        />
      </section>
      <section class="answer">
        <h3>Answer</h3>
        <Compared original={one.answer} mirror={other?.answer} {...{ flipped, views }} />
      </section>
      {(one.choices ?? other?.choices) && (
        <section>
          <h3>Choices</h3>
          <Choices
            original={one.choices ?? []}
            mirror={other && (other.choices ?? [])}
            {...{ flipped, views }}
          />
        </section>
      )}
      {one.reasoning && (
        <details>
          <summary>Reasoning</summary>
          <Compared
            original={one.reasoning}
            mirror={other && (other.reasoning ?? '')}
            {...{ flipped, views }}
          />
        </details>
      )}
    </>
  );
}

/** Returns the differences between the original's and the mirror's texts, compared text by text as for the marks. */
function changedIn(one: Sample, other: Sample): Piece[] {
  const textsOf = ({ question, answer, reasoning = '', choices = [] }: Sample) => [
    inEnglish(question),
    answer,
    reasoning,
    ...choices,
  ];
  const others = textsOf(other);
  return textsOf(one).flatMap((text, i) => wordDiff(text, others[i] ?? '').after);
}

interface Both<T> {
  original: T;
  mirror: T | undefined;
  flipped: boolean;
  views: [ViewId, ViewId];
}

function Compared({ original, mirror, ...rest }: Both<string>) {
  if (mirror === undefined) return <MarkedText parts={[{ text: original, changed: false }]} />;
  const parts = wordDiff(original, mirror);
  return (
    <Pair
      original={<MarkedText parts={parts.before} />}
      mirror={<MarkedText parts={parts.after} />}
      {...rest}
    />
  );
}

/** Choices of both views, with the letters that models receive. */
function Choices({ original, mirror, ...rest }: Both<string[]>) {
  const list = (side: 'before' | 'after') => (
    <ol class="choices">
      {(side === 'after' ? mirror! : original).map((_, i) => (
        <li>
          <MarkedText parts={wordDiff(original[i] ?? '', (mirror ?? original)[i] ?? '')[side]} />
        </li>
      ))}
    </ol>
  );
  if (!mirror) return list('before');
  return <Pair original={list('before')} mirror={list('after')} {...rest} />;
}
