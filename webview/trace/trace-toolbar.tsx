import type { TraceCommand, TraceOptions, TraceSubject } from '../../src/panels/trace/trace.contract.ts';
import { Button, Dropdown, Menu } from '../ui/controls.tsx';
import { useNarrow } from '../ui/hooks.ts';
import { runCommand, type Key } from '../ui/keyboard.ts';
import type { TraceModel } from './trace-model.ts';

interface ToolbarProps {
  model: TraceModel;
  keys: readonly Key[];
}

const TOKENS: readonly [TraceOptions['tokens'], string][] = [
  ['none', 'Plain tokens'],
  ['logprob', 'log p'],
  ['kl', 'log p − reference model'],
  ['entropy', 'entropy'],
];

export function Toolbar({ model, keys }: ToolbarProps) {
  const { options, swapped, config, listed } = model.state;
  const tool = (name: TraceCommand, k: string, title: string) => ({
    k,
    title,
    onClick: () => runCommand(keys, { name }),
  });
  const narrow = useNarrow();
  const toggles = (
    <>
      <Button {...tool('swap', 'm', 'Swap original and mirror')} icon="arrow-swap" aria-pressed={swapped} />
      <Button
        {...tool('toggleBoxes', 'b', 'Toggle Boxes')}
        icon="surround-with"
        aria-pressed={options.boxes}
      />
      <Button
        {...tool('toggleGraph', 'g', 'Toggle scene graph')}
        icon="type-hierarchy-sub"
        aria-pressed={options.graph}
      />
      <Button
        {...tool('toggleWords', 'w', 'Mark reasoning words')}
        icon="whole-word"
        aria-pressed={options.words}
      />
    </>
  );
  const tokens = (
    <Dropdown
      label="Colour tokens by"
      labelUnseen={!narrow}
      options={TOKENS}
      value={options.tokens}
      set={(tokens) => model.choose({ tokens })}
    />
  );
  const whatIf = config && (
    <Button {...tool('toggleWhatIf', 'e', 'Toggle what-if analysis')} aria-pressed={options.whatIf}>
      What-If Analysis
    </Button>
  );
  const wall = (
    <Button
      {...tool('toggleWall', 'v', options.wall ? 'Show list and one pair' : 'Show all pairs as a grid')}
      aria-pressed={options.wall}
    >
      Grid
    </Button>
  );
  const exports = (
    <>
      <Button {...tool('copy', 'c', 'Copy pair as Markdown')}>Copy as Markdown</Button>
      <Button {...tool('exportPng', '', 'Save pair as image')}>Save as Image (PNG)…</Button>
      <Button {...tool('exportHtml', '', 'Save pair as HTML file')}>Save as HTML…</Button>
    </>
  );
  return (
    <header>
      <Place model={model} />
      <div class="tools" role="group" aria-label="Tools">
        {!options.wall && (
          <>
            {narrow && (
              <Button
                title={listed ? 'Show pair' : 'Show list of pairs'}
                aria-pressed={listed}
                onClick={() => model.update({ listed: !listed })}
              >
                List
              </Button>
            )}
            <Button {...tool('previous', 'k', 'Previous pair')} icon="chevron-up" />
            <Button {...tool('next', 'j', 'Next pair')} icon="chevron-down" />
            {toggles}
            {!narrow && (
              <>
                {tokens}
                {whatIf}
              </>
            )}
          </>
        )}
        {(!narrow || options.wall) && wall}
        {!options.wall && (
          <Menu label={narrow ? 'More' : 'Export'}>
            <div class="items">
              {narrow && (
                <>
                  {wall}
                  {whatIf}
                  {tokens}
                  <Button {...tool('showKeys', '?', 'Keys')}>Keys</Button>
                </>
              )}
              {exports}
            </div>
          </Menu>
        )}
        {(!narrow || options.wall) && <Button {...tool('showKeys', '?', 'Keys')} icon="question" />}
      </div>
    </header>
  );
}

/** Returns the label of a source, for use before the host has listed all sources. */
const labelOf = ({ name, source }: TraceSubject): string =>
  source === undefined
    ? 'Traces'
    : `Evaluation ${source === '.' ? name : source.replace(/^step-0*(?=\d)/, 'step ')}`;

/** Control for the source of the displayed pairs: the run, and the run's traces or one of its evaluations. */
function Place({ model }: Pick<ToolbarProps, 'model'>) {
  const { subject, sources, opened } = model.state;
  return (
    <div class="place">
      <h1 title={subject!.run}>{subject!.name}</h1>
      <Dropdown
        label="Traces or evaluation"
        labelUnseen
        options={
          sources.length === 0
            ? [[subject!.source ?? '', labelOf(subject!)]]
            : sources.map(({ source, label }) => [source ?? '', label])
        }
        value={subject!.source ?? ''}
        set={(source) => void model.show({ ...subject!, source: source || undefined, id: null })}
      />
      <span class="unseen" role="status">
        {opened && `Step ${opened.id.step}, pair ${opened.id.pair}`}
      </span>
    </div>
  );
}
