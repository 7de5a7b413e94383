import { Button } from '../ui/controls.tsx';
import { Boundary, Message } from '../ui/message-line.tsx';
import type { Key } from '../ui/keyboard.ts';
import { Keys } from '../ui/keys.tsx';
import { Inspector } from './pair-inspector.tsx';
import type { TraceModel } from './trace-model.ts';
import { Toolbar } from './trace-toolbar.tsx';
import { TraceList } from './list/trace-list.tsx';
import { WallView } from './wall/wall-view.tsx';
import { WhatIf } from './what-if-sliders.tsx';

interface TraceViewProps {
  model: TraceModel;
  keys: readonly Key[];
}

export function TraceView({ model, keys }: TraceViewProps) {
  const { subject, message, options, showKeys } = model.state;
  if (message) return <Message title={message.title} text={message.detail} />;
  if (!subject) return <Message text="Loading…" />;
  return (
    <div class="trace stack">
      <Toolbar model={model} keys={keys} />
      {options.wall ? <WallView model={model} /> : <Panes model={model} />}
      <Keys isShown={showKeys} table={keys} others={options.wall ? WALL_KEYS : []} model={model} />
    </div>
  );
}

const WALL_KEYS: [key: string, what: string][] = [
  ['Arrows, Page Up, Page Down, Home, End', 'Move in the grid, or extend the selection with Shift'],
  ['Space', 'Select or deselect the pair in the grid'],
  ['Enter', 'Open the pair that has the focus in the grid'],
  ['Escape', 'Clear the selection of pairs in the grid'],
];

/** List of pairs next to the opened pair. */
function Panes({ model }: { model: TraceModel }) {
  const { list, options } = model.state;
  const { tried } = model;
  return (
    <div
      class={`panes parts${model.state.listed ? ' beside' : ''}`}
      style={{ '--list': `${options.list}px` }}
    >
      <nav class={tried ? 'tried' : ''} aria-label="Pairs">
        <div class="side stack">
          <ListPane model={model} />
          {tried && <WhatIf model={model} {...tried} />}
        </div>
        <Splitter model={model} />
      </nav>
      <main aria-label="Pair">
        {list?.inSource === 0 ? <NoTraces model={model} /> : <ShownPair model={model} />}
      </main>
    </div>
  );
}

function ShownPair({ model }: { model: TraceModel }) {
  const { opened, openError, list, listError, id } = model.state;
  if (openError) return <Message within title="Cannot show this pair" text={openError} />;
  if (opened) {
    return (
      <Boundary shown={opened}>
        <Inspector model={model} opened={opened} />
      </Boundary>
    );
  }
  if (list?.total === 0 && !id)
    return <Message within title="No pairs" text={listError ?? 'No pairs match the filter.'} />;
  return <Message within text="Loading…" />;
}

function NoTraces({ model }: { model: TraceModel }) {
  const { subject, sources } = model.state;
  if (subject!.source !== undefined)
    return <Message within title="No rows" text="Rows appear while the evaluation writes its answers." />;
  const newest = sources.findLast(({ source }) => source !== undefined);
  return (
    <Message
      within
      title="No traces"
      text="Traces are stored rollouts of GRPO runs, at the steps that trace.every sets in run.yaml. SFT runs write no traces."
    >
      {newest && (
        <Button primary onClick={() => model.showSource(newest.source!)}>
          {`Show ${newest.label}`}
        </Button>
      )}
    </Message>
  );
}

/** List of the run's pairs. The host provides the rows. */
function ListPane({ model }: { model: TraceModel }) {
  const { subject, query, list, reading, listError, id, options } = model.state;
  return (
    <div class="list">
      <TraceList
        {...{ query, list, reading, error: listError, selected: id, columns: options.columns }}
        evaluation={subject!.source !== undefined}
        source={model.rows}
        onQuery={(query) => void model.search(query)}
        onOpen={(id) => void model.open(id)}
        onChosen={() => model.update({ listed: false })}
        onEnter={() => document.querySelector<HTMLElement>('.answer-text')?.focus()}
        onColumns={(columns) => model.choose({ columns })}
      />
    </div>
  );
}

/** Minimum width of the list, maximum width, and change of the width by an arrow key, in pixels. */
const [LEAST, MOST, STEP] = [200, 700, 24];

/** Line between the list and the pair. The user can drag the line, or move it with arrow keys. */
function Splitter({ model }: { model: TraceModel }) {
  const { list } = model.state.options;
  const to = (wanted: number) => model.choose({ list: Math.round(Math.min(MOST, Math.max(LEAST, wanted))) });
  const keys: Record<string, number> = {
    ArrowLeft: list - STEP,
    ArrowRight: list + STEP,
    Home: LEAST,
    End: MOST,
  };
  return (
    <div
      class="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label="List width"
      aria-valuenow={Math.round(list)}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onKeyDown={(event) => {
        const wanted = keys[event.key];
        if (wanted === undefined) return;
        event.preventDefault();
        to(wanted);
      }}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const before = event.currentTarget.previousElementSibling!.getBoundingClientRect();
        to(event.clientX - before.left);
      }}
    />
  );
}
