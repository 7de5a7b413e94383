import { oneLine } from '../../src/core/escape.ts';
import type { Interpretation, ShownInterpretation } from '../../src/core/foreign/interpretation.ts';
import { Button } from './controls.tsx';

/** How a person reads a run of another program, with buttons to change it. */
export function InterpretationLine({
  interpretation,
  interpret,
}: {
  interpretation: ShownInterpretation;
  interpret: (what: keyof Interpretation) => void;
}) {
  const { right, data, mirrorOf, of } = interpretation;
  if (of === 'evaluation')
    return (
      <p class="interpretation">
        <Button onClick={() => interpret('mirrorOf')}>
          {mirrorOf === null
            ? 'Which set is the mirror…'
            : `${oneLine(mirrorOf.mirror, 60)} mirrors ${oneLine(mirrorOf.original, 60)}`}
        </Button>
      </p>
    );
  return (
    <p class="interpretation">
      <Button onClick={() => interpret('right')}>
        {right === null ? 'Which reward means right…' : `Right: ${oneLine(right, 60)} = 1`}
      </Button>{' '}
      <Button onClick={() => interpret('data')}>
        {data === null ? 'Add data set…' : `Data set: ${oneLine(data.replace(/^.*[\\/]/, ''), 60)}`}
      </Button>
    </p>
  );
}
