import { thousands } from '../../src/base/format.ts';
import { sum } from '../../src/base/numbers.ts';
import { reviewProgress } from '../../src/core/annotation/waiting.ts';
import type { DataStep, DataSummary, StepsDone } from '../../src/panels/dataset/dataset.contract.ts';
import { Button } from '../ui/controls.tsx';

interface StepsProps {
  summary: DataSummary;
  done: StepsDone;
  take: (step: DataStep) => void;
}

interface Step {
  step: DataStep;
  label: string;
  isDone: boolean;
  title: string;
  /** Whether the step must wait for another step that is unfinished. */
  waits?: boolean;
  /** Whether the step has nothing to do, although nobody has done it. */
  isNeedless?: boolean;
}

/** Returns the number of rows with a mirror in the file, whether usable or not. */
export const mirrorsIn = ({ mirrors }: Pick<DataSummary, 'mirrors'>): number => sum(Object.values(mirrors));

/** Steps from a dataset to a trained model. The button of the first unfinished step is highlighted. */
export function Steps({ summary, done, take }: StepsProps) {
  const { rows, bad, mirrors, reviewed, usable } = summary;
  const [made, waiting] = [mirrorsIn(summary), mirrors.deferred];
  const isDecided = made > 0 && waiting === 0;
  const steps: Step[] = [
    {
      step: 'mirror',
      label: 'Mirror Rows',
      isDone: made > 0 && made === rows - bad,
      title: 'Write every row with its mirrored question and answer to a new file',
    },
    {
      step: 'review',
      label: waiting > 0 ? `Review Mirrors (${thousands(waiting)} waiting)` : 'Review Mirrors',
      isDone: isDecided && reviewed > 0,
      title: isDecided
        ? `${reviewProgress(reviewed, waiting, made - reviewed)}.`
        : 'Accept, edit or discard deferred mirrors',
      waits: made === 0,
      isNeedless: isDecided,
    },
    {
      step: 'freeze',
      label: done.frozen === 'changed' ? 'Freeze Dataset (changed)' : 'Freeze Dataset',
      isDone: done.frozen === true,
      title:
        'Write a manifest next to the file: a version with checksums of rows and images, to cite and to check for changes',
    },
    {
      step: 'train',
      label: 'Train Model',
      isDone: done.run !== null,
      title: done.run === null ? 'Create a run config for these rows' : `Trained on these rows: ${done.run}`,
    },
  ];
  // If all rows lack a question, an answer or their image, no step is possible.
  if (rows === bad || usable?.usable.usable === 0) for (const step of steps) step.waits = true;
  const next = steps.find(({ isDone, waits, isNeedless }) => !isDone && !waits && !isNeedless);
  return (
    <nav aria-label="Next steps">
      <ol class="steps flow">
        {steps.map(({ step, label, isDone, title, waits }) => (
          <li key={step} class={isDone ? 'done' : undefined}>
            <Button
              primary={step === next?.step}
              disabled={waits ?? false}
              title={title}
              onClick={() => take(step)}
            >
              {isDone ? '✓ ' : ''}
              {label}
            </Button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
