import { useState } from 'preact/hooks';
import { several, thousands } from '../../src/base/format.ts';
import { Button, SearchField } from '../ui/controls.tsx';
import { useNarrow } from '../ui/hooks.ts';
import { Boundary, Message, Problem } from '../ui/message-line.tsx';
import { CardGrid } from './card-grid.tsx';
import { mirrorsIn, Steps } from './dataset-steps.tsx';
import { Summary } from './dataset-summary.tsx';
import { type DataModel } from './dataset-model.ts';

export function DataSetView({ model }: { model: DataModel }) {
  const { state, done, filter, rows, searching, problem } = model.state;
  const narrow = useNarrow();
  // Whether a narrow window shows the summary in place of the rows.
  const [summed, setSummed] = useState(false);
  if (!state) return null;
  if (state.kind === 'reading' && !state.summary?.rows) {
    return (
      <Message title={state.name}>
        <p id="reading">Reading… {Math.round(100 * state.share)} %</p>
        <progress class="thin" aria-labelledby="reading" max={1} value={state.share} />
      </Message>
    );
  }
  if (state.kind === 'failed') {
    return (
      <Message title={`${state.name} cannot be read`} text={state.why} role="alert">
        <Button onClick={() => model.host.notify('readAgain', null)}>Read again</Button>
      </Message>
    );
  }
  const { name, version } = state;
  const summary = state.summary!;
  if (summary.rows === 0) {
    return (
      <Message
        title="No rows"
        text={`${name} is empty. The pencil above opens the annotation editor, where rows are added.`}
      />
    );
  }
  const kept = rows ? rows.length : summary.rows;
  const reading = state.kind === 'reading' ? state.share : null;
  const filtered = filter.text.trim() !== '' || Object.keys(filter.chosen).length > 0;
  const clear = () => model.filter({ chosen: {}, text: '' });
  return (
    <>
      <header>
        <h1 title={name}>{name}</h1>
        <SearchField
          label="Rows that contain these words"
          value={filter.text}
          set={(text) => model.filter({ text })}
        />
        <span role="status">
          {reading !== null
            ? 'Reading…'
            : filtered
              ? `${thousands(kept)} of ${several(summary.rows, 'row')}`
              : several(kept, 'row')}
        </span>
        {narrow && (
          <Button
            title={summed ? 'Show the rows' : 'Show what the file holds'}
            aria-pressed={summed}
            onClick={() => setSummed(!summed)}
          >
            Summary
          </Button>
        )}
        <Button icon="clear-all" title="Clear the filter" disabled={!filtered} onClick={clear} />
        {(reading ?? searching) !== null && (
          <progress
            class="thin"
            aria-label={reading === null ? 'Searching' : 'Reading'}
            max={1}
            value={reading ?? searching!}
          />
        )}
      </header>
      {reading === null && done && (
        <Steps summary={summary} done={done} take={(step) => model.host.notify('step', { step })} />
      )}
      <Problem why={problem} />
      <div class={`columns parts${summed ? ' beside' : ''}`}>
        <aside aria-label="What the file holds">
          <Boundary shown={summary}>
            {reading !== null && (
              <p class="quiet">
                Of the rows so far, with {Math.round(100 * reading)} % done.
                {filtered && ' The filter applies at the end.'}
              </p>
            )}
            <Summary summary={summary} chosen={reading === null ? filter.chosen : null} model={model} />
          </Boundary>
        </aside>
        <main>
          {kept === 0 ? (
            <Message within text="No row matches this filter.">
              <Button onClick={clear}>Show all rows</Button>
            </Message>
          ) : (
            <CardGrid
              key={version}
              rows={rows}
              count={kept}
              paired={mirrorsIn(summary) > 0}
              host={model.host}
            />
          )}
        </main>
      </div>
    </>
  );
}
