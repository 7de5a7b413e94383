import type { TraceCommand } from '../../src/core/protocol/trace-panel.ts';
import { Boundary } from '../ui/boundary.tsx';
import { Keys } from '../ui/keys.tsx';
import { Splitter } from '../ui/splitter.tsx';
import { Inspector } from './inspector.tsx';
import { ListPane } from './list-pane.tsx';
import type { TraceModel } from './model.ts';
import { Toolbar } from './toolbar.tsx';

interface Props {
  model: TraceModel;
  run: (name: TraceCommand) => void;
}

export function TraceView({ model, run }: Props) {
  const { place, message, list, options, showKeys, keys } = model.state;
  if (message) return <Message {...message} />;
  if (!place) return <Message title="" detail="Loading…" />;
  return (
    <div class="trace">
      <Toolbar model={model} run={run} />
      <div class="panes" style={{ '--list': `${options.list}px` }}>
        <nav aria-label="Pairs">
          <ListPane model={model} />
          <Splitter
            label="Width of the list"
            value={options.list}
            min={200}
            max={700}
            set={(width) => model.choose({ list: width })}
          />
        </nav>
        <main aria-label="Pair">
          {list?.of === 0 ? <NoTraces evaluation={place.source !== undefined} /> : <Opened model={model} />}
        </main>
      </div>
      {showKeys && (
        <Keys
          keys={keys.map(({ key, title }) => [key, title] as const)}
          note="These are the defaults. Every one of them is a command, and can be bound otherwise. Held, m goes back when it is released."
          close={() => model.update({ showKeys: false })}
          openKeybindings={() => model.host.notify('openKeybindings', null)}
        />
      )}
    </div>
  );
}

function Opened({ model }: { model: TraceModel }) {
  const { opened, openError, list, id } = model.state;
  if (openError) return <Message title="This pair cannot be shown" detail={openError} />;
  if (opened) {
    return (
      <Boundary of={opened}>
        <Inspector model={model} opened={opened} />
      </Boundary>
    );
  }
  if (list?.total === 0 && !id) return <Message title="No pair" detail="No pair fits the filter." />;
  return <Message title="" detail="Loading…" />;
}

function NoTraces({ evaluation }: { evaluation: boolean }) {
  return evaluation ? (
    <Message title="No rows" detail="This evaluation has written no rows yet." />
  ) : (
    <Message
      title="No traces yet"
      detail="The run writes one after every step that trace.every in its run.yaml names; this panel shows them as they come."
    />
  );
}

function Message({ title, detail }: { title: string; detail: string }) {
  return (
    <div class="message">
      {title && <h1>{title}</h1>}
      <p>{detail}</p>
    </div>
  );
}
