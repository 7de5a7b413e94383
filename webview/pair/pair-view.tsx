import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { thousands } from '../../src/base/format.ts';
import { stateLabel } from '../../src/base/labels.ts';
import { isClip, timesOf } from '../../src/rows/sample/clip.ts';
import { MIRROR, sortedViews, viewOf, type ViewId } from '../../src/rows/view-list.ts';
import type { PairImage, PairRow } from '../../src/panels/pair/pair.contract.ts';
import type { Problem } from '../../src/base/problem.ts';
import { Button, Dropdown } from '../ui/controls.tsx';
import { Boundary, Message } from '../ui/message-line.tsx';
import type { Key } from '../ui/keyboard.ts';
import { Keys } from '../ui/keys.tsx';
import { LookedHeat } from '../ui/look-controls.tsx';
import { Pair } from '../ui/pair.tsx';
import { Frames } from '../ui/frames.tsx';
import { PicturePair } from '../ui/picture-pair.tsx';
import { AboutView, isUsed, StateBadge, standingOf } from './view-facts.tsx';
import { LookView } from './look/look-view.tsx';
import { Texts } from './texts.tsx';
import type { LookActions } from './look/actions.ts';
import { sidesOf, type PairModel, type PairPanelState, type RowState } from './pair-panel-state.ts';
import { NO_PICTURE, shapesOn, viewsOf, type Side } from '../ui/pair-sides.ts';
import { focalOf } from '../../src/rows/views/resample/warp.ts';

/** Values that all components of the page share. */
interface Page {
  model: PairModel;
  panel: PairPanelState;
  look: LookActions;
}
export const PageContext = createContext<Page>(null!);
const usePage = (): Page => useContext(PageContext);

export function PairView({ keys }: { keys: readonly Key[] }) {
  const { model, panel } = usePage();
  const { state } = panel;
  if (!state) return null;
  if (state.kind === 'message') return <Message title={state.title} text={state.detail} />;
  return (
    <>
      <Toolbar state={state} />
      <main>
        <Problems problems={state.row.problems} line={state.line} />
        <Boundary shown={state}>
          <Row state={state} />
        </Boundary>
      </main>
      <Keys isShown={panel.showKeys} table={keys} model={model} />
    </>
  );
}

function Row({ state }: { state: RowState }) {
  const { model, panel, look } = usePage();
  const { row } = state;
  const { sample, images } = row;
  if (!sample) return null;
  const { left, right } = sidesOf(panel, row);
  const flipped = panel.flipped && right !== null;
  const views = right ? ([left.view, right.view] as const) : ([left.view] as const);
  const picture = (image: PairImage) => ({
    image,
    load: () => model.host.call('image', { uri: state.uri, ref: image.ref }),
  });
  const [first, second] = [left.ownImages ?? images, right?.ownImages ?? images];
  return (
    <>
      <Heads {...{ row, left, right, flipped }} />
      {!right && panel.right !== MIRROR && (
        <p class="quiet">
          {`This row has no ${viewOf(panel.right).label.toLowerCase()}. To add this view, run “chirality view add --view ${panel.right}”.`}
        </p>
      )}
      {first.length === 0 && <p class="quiet">No image for this row</p>}
      <Frames
        first={first}
        second={right && second}
        isClip={isClip(sample)}
        times={timesOf(left.sample)}
        playsByItself
        load={({ ref }) => model.host.call('image', { uri: state.uri, ref })}
      >
        {(image, other, indices) => (
          <PicturePair
            {...picture(image ?? NO_PICTURE)}
            other={other === image ? undefined : picture(other ?? NO_PICTURE)}
            flipped={flipped}
            zoomOf={isClip(sample) ? `${state.line}` : undefined}
            views={views}
            focal={focalOf((right?.variant?.meta ? right : left).sample)}
            // Boxes and graph belong to the first image.
            shapes={(_, size, side) =>
              indices[side] > 0 || !panel.boxes
                ? []
                : shapesOn(side === 0 ? left : right!, sample, sample.box_format, size)
            }
            above={(_, __, side) => {
              const { look: shown } = panel;
              const at = shown?.look?.views.findIndex(({ view }) => view === views[side]) ?? -1;
              return !shown?.look || at < 0 ? null : (
                <LookedHeat look={shown.look} choice={shown} view={at} picture={indices[side]} id={`${at}`} />
              );
            }}
          />
        )}
      </Frames>
      {panel.look && <LookView shown={panel.look} {...look} />}
      <Texts left={left} right={right} flipped={flipped} />
      {[left, right].map((side) => side?.variant && <AboutView row={row} side={side} />)}
    </>
  );
}

/** Names of the views on both sides, with a choice of views if the row has several. */
function Heads(props: { row: PairRow; left: Side; right: Side | null; flipped: boolean }) {
  const { row, left, right, flipped } = props;
  const { model, panel } = usePage();
  const views = viewsOf(row);
  const wanted = right?.view ?? panel.right;
  const options = sortedViews([...views, wanted]).map((id): [string, string] => [
    id,
    views.includes(id) ? viewOf(id).label : `${viewOf(id).label} (not in this row)`,
  ]);
  const choice = (side: 'left' | 'right', value: ViewId) => (
    <Dropdown
      label={side === 'left' ? 'Left view' : 'Right view'}
      labelUnseen
      {...{ options, value }}
      set={(view) => model.update({ [side]: view })}
    />
  );
  const chooses = options.length > 2;
  const head = (side: 'left' | 'right', view: ViewId, shown: Side | null) => (
    <div class="head flow">
      <h2 class={chooses ? 'unseen' : undefined}>{viewOf(view).label}</h2>
      {chooses && choice(side, view)}
      {shown?.variant && (
        <>
          <StateBadge state={standingOf(row, shown)} />
          {!isUsed(row, shown) && <span class="quiet">unused</span>}
        </>
      )}
    </div>
  );
  const first = head('left', left.view, left);
  if (!right && !chooses) return <div class="heads">{first}</div>;
  return (
    <div class={`heads${chooses ? ' chooses' : ''}`}>
      <Pair
        original={first}
        mirror={head('right', wanted, right)}
        flipped={!chooses && flipped}
        views={[left.view, wanted]}
      />
    </div>
  );
}

/** Problems of the row, with a link to the row's line. */
function Problems({ problems, line }: { problems: Problem[]; line: number }) {
  const { model } = usePage();
  if (problems.length === 0) return null;
  return (
    <section class="problems stack" aria-label="Problems in this row">
      <ul>
        {problems.map(({ severity, message, fix }) => (
          <li class={severity}>
            <span aria-hidden="true">{severity === 'error' ? '✕' : '!'}</span>
            <span>
              <span class="unseen">{severity}: </span>
              {message} {fix}
            </span>
          </li>
        ))}
      </ul>
      <Button k="o" title="Go to row in editor" onClick={() => model.host.notify('openRow', null)}>
        Go to Line {thousands(line)}
      </Button>
    </section>
  );
}

function Toolbar({ state }: { state: RowState }) {
  const { model, panel, look } = usePage();
  const { name, line, lines, row } = state;
  const where = `Line ${thousands(line)} of ${thousands(lines)}`;
  const { label } = viewOf(panel.right);
  const right = row.sample && sidesOf(panel, row).right;
  const what = !row.sample
    ? 'Unusable row.'
    : right?.variant
      ? `${label}: ${stateLabel(standingOf(row, right))}.`
      : right
        ? ''
        : `No ${label.toLowerCase()}.`;
  return (
    <header>
      <div class="place">
        <h1 title={name}>{name}</h1>
        <span>{where}</span>
        <span class="unseen" role="status">{`${where}. ${what}`}</span>
      </div>
      <div class="tools" role="group" aria-label="Tools">
        <Button
          k="k"
          icon="chevron-up"
          title="Previous row"
          onClick={() => model.host.notify('move', { by: -1 })}
        />
        <Button
          k="j"
          icon="chevron-down"
          title="Next row"
          onClick={() => model.host.notify('move', { by: 1 })}
        />
        <Button
          k="b"
          icon="surround-with"
          title="Toggle Boxes"
          aria-pressed={panel.boxes}
          onClick={() => model.update({ boxes: !panel.boxes })}
        />
        <Button
          k="m"
          icon="arrow-swap"
          title="Hold the button to show the right view on the left"
          disabled={!right}
          aria-pressed={panel.flipped}
          onPointerDown={() => model.update({ flipped: true })}
          onPointerUp={() => model.update({ flipped: false })}
          onPointerLeave={() => panel.flipped && model.update({ flipped: false })}
          // Also toggle the view on keyboard presses, and for users who cannot hold down the button.
          onClick={(event) => event.detail === 0 && model.update({ flipped: !panel.flipped })}
        />
        <Button
          k="l"
          title="Show attention of a model"
          disabled={!row.sample}
          aria-pressed={panel.look !== null}
          onClick={look.toggle}
        >
          Attention
        </Button>
        <Button k="?" icon="question" title="Keys" onClick={() => model.update({ showKeys: true })} />
      </div>
    </header>
  );
}
