import type { MirrorVariant, Sample } from '../../src/core/spatial/sample.ts';
import { compare } from '../ui/compare.ts';
import { MarkedText } from '../ui/marked-text.tsx';
import { Pair } from '../ui/pair.tsx';
import { isMirrored, PAIR, type PairView } from '../../src/core/spatial/views/list.ts';

/**
 * Question, answer, choices and reasoning of both views, with the differing words marked; without a mirror, unmarked.
 */
export function Texts(props: { sample: Sample; mirror: MirrorVariant | null; flipped: boolean }) {
  const { sample, mirror, flipped } = props;
  const { choices, reasoning } = sample;
  return (
    <>
      <section>
        <h3>Question</h3>
        <Compared original={sample.question} mirror={mirror?.question} flipped={flipped} />
      </section>
      <section class="answer">
        <h3>Answer</h3>
        <Compared original={sample.answer} mirror={mirror?.answer} flipped={flipped} />
      </section>
      {choices && (
        <section>
          <h3>Choices</h3>
          <Choices original={choices} mirror={mirror && (mirror.choices ?? choices)} flipped={flipped} />
        </section>
      )}
      {reasoning && (
        <details>
          <summary>Reasoning</summary>
          <Compared
            original={reasoning}
            mirror={mirror ? (mirror.reasoning ?? reasoning) : undefined}
            flipped={flipped}
          />
        </details>
      )}
    </>
  );
}

function Compared(props: { original: string; mirror: string | undefined; flipped: boolean }) {
  if (props.mirror === undefined) return <MarkedText parts={[{ text: props.original, changed: false }]} />;
  const { original, mirror } = compare(props.original, props.mirror);
  return (
    <Pair
      original={<MarkedText parts={original} />}
      mirror={<MarkedText parts={mirror} />}
      flipped={props.flipped}
    />
  );
}

/** Choices with the letters that models see. */
function Choices(props: { original: string[]; mirror: string[] | null; flipped: boolean }) {
  const mirror = props.mirror ?? props.original;
  const list = (side: PairView) => (
    <ol class="choices">
      {(isMirrored(side) ? mirror : props.original).map((_, i) => (
        <li>
          <MarkedText parts={compare(props.original[i] ?? '', mirror[i] ?? '')[side]} />
        </li>
      ))}
    </ol>
  );
  if (!props.mirror) return list(PAIR[0]);
  return <Pair original={list(PAIR[0])} mirror={list(PAIR[1])} flipped={props.flipped} />;
}
