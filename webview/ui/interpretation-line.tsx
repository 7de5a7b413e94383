import { oneLine } from '../../src/base/escape.ts';
import type { Interpretation } from '../../src/core/run-data/interpretation.ts';
import type { ShownInterpretation } from '../../src/panels/run/interpretation.contract.ts';
import { Button } from './controls.tsx';

/** Mapping of an external or moved run, with buttons that change the mapping. */
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
        {root === null && 'The data is not at its original path. '}
        <Button onClick={() => interpret('root')}>
          {root === null ? 'Locate Images…' : `Images: ${lastName(root)}`}
        </Button>
      </p>
    );
  if (what === 'evaluation')
    return (
      <p class="interpretation">
        <Button onClick={() => interpret('mirrorOf')}>
          {mirrorOf === null
            ? 'Select Mirror Set…'
            : `Mirror of ${oneLine(mirrorOf.original, 60)}: ${oneLine(mirrorOf.mirror, 60)}`}
        </Button>
      </p>
    );
  return (
    <p class="interpretation">
      <Button onClick={() => interpret('right')}>
        {right === null ? 'Select Correctness Reward…' : `Correct: ${oneLine(right, 60)} = 1`}
      </Button>{' '}
      <Button onClick={() => interpret('data')}>
        {data === null ? 'Add Dataset…' : `Dataset: ${lastName(data)}`}
      </Button>
    </p>
  );
}

const lastName = (path: string): string => oneLine(path.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, ''), 60);
