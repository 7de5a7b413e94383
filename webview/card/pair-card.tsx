import { useState } from 'preact/hooks';
import { oneLine, visible } from '../../src/base/escape.ts';
import { pairSentences } from '../../src/core/pairs/pair-texts.ts';
import type { RecordedPair } from '../../src/core/run-data/trace.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';
import { CompletionCard } from '../trace/completion-card.tsx';
import { UntrustedText } from '../ui/untrusted-text.tsx';
import { Overlay } from '../ui/overlay.tsx';
import { Cell } from '../ui/pair.tsx';
import { corners, type Shape } from '../ui/shapes.ts';
import { type BoxRecord, type PairRecord } from './pair-record.ts';

interface PairCardProps {
  pair: PairRecord;
  /** Images of both views as data URLs; null until they are fetched. */
  pictures: readonly string[] | null;
  /** Reason why the card has no images; null if it has images. */
  without: string | null;
}

/** Card of a pair in a chat: the outcome, both images with their boxes, and the groups of both views. */
export function PairCard({ pair, pictures, without }: PairCardProps) {
  const [chosen, choose] = useState<string | null>(null);
  const advantages = pair.views.flatMap(({ group }) =>
    group.map(({ advantage }) => Math.abs(advantage ?? 0)),
  );
  const scale = Math.max(1e-9, ...advantages);
  const notes = [...(without === null ? [] : [without]), ...(pair.notes ?? [])];
  return (
    <main class="card inspector">
      <header>
        <h1>
          <bdi>{oneLine(pair.run, 60)}</bdi> · {pair.step}/{pair.pair}
        </h1>
        <p class="verdict">{sentencesOf(pair).join(' ')}</p>
      </header>
      <div class="sides">
        {pair.views.map(({ view, question, answer, completions, group }, v) => (
          <Cell view={view} isSecond={v > 0}>
            {pictures?.[v] !== undefined && (
              <Picture url={pictures[v]} boxes={pair.boxes?.[view] ?? []} name={view} />
            )}
            <p class="question">
              <bdi>{visible(question)}</bdi>
            </p>
            <p class="quiet">
              Reference answer: <bdi>{answer === null ? 'unknown' : oneLine(answer, 120)}</bdi>
            </p>
            {group.map((completion) => {
              const name = `${view}, completion ${completion.i + 1}`;
              return (
                <>
                  <CompletionCard
                    completion={completion}
                    earned={pair.kind === 'trained' ? { before: completion, after: null, scale } : null}
                    sign={null}
                    name={name}
                    chosen={chosen === name}
                    drawn={false}
                    words={false}
                    choose={() => choose(chosen === name ? null : name)}
                  />
                  {chosen === name && (
                    <p class="whole">
                      <UntrustedText text={completion.segments.map(({ text }) => text).join('\n│\n')} />
                    </p>
                  )}
                </>
              );
            })}
            {group.length < completions && (
              <p class="quiet">{`${group.length} of ${completions} completions shown.`}</p>
            )}
          </Cell>
        ))}
      </div>
      {notes.map((note) => (
        <p class="quiet">{oneLine(note, 300)}</p>
      ))}
    </main>
  );
}

/** Returns the sentences of the Trace panel about a pair. The sizes of groups are those before shortening. */
const sentencesOf = (pair: PairRecord): string[] => {
  const views = pair.views.map((view) => ({ ...view, group: Array<object>(view.completions) }));
  return pairSentences({ ...pair, views } as RecordedPair);
};

/** Image as the model saw it, with its boxes drawn on top. */
function Picture({ url, boxes, name }: { url: string; boxes: readonly BoxRecord[]; name: string }) {
  const [size, setSize] = useState<Size | null>(null);
  const shapes = boxes.map(({ label, box }, colour): Shape => ({
    kind: 'outline',
    points: corners(box),
    label,
    colour,
    from: 'boxes',
  }));
  return (
    <figure>
      <div
        class={`frame${size && size.w <= 160 ? ' pixels' : ''}`}
        style={{ '--aspect': size ? size.w / size.h : 4 / 3 }}
      >
        <div class="stage" style={{ '--x': 0, '--y': 0, '--scale': 1 }}>
          <img
            src={url}
            alt={`Image of the ${name}`}
            onLoad={({ currentTarget: { naturalWidth: w, naturalHeight: h } }) => setSize({ w, h })}
          />
          {size && <Overlay shapes={shapes} size={size} />}
        </div>
      </div>
    </figure>
  );
}
