import type { TraceCommand, TraceOptions } from '../../src/core/protocol/trace-panel.ts';
import { runCommand, type Key } from '../ui/keyboard.ts';
import { Menu, useNarrow, Tool } from '../ui/toolbar.tsx';
import type { TraceModel } from './model.ts';

interface Props {
  model: TraceModel;
  keys: readonly Key[];
}

const TOKENS: readonly [TraceOptions['tokens'], string][] = [
  ['none', 'Plain tokens'],
  ['logprob', 'log p'],
  ['kl', 'log p − reference'],
  ['entropy', 'entropy'],
];

export function Toolbar({ model, keys }: Props) {
  const { place, sources, options, swapped, opened, config } = model.state;
  const tool = (name: TraceCommand, k: string, title: string) => ({
    ...{ k, title },
    onClick: () => runCommand(keys, { name }),
  });
  const narrow = useNarrow();
  const others = (
    <>
      <Tool {...tool('toggleBoxes', 'b', 'Show or hide boxes')} aria-pressed={options.boxes}>
        Boxes
      </Tool>
      <Tool {...tool('toggleGraph', 'g', 'Show or hide the scene graph')} aria-pressed={options.graph}>
        Graph
      </Tool>
      <Tool {...tool('toggleWords', 'w', 'Mark reasoning words')} aria-pressed={options.words}>
        Words
      </Tool>
      <select
        aria-label="Colour tokens by"
        value={options.tokens}
        onChange={({ currentTarget }) =>
          model.choose({ tokens: currentTarget.value as TraceOptions['tokens'] })
        }
      >
        {TOKENS.map(([value, label]) => (
          <option value={value}>{label}</option>
        ))}
      </select>
      {config && (
        <Tool {...tool('toggleWhatIf', 'e', 'Recompute with other settings')} aria-pressed={options.whatIf}>
          What if
        </Tool>
      )}
      <Tool {...tool('showKeys', '?', 'Keys')}>Keys</Tool>
    </>
  );
  const exports = (
    <>
      <Tool {...tool('copy', 'c', 'Copy the pair as Markdown')}>Copy as Markdown</Tool>
      <Tool {...tool('exportPng', '', 'Save the pair as a picture')}>Save as picture (PNG)…</Tool>
      <Tool {...tool('exportHtml', '', 'Save the pair as one HTML file')}>Save as HTML…</Tool>
    </>
  );
  return (
    <header>
      <div class="place">
        <h1 title={place!.run}>{place!.name}</h1>
        <select
          aria-label="Traces or evaluation"
          value={place!.source ?? ''}
          onChange={({ currentTarget }) =>
            void model.show({ ...place!, source: currentTarget.value || undefined, id: null })
          }
        >
          {sources.length === 0 && <option value={place!.source ?? ''}>{place!.source ?? 'Traces'}</option>}
          {sources.map(({ source, label }) => (
            <option value={source ?? ''}>{label}</option>
          ))}
        </select>
        <span class="unseen" role="status">
          {opened && `Step ${opened.id.step}, pair ${opened.id.pair}`}
        </span>
      </div>
      <div class="tools" role="group" aria-label="Tools">
        <Tool {...tool('previous', 'k', 'Previous pair of the list')}>Previous</Tool>
        <Tool {...tool('next', 'j', 'Next pair of the list')}>Next</Tool>
        <Tool {...tool('swap', 'm', 'Swap original and mirror')} aria-pressed={swapped}>
          Swap
        </Tool>
        {narrow ? (
          <Menu label="More">
            <div class="items">
              {others}
              {exports}
            </div>
          </Menu>
        ) : (
          <>
            {others}
            <Menu label="Export">
              <div class="items">{exports}</div>
            </Menu>
          </>
        )}
      </div>
    </header>
  );
}
