import { useState } from 'preact/hooks';
import { thousands } from '../../../src/base/format.ts';
import { wallGroups, wallStates } from './wall-words.ts';
import type { Wall } from '../../../src/panels/trace/wall.contract.ts';
import type { TraceList } from '../../../src/panels/trace/trace.contract.ts';
import type { PairId } from '../../../src/core/run-data/trace-summary.ts';
import { Button, Dropdown } from '../../ui/controls.tsx';
import { InterpretationLine } from '../../ui/interpretation-line.tsx';
import { Message, Problem } from '../../ui/message-line.tsx';
import { Search } from '../list/search-fields.tsx';
import { sourceOf, type TraceModel } from '../trace-model.ts';
import { WallGrid } from './wall-grid.tsx';
import './wall.css';

/** Difference grid: all pairs of the list as images, coloured by outcome. */
export function WallView({ model }: { model: TraceModel }) {
  const { subject, query, list, reading, listError, wall, selection, id } = model.state;
  const [problem, setProblem] = useState<string | null>(null);
  const source = sourceOf(subject!);
  const interpretation = list?.interpretation;
  const field = model.sortOf(query)?.field;
  const offered = wallGroups(source.source !== undefined, (list?.compared ?? null) !== null, list?.partners);
  const [group = null] = offered.find(([name]) => name === field) ?? [];
  const open = (opened: PairId) => {
    void model.open(opened);
    model.choose({ wall: false });
  };
  const send = (what: 'annotate' | 'saveRows') => {
    setProblem(null);
    model.host
      .call(what, { ...source, ids: [...selection.values()] })
      .catch((error: Error) => setProblem(error.message));
  };
  return (
    <main class="wall stack" aria-label="Difference grid">
      <div class="wall-head flow">
        <Search
          {...{ query, list }}
          onQuery={(next) => void model.search(next)}
          evaluation={source.source !== undefined}
        />
        <Dropdown
          label="Group by"
          options={[['', 'nothing'], ...offered]}
          value={group ?? ''}
          set={(name) =>
            // The original order of pairs is the order of steps.
            void model.search({ ...query, sort: { field: name === '' ? 'step' : name, descending: false } })
          }
        />
        <Checkpoints model={model} />
        <Against model={model} />
        {list && <Legend list={list} wall={wall?.wall ?? null} />}
        {reading !== null && <progress value={reading} max={1} aria-label="Reading pairs" />}
      </div>
      <Problem why={listError ?? problem} signed />
      {interpretation?.what === 'moved' && (
        <InterpretationLine
          interpretation={interpretation}
          interpret={(what) => model.host.notify('interpret', { what })}
        />
      )}
      {list && wall && wall.wall.steps.length > 0 && (
        <WallGrid
          list={wall.list}
          wall={wall.wall}
          group={group}
          source={model.rows}
          swapped={model.state.swapped}
          selection={selection}
          opened={id}
          onSelect={(selection) => model.update({ selection })}
          onOpen={open}
          load={(id, image) => model.host.call('traceImage', { ...source, id, image })}
          pictureOf={(sample) => JSON.stringify([source.run, interpretation?.root, source.source, sample])}
        />
      )}
      {list?.total === 0 && reading === null && (
        <Empty list={list} clear={() => void model.search({ ...query, filter: '', text: '' })} />
      )}
      <footer class="tools" role="group" aria-label="Selected pairs">
        <span class="quiet">
          {selection.size === 0
            ? 'To select several pairs, press Space, or click with Shift or Ctrl'
            : `${thousands(selection.size)} selected`}
        </span>
        <Button
          disabled={selection.size === 0}
          title="Open rows in the annotation editor"
          onClick={() => send('annotate')}
        >
          Annotate Rows
        </Button>
        <Button
          disabled={selection.size === 0}
          title="Save rows as a new dataset"
          onClick={() => send('saveRows')}
        >
          Save as Dataset…
        </Button>
      </footer>
    </main>
  );
}

/** Slider over the evaluations during training. The grid shows the same pairs, with the answers at each step. */
function Checkpoints({ model }: { model: TraceModel }) {
  const { subject, sources } = model.state;
  const checks = sources.flatMap(({ source }) => {
    const step = /^step-(\d+)$/.exec(source ?? '')?.[1];
    return step === undefined ? [] : [{ source: source!, step: Number(step) }];
  });
  checks.sort((a, b) => a.step - b.step);
  const at = checks.findIndex(({ source }) => source === subject!.source);
  if (at < 0 || checks.length < 2) return null;
  return (
    <label class="wall-checkpoints">
      Step {checks[at]!.step}
      <input
        type="range"
        min={0}
        max={checks.length - 1}
        step={1}
        value={at}
        aria-label="Checkpoint"
        aria-valuetext={`step ${checks[at]!.step}`}
        onChange={({ currentTarget }) => model.showSource(checks[Number(currentTarget.value)]!.source)}
      />
    </label>
  );
}

/** Second evaluation of the comparison; without a second evaluation, a control that selects one. */
function Against({ model }: { model: TraceModel }) {
  const { subject, list } = model.state;
  const { source, against } = subject!;
  if (source === undefined) return null;
  if (!against)
    return (
      <Button
        title="Compare with another evaluation pair by pair"
        onClick={() => model.host.notify('compare', { source })}
      >
        Compare Evaluations…
      </Button>
    );
  return (
    <span class="against">
      <span title={`${subject!.run}\n${against.run}`}>
        <strong>A</strong> {subject!.name}, {source} · <strong>B</strong> {against.run.split(/[\\/]/).at(-1)},{' '}
        {against.source}
        {list?.compared === 0 && ' (no pairs in common)'}
      </span>
      <Button
        icon="close"
        title="Stop comparison"
        onClick={() => model.host.notify('compare', { source: null })}
      />
    </span>
  );
}

/** Legend of the colours and signs, with the number of pairs for each. */
function Legend({ list, wall }: { list: TraceList; wall: Wall | null }) {
  const states = wallStates(list.compared !== null, list.partners);
  const counts = states.map(() => 0);
  for (const state of wall?.states ?? []) counts[state]! += 1;
  return (
    <div class="legend flow">
      <ul aria-label="Legend">
        {states.map(({ state, sign, label }, i) => {
          if (counts[i] === 0 && (state === 'unknown' || (list.partners === null && list.compared === null)))
            return null;
          return (
            <li key={state} class={state}>
              <span class="sign" aria-hidden="true">
                {sign}
              </span>
              {label} <span class="quiet">{thousands(counts[i]!)}</span>
            </li>
          );
        })}
      </ul>
      <span class="quiet" role="status">
        {list.total === list.inSource
          ? thousands(list.inSource)
          : `${thousands(list.total)} of ${thousands(list.inSource)}`}{' '}
        {list.partners ? 'pairs' : 'rows'}
      </span>
    </div>
  );
}

function Empty({ list, clear }: { list: TraceList; clear: () => void }) {
  if (list.inSource === 0)
    return <Message within title="No pairs yet" text="Pairs appear after the run has answered both views." />;
  return (
    <Message
      within
      text={list.compared === 0 ? 'The evaluations share no pairs.' : 'No pairs match the filter.'}
    >
      <Button onClick={clear}>Clear Search and Filter</Button>
    </Message>
  );
}
