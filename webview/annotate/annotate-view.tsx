import { useState } from 'preact/hooks';
import { thousands } from '../../src/base/format.ts';
import { visible } from '../../src/base/escape.ts';
import type { AnnotateState } from '../../src/panels/annotate/annotate.contract.ts';
import { Button, SearchField } from '../ui/controls.tsx';
import { useNarrow } from '../ui/hooks.ts';
import { Boundary, Message, Problem } from '../ui/message-line.tsx';
import type { Key } from '../ui/keyboard.ts';
import { Keys } from '../ui/keys.tsx';
import { Card } from './row-card.tsx';
import { hasField, Warning } from './field.tsx';
import { List } from './row-list.tsx';
import { Queue, whyEmpty } from './queue.tsx';
import { place } from './annotate-keys.ts';
import { type AnnotateModel, PageContext, usePage } from './annotate-model.ts';
import { objectsOf, usableOf } from './annotate-panel-state.ts';
import { UnusableRows } from '../ui/unusable-rows.tsx';

export function AnnotateView({ model, keys }: { model: AnnotateModel; keys: readonly Key[] }) {
  const { state: panel, version } = model;
  const { state } = panel;
  return (
    state && (
      <PageContext.Provider value={{ panel, version, readOnly: state.readOnly, actions: model }}>
        <Editor state={state} keys={keys} />
      </PageContext.Provider>
    )
  );
}

function Editor({ state, keys }: { state: AnnotateState; keys: readonly Key[] }) {
  const { panel, readOnly, actions } = usePage();
  const { open, row } = panel;
  const { sample, problems } = open?.row ?? { sample: null, problems: [] };
  const usable = usableOf(panel);
  const { listed } = panel;
  const narrow = useNarrow();
  const where = state.rows > 0 ? `Row ${thousands(row + 1)} of ${thousands(state.rows)}` : '';
  return (
    <>
      <header>
        <div class="place">
          <h1 title={state.name}>{state.name}</h1>
          <span>{where}</span>
          <Warning problems={problems.filter(({ path }) => !hasField(path))} />
          {readOnly && <span class="badge">read only</span>}
          <span class="unseen" role="status">
            {`${panel.news} ${where}`}
          </span>
        </div>
        <Search />
        <div class="tools" role="group" aria-label="Tools">
          {narrow && state.rows > 0 && (
            <Button
              title={listed ? 'Show row' : 'Show list of rows'}
              aria-pressed={listed}
              onClick={() => actions.update({ listed: !listed })}
            >
              Rows
            </Button>
          )}
          <Button
            k="n"
            aria-pressed={panel.drawing}
            disabled={readOnly || state.rows === 0}
            onClick={() =>
              usable && panel.placing && panel.drawing ? place(actions, usable) : actions.toggleDrawing()
            }
          >
            Box
          </Button>
          <Button
            k="l"
            aria-pressed={panel.relating !== null}
            disabled={readOnly || objectsOf(sample).length < 2}
            onClick={() => actions.relate()}
          >
            Relation
          </Button>
          <Button icon="question" k="?" title="Keys" onClick={() => actions.update({ showKeys: true })} />
        </div>
      </header>
      <Problem why={panel.refusal} />
      <Usable />
      {/* Next to the card, the list contains the reason why it is empty. */}
      {narrow && !listed && panel.queue?.rows?.length === 0 && (
        <p class="empty quiet">{whyEmpty(panel.queue, panel)}</p>
      )}
      {state.rows === 0 ? (
        <Message title="No rows" text={`${state.name} is empty.`}>
          {!readOnly && <Button onClick={() => void actions.host.call('add', { row: 0 })}>Add Row</Button>}
        </Message>
      ) : (
        <div class={`columns parts${listed ? ' beside' : ''}`}>
          <aside aria-label="Rows">
            <Queue />
            <List state={state} choose={() => actions.update({ listed: false })} />
          </aside>
          <main>
            {open && !sample && (
              <div class="missing">
                <strong>Cannot edit this row in the annotation editor.</strong>
                <pre>{visible(open.text)}</pre>
                <Button onClick={() => actions.host.notify('openRow', { row })}>Open as Text</Button>
              </div>
            )}
            {usable && (
              <Boundary shown={open}>
                <Card usable={usable} />
              </Boundary>
            )}
          </main>
        </div>
      )}
      <Keys
        isShown={panel.showKeys}
        table={keys}
        others={[
          ['Tab', 'Select the next box in the list'],
          ['Enter', 'While drawing, place the new box'],
        ]}
        model={actions}
      />
    </>
  );
}

/** Search field that moves to the next row that contains all the typed words. */
function Search() {
  const { panel, actions } = usePage();
  const [text, setText] = useState('');
  const [told, setTold] = useState('');
  const find = async (by: 1 | -1) => {
    if (text.trim() === '' || !panel.state) return;
    setTold('searching…');
    const { rows } = panel.state;
    const from = (panel.row + by + rows) % rows;
    const row = await actions.host.call('find', { row: from, by, text }).catch(() => null);
    setTold(row === null ? 'not found' : '');
    if (row !== null) actions.goTo(row);
  };
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        void find(1);
      }}
    >
      <SearchField
        id="search"
        label="Find rows"
        placeholder="Find rows (/)"
        value={text}
        set={(now) => {
          setText(now);
          setTold('');
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && event.shiftKey) {
            event.preventDefault();
            void find(-1);
          } else if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <span class="quiet" role="status">
        {told}
      </span>
    </form>
  );
}

/** Unusable rows. Hidden if rows are only unfinished. */
function Usable() {
  const { panel, readOnly, actions } = usePage();
  const { usable: file } = panel;
  if (!file || file.usable.faults.every(({ kind }) => kind === 'unwritten')) return null;
  return (
    <UnusableRows
      file={file}
      before={file.usable.rows < panel.state!.rows && 'At the start of the file, '}
      readOnly={readOnly}
      show={(filter) => {
        actions.update({ listed: true });
        actions.filter(filter);
      }}
      mend={(how) => actions.host.notify('mend', { how })}
    />
  );
}
