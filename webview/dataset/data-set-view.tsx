import { thousands } from '../../src/core/labels.ts';
import { Button } from '../ui/controls.tsx';
import { Boundary } from '../ui/boundary.tsx';
import { CardGrid } from './card-grid.tsx';
import { Steps } from './steps.tsx';
import { Summary } from './summary.tsx';
import { countOf, type Actions, type DataPanelState } from './panel-state.ts';

export function DataSetView({ panel, actions }: { panel: DataPanelState; actions: Actions }) {
  const { state } = panel;
  if (!state) return null;
  if (state.kind === 'reading' && !state.summary?.rows) {
    return (
      <main class="message">
        <h1>{state.name}</h1>
        <p id="reading">Reading… {Math.round(100 * state.share)} %</p>
        <progress aria-labelledby="reading" max={1} value={state.share} />
      </main>
    );
  }
  if (state.kind === 'failed') {
    return (
      <main class="message">
        <h1>{state.name} cannot be read</h1>
        <p role="alert">{state.why}</p>
        <Button onClick={() => actions.host.notify('readAgain', null)}>Read again</Button>
      </main>
    );
  }
  const { name, version } = state;
  const summary = state.summary!;
  if (summary.rows === 0) {
    return (
      <main class="message">
        <h1>No rows</h1>
        <p>{name} is empty. The pencil above opens the annotation editor, where rows are added.</p>
      </main>
    );
  }
  const { filter, rows, searching, problem } = panel;
  const kept = rows ? rows.length : summary.rows;
  const reading = state.kind === 'reading' ? state.share : null;
  const filtered = filter.text.trim() !== '' || Object.keys(filter.chosen).length > 0;
  const clear = () => actions.filter({ chosen: {}, text: '' });
  return (
    <>
      <header>
        <h1 title={name}>{name}</h1>
        <input
          class="input"
          type="search"
          aria-label="Rows that contain these words"
          placeholder="Rows that contain these words"
          value={filter.text}
          spellcheck={false}
          onInput={({ currentTarget }) => actions.filter({ text: currentTarget.value })}
        />
        <span role="status">
          {reading !== null
            ? 'Reading…'
            : filtered
              ? `${thousands(kept)} of ${countOf(summary.rows, 'row')}`
              : countOf(kept, 'row')}
        </span>
        <Button icon="clear-all" title="Clear the filter" disabled={!filtered} onClick={clear} />
        {(reading ?? searching) !== null && (
          <progress
            aria-label={reading === null ? 'Searching' : 'Reading'}
            max={1}
            value={reading ?? searching!}
          />
        )}
      </header>
      {reading === null && panel.done && (
        <Steps summary={summary} done={panel.done} take={(step) => actions.host.notify('step', { step })} />
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="columns">
        <aside aria-label="What the file holds">
          <Boundary of={summary}>
            {reading !== null && (
              <p class="quiet">
                Of the rows so far, with {Math.round(100 * reading)} % done.
                {filtered && ' The filter applies at the end.'}
              </p>
            )}
            <Summary summary={summary} chosen={reading === null ? filter.chosen : null} actions={actions} />
          </Boundary>
        </aside>
        <main>
          {kept === 0 ? (
            <div class="message">
              <p>No row matches this filter.</p>
              <Button onClick={clear}>Show all rows</Button>
            </div>
          ) : (
            <CardGrid key={version} rows={rows} count={kept} host={actions.host} />
          )}
        </main>
      </div>
    </>
  );
}
