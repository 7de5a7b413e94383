import { oneLine } from '../../src/base/escape.ts';
import type { Interpretation } from '../../src/core/run-data/interpretation.ts';
import type { ShownInterpretation } from '../../src/panels/run/interpretation.contract.ts';
import { Button } from './controls.tsx';

/** What the user says about an external run, or one that was moved, with buttons to change it. */
export function InterpretationLine({
  interpretation,
  interpret,
}: {
  interpretation: ShownInterpretation;
  interpret: (what: keyof Interpretation) => void;
}) {
  const { right, data, mirrorOf, root, what } = interpretation;
  if (what === 'moved')
    return (
      <p class="interpretation">
        {root === null && 'The data are not where they were when this was made. '}
        <Button onClick={() => interpret('root')}>
          {root === null ? 'Where Are Its Images…' : `Images: ${lastName(root)}`}
        </Button>
      </p>
    );
  if (what === 'evaluation')
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
        {data === null ? 'Add dataset…' : `Dataset: ${lastName(data)}`}
      </Button>
    </p>
  );
}

const lastName = (path: string): string => oneLine(path.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, ''), 60);
