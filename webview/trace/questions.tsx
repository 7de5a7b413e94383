import { visible } from '../../src/core/reports/export/visible.ts';
import type { RecordedPair } from '../../src/core/run-data/trace.ts';
import type { TraceRow } from '../../src/core/protocol/trace-panel.ts';
import { compare } from '../ui/compare.ts';
import { MarkedText } from '../ui/marked-text.tsx';
import { Pair } from '../ui/pair.tsx';
import { isMirrored } from '../../src/core/spatial/views/list.ts';

interface Props {
  traced: RecordedPair;
  row: TraceRow | null;
  swapped: boolean;
}

/** What both views were asked, and what they should have said; swapped words are marked. */
export function Questions({ traced, row, swapped }: Props) {
  const [first, second] = traced.views;
  if (!first) return null;
  const choices = row?.row.sample?.choices;
  const mirrored = row?.row.mirror?.choices ?? choices;
  const [own, other] = isMirrored(first.view) ? [mirrored, choices] : [choices, mirrored];
  const list = (of: readonly string[] | undefined) => of?.join(' · ');
  return (
    <section class="questions" aria-label="Questions">
      <Both name="Question" first={first.question} second={second?.question} swapped={swapped} />
      <Both name="Reference" strong first={first.answer} second={second?.answer} swapped={swapped} />
      {choices && <Both name="Choices" first={list(own)!} second={second && list(other)} swapped={swapped} />}
    </section>
  );
}

/** A text of both views, or of the only one. */
function Both(props: {
  name: string;
  first: string;
  second: string | undefined;
  swapped: boolean;
  strong?: boolean;
}) {
  const { name, first, second, swapped, strong } = props;
  const parts = compare(visible(first), visible(second ?? first));
  const cell = (of: typeof parts.original) => (
    <div class={`said${strong ? ' strong' : ''}`}>
      <span class="quiet">{name}</span>
      <MarkedText parts={of} />
    </div>
  );
  return second === undefined ? (
    cell(parts.original)
  ) : (
    <Pair original={cell(parts.original)} mirror={cell(parts.mirror)} flipped={swapped} />
  );
}
