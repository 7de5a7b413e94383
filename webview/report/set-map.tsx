import type { ReportAnswer } from '../../src/core/protocol/report-panel.ts';
import { PUBLISHED_SETS, type PublishedSet } from '../../src/core/reports/published/table.ts';
import { Choice } from './toolbar.tsx';
import type { Actions } from './panel-state.ts';

/** Says which own sets are sets of the papers. */
export function SetMap({
  answer: { sets, map },
  actions: { choose },
}: {
  answer: ReportAnswer;
  actions: Actions;
}) {
  if (sets.length === 0) return null;
  return (
    <fieldset class="map">
      <legend>Your sets</legend>
      {sets.map((set) => (
        <Choice
          key={set}
          label={`${set} is`}
          title="A subset, or another split, makes figures incomparable"
          value={map[set] ?? ''}
          set={(published) => {
            const all: Record<string, PublishedSet | ''> = { ...map, [set]: published as PublishedSet | '' };
            choose({ map: all });
          }}
        >
          <option value="">none of the papers'</option>
          {Object.entries(PUBLISHED_SETS).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Choice>
      ))}
    </fieldset>
  );
}
