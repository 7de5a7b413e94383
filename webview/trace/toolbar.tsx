import type { TraceCommand, TraceOptions } from '../../src/core/protocol/trace-panel.ts';
import { Button, Dropdown } from '../ui/controls.tsx';
import { runCommand, type Key } from '../ui/keyboard.ts';
import { Menu, useNarrow } from '../ui/toolbar.tsx';
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
  const { subject, sources, options, swapped, opened, config } = model.state;
  const tool = (name: TraceCommand, k: string, title: string) => ({
    ...{ k, title },
    onClick: () => runCommand(keys, { name }),
  });
  const narrow = useNarrow();
  const others = (
    <>
      <Button {...tool('toggleBoxes', 'b', 'Show or hide boxes')} aria-pressed={options.boxes}>
        Boxes
      </Button>
      <Button {...tool('toggleGraph', 'g', 'Show or hide the scene graph')} aria-pressed={options.graph}>
        Graph
      </Button>
      <Button {...tool('toggleWords', 'w', 'Mark reasoning words')} aria-pressed={options.words}>
        Words
      </Button>
      <Dropdown
        label="Colour tokens by"
        labelUnseen
        options={TOKENS}
        value={options.tokens}
        set={(tokens) => model.choose({ tokens: tokens as TraceOptions['tokens'] })}
      />
      {config && (
        <Button {...tool('toggleWhatIf', 'e', 'Recompute with other settings')} aria-pressed={options.whatIf}>
          What if
        </Button>
      )}
      <Button {...tool('showKeys', '?', 'Keys')}>Keys</Button>
    </>
  );
  const exports = (
    <>
      <Button {...tool('copy', 'c', 'Copy the pair as Markdown')}>Copy as Markdown</Button>
      <Button {...tool('exportPng', '', 'Save the pair as a picture')}>Save as picture (PNG)…</Button>
      <Button {...tool('exportHtml', '', 'Save the pair as one HTML file')}>Save as HTML…</Button>
    </>
  );
  return (
    <header>
      <div class="place">
        <h1 title={subject!.run}>{subject!.name}</h1>
        <Dropdown
          label="Traces or evaluation"
          labelUnseen
          options={
            sources.length === 0
              ? [[subject!.source ?? '', subject!.source ?? 'Traces']]
              : sources.map(({ source, label }) => [source ?? '', label])
          }
          value={subject!.source ?? ''}
          set={(source) => void model.show({ ...subject!, source: source || undefined, id: null })}
        />
        <span class="unseen" role="status">
          {opened && `Step ${opened.id.step}, pair ${opened.id.pair}`}
        </span>
      </div>
      <div class="tools" role="group" aria-label="Tools">
        <Button {...tool('previous', 'k', 'Previous pair of the list')}>Previous</Button>
        <Button {...tool('next', 'j', 'Next pair of the list')}>Next</Button>
        <Button {...tool('swap', 'm', 'Swap original and mirror')} aria-pressed={swapped}>
          Swap
        </Button>
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
