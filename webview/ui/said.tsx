import { oneLine } from '../../src/core/reports/export/escape.ts';
import type { SaidOfRun } from '../../src/core/run-data/foreign/pairs.ts';
import { Button } from './controls.tsx';

/** What a person says about a run of another program, with buttons to say otherwise. */
export function Said({ said, say }: { said: SaidOfRun; say: (what: keyof SaidOfRun) => void }) {
  const { right, data } = said;
  return (
    <p class="said-of-run">
      <Button onClick={() => say('right')}>
        {right === null ? 'Which reward means right…' : `Right: ${oneLine(right, 60)} = 1`}
      </Button>{' '}
      <Button onClick={() => say('data')}>
        {data === null ? 'Add data set…' : `Data set: ${oneLine(data.replace(/^.*[\\/]/, ''), 60)}`}
      </Button>
    </p>
  );
}
