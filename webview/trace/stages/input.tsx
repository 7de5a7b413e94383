import { visible } from '../../../src/core/reports/export/visible.ts';
import { Said } from '../../ui/said.tsx';
import { Facts } from '../facts.tsx';
import type { StageProps } from './props.ts';
import { isMirrored } from '../../../src/core/spatial/views/list.ts';

/** What the model was given, and what the data says of it. */
export function InputStage({ model, opened, chosen }: StageProps) {
  const { traced } = opened.pair;
  const { view, question, answer, images } = traced.views[chosen.view]!;
  const { row } = opened;
  const sample = row?.row.sample;
  const reasoning = isMirrored(view) ? (row?.row.mirror?.reasoning ?? sample?.reasoning) : sample?.reasoning;
  return (
    <>
      <Facts
        facts={[
          ['View', isMirrored(view) ? `${view}: the engine mirrors the pixels after decoding` : view],
          ['Pictures', images.length],
          ['Question', <Said text={question} />],
          ['Reference', <Said text={answer} />],
          ['Reasoning', reasoning && <Said text={reasoning} />],
          ['Task', sample?.task && visible(sample.task)],
          ['Mirror', row?.row.mirror && `${row.row.mirror.status}, by ${row.row.mirror.route}`],
        ]}
      />
      {row && (
        <button
          type="button"
          onClick={() => model.host.notify('openRow', { path: row.path, line: row.line })}
        >
          Go to line {row.line.toLocaleString('en')} of the data file
        </button>
      )}
    </>
  );
}
