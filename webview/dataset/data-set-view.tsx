import { useState } from 'preact/hooks';
import { several, thousands } from '../../src/base/format.ts';
import { Button, SearchField } from '../ui/controls.tsx';
import { useNarrow } from '../ui/hooks.ts';
import { Boundary, Message, Problem } from '../ui/message-line.tsx';
import { CardGrid } from './card-grid.tsx';
import { mirrorsIn, Steps } from './dataset-steps.tsx';
import { UnusableRows } from '../ui/unusable-rows.tsx';
import { Summary } from './dataset-summary.tsx';
import { type DataModel } from './dataset-model.ts';

export function DataSetView({ model }: { model: DataModel }) {
  const { state, done, filter, rows, searching, problem } = model.state;
  const narrow = useNarrow();
  // Whether a narrow window shows the summary instead of the rows.
  const [summed, setSummed] = useState(false);
  if (!state) return null;
  if (state.kind === 'reading' && !state.summary?.rows) {
    return (
      <Message title={state.name}>
        <p id="reading">Reading… {Math.round(100 * state.share)}%</p>
        <progress class="thin" aria-labelledby="reading" max={1} value={state.share} />
      </Message>
    );
  }
  if (state.kind === 'failed') {
    return (
      <Message title={`Cannot read ${state.name}`} text={state.why} role="alert">
        <Button onClick={() => model.host.notify('readAgain', null)}>Try Again</Button>
      </Message>
    );
  }
  const { name, version } = state;
  const summary = state.summary!;
  if (summary.rows === 0) {
    return (
      <Message
        title="No rows"
        text={`${name} is empty. To add rows in the annotation editor, select the pencil above.`}
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
        <SearchField label="Search rows" value={filter.text} set={(text) => model.filter({ text })} />
        <span role="status">
          {reading !== null
            ? 'Reading…'
            : filtered
              ? `${thousands(kept)} of ${several(summary.rows, 'row')}`
              : several(kept, 'row')}
        </span>
        {narrow && (
          <Button
            title={summed ? 'Show rows' : 'Show summary'}
            aria-pressed={summed}
            onClick={() => setSummed(!summed)}
          >
            Summary
          </Button>
        )}
        <Button icon="clear-all" title="Clear filter" disabled={!filtered} onClick={clear} />
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
      {summary.usable && summary.usable.usable.faults.length > 0 && (
        <UnusableRows
          file={summary.usable}
          places
          show={(filter) => model.host.notify('annotate', { filter })}
          mend={(how) => model.host.notify('mend', { how })}
        />
      )}
      <Problem why={problem} />
      <div class={`columns parts${summed ? ' beside' : ''}`}>
        <aside aria-label="Summary">
          <Boundary shown={summary}>
            {reading !== null && (
              <p class="quiet">
                {`Reading rows: ${Math.round(100 * reading)}% done.`}
                {filtered && ' The filter applies after reading.'}
              </p>
            )}
            <Summary summary={summary} chosen={reading === null ? filter.chosen : null} model={model} />
          </Boundary>
        </aside>
        <main>
          {kept === 0 ? (
            <Message within text="No rows match this filter.">
              <Button onClick={clear}>Show All Rows</Button>
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
