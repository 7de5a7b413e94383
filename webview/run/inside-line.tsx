import type { InsightEntry } from '../../src/core/protocol/insights.ts';
import { useAnswer } from '../ui/use-answers.ts';
import { usePage, type OpenRun } from './panel-state.ts';

const QUESTIONS: Record<InsightEntry['kind'], string> = {
  set: 'where it looks',
  probe: 'what it knows',
  patch: 'where the side passes to the answer',
};

/** What was found inside the models, in one line that leads there. Nothing if nobody has looked. */
export function InsideLine({ runs }: { runs: readonly OpenRun[] }) {
  const { revision, host } = usePage();
  const listed = useAnswer(`${revision}`, true, () =>
    Promise.all(runs.map(({ dir }) => host.call('insights', { dir }))),
  );
  if (listed.state === 'failed') return <p class="quiet">Inside the model: {listed.why}</p>;
  const results = listed.state === 'answered' ? listed.value.flat() : [];
  if (results.length === 0) return null;
  const kinds = (Object.keys(QUESTIONS) as InsightEntry['kind'][]).filter((kind) =>
    results.some((one) => one.kind === kind),
  );
  return (
    <p class="inside">
      <button type="button" class="link" onClick={() => host.notify('openInside', null)}>
        {runs.length > 1 ? 'Inside the models' : 'Inside the model'}
      </button>
      : {kinds.map((kind) => QUESTIONS[kind]).join(', ')}
    </p>
  );
}
