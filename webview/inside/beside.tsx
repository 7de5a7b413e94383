import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ComparedLooks } from '../../src/core/insight/compare-looks.ts';
import { comparedFigures } from '../../src/core/reports/insight/comparison-document.ts';
import { Button, Checkbox } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { Problem } from '../ui/message-line.tsx';
import { labelsOf, rowsKey, type Result, type Host } from './look-names.ts';
import type { InsideRun } from '../../src/panels/inside/inside.contract.ts';
import { ThroughLayers } from './through-layers.tsx';
import { useAnswer } from '../ui/hooks.ts';

interface BesideProps {
  /** Result with which all other results are compared. */
  base: Result;
  results: readonly Result[];
  runs: readonly InsideRun[];
  host: Host;
  /** Content to show for a base without a comparison. */
  children: ComponentChildren;
}

/** Further results for the same rows (checkpoints, strategies, runs); some are shown next to the base. */
export function Beside({ base, results, runs, host, children }: BesideProps) {
  const others = results.filter((result) => result !== base && rowsKey(result) === rowsKey(base));
  // Compare runs that are open together: the newest result of each run with the base.
  const newest = runs.flatMap(({ dir }) =>
    dir === base.run.dir ? [] : (others.find((result) => result.run.dir === dir) ?? []),
  );
  const [picked, pick] = useState<readonly string[]>(() => newest.map(keyOf));
  const labels = labelsOf([base, ...others]);
  const looks = [base, ...others]
    .map(({ run, name }, i) => ({ dir: run.dir, name, label: labels[i]! }))
    .filter((_, i) => i === 0 || picked.includes(keyOf(others[i - 1]!)));
  const answer = useAnswer(JSON.stringify(looks), looks.length > 1, () =>
    host.call('compareLooks', { looks }),
  );
  const missing = runs.filter(
    ({ dir }) => dir !== base.run.dir && !others.some(({ run }) => run.dir === dir),
  );
  return (
    <>
      {others.length > 0 && (
        <fieldset class="beside">
          <legend>Compare with {labels[0]} on the same rows</legend>
          {others.map((other, i) => (
            <Checkbox
              key={keyOf(other)}
              checked={picked.includes(keyOf(other))}
              set={(on) =>
                pick(on ? [...picked, keyOf(other)] : picked.filter((key) => key !== keyOf(other)))
              }
            >
              {labels[i + 1]}
            </Checkbox>
          ))}
        </fieldset>
      )}
      {runs.length === 1 && others.length === 0 && (
        <NotLookedInto run={base.run} host={host}>
          No other analysis uses these rows. To compare, analyse another checkpoint or prompting strategy.
        </NotLookedInto>
      )}
      {missing.map((run) => (
        <NotLookedInto key={run.dir} run={run} host={host}>
          {`${run.name} has no analysis of these rows.`}
        </NotLookedInto>
      ))}
      {looks.length === 1 && children}
      {looks.length > 1 && answer.state === 'failed' && <Problem why={answer.why} />}
      {looks.length > 1 && answer.state === 'answered' && (
        <Compared key={looks.length} compared={answer.value} looks={looks.map(({ label }) => label)} />
      )}
    </>
  );
}

const keyOf = ({ run, name }: Result): string => `${run.dir} ${name}`;

/** Message about missing results, with the command that computes them. */
function NotLookedInto(props: { run: InsideRun; host: Host; children: ComponentChildren }) {
  const { run, host, children } = props;
  return (
    <div class="instead flow">
      <p>{children}</p>
      <Button onClick={() => host.notify('lookInside', { dir: run.dir, asks: true })}>
        {`Analyse ${run.name}…`}
      </Button>
    </div>
  );
}

/** Comparison of several results for the same rows: values per layer, and how strongly answers depend on inputs. */
function Compared({ compared, looks }: { compared: ComparedLooks; looks: readonly string[] }) {
  const { rows, left } = compared;
  if (rows === 0) return <p class="instead flow">These analyses have no rows in common.</p>;
  const { through, text, reliance } = comparedFigures(compared, looks);
  return (
    <>
      <p class="quiet">
        {`${rows} answers common to all analyses${left > 0 ? ` (${left} excluded)` : ''}. Changes are relative to ${looks[0]}, row by row, with 95% intervals.`}
      </p>
      <ThroughLayers figures={through} looks={looks.length} />
      {text.map((why) => (
        <p key={why} class="instead flow">
          {why}
        </p>
      ))}
      <FigureTable table={reliance} />
    </>
  );
}
