import { isTrusted } from '../../src/core/spatial/variant.ts';
import { isMirrored, type PairView } from '../../src/core/spatial/views/list.ts';
import type { Problem } from '../../src/core/problem.ts';
import { Button } from '../ui/controls.tsx';
import { Boundary } from '../ui/boundary.tsx';
import type { Key } from '../ui/keyboard.ts';
import { Keys } from '../ui/keys.tsx';
import { Pair } from '../ui/pair.tsx';
import { PicturePair } from '../ui/picture.tsx';
import { mirrorShapes, shapesOf } from '../ui/shapes.ts';
import { Facts, StatusBadge } from './facts.tsx';
import type { LookActions } from './look/actions.ts';
import { Heat } from './look/heat.tsx';
import { LookView } from './look/look-view.tsx';
import { Texts } from './texts.tsx';
import { Toolbar } from './toolbar.tsx';
import type { Host, PanelState, RowState, Update } from './panel-state.ts';

interface Props {
  panel: PanelState;
  update: Update;
  host: Host;
  keys: readonly Key[];
  look: LookActions;
}

export function PairView({ panel, update, host, keys, look }: Props) {
  const { state } = panel;
  if (!state) return null;
  if (state.kind === 'message') {
    return (
      <main class="message">
        <h1>{state.title}</h1>
        <p>{state.detail}</p>
      </main>
    );
  }
  return (
    <>
      <Toolbar state={state} panel={panel} update={update} host={host} look={look} />
      <main>
        <Problems problems={state.row.problems} line={state.line} host={host} />
        <Boundary of={state}>
          <Row state={state} panel={panel} host={host} look={look} />
        </Boundary>
      </main>
      {panel.showKeys && (
        <Keys
          table={keys}
          close={() => update({ showKeys: false })}
          openKeybindings={() => host.notify('openKeybindings', null)}
        />
      )}
    </>
  );
}

function Row(props: { state: RowState; panel: PanelState; host: Host; look: LookActions }) {
  const { state, panel, host, look } = props;
  const { sample, mirror, mirrorFrom, images } = state.row;
  if (!sample) return null;
  // A row too long to be mirrored at once is shown without its mirror.
  const flipped = panel.flipped && mirror !== null;
  const { box_format: format } = sample;
  return (
    <>
      {mirror ? (
        <div class="heads">
          <Pair
            original={<h2>Original</h2>}
            mirror={
              <h2>
                Mirror <StatusBadge status={mirror.status} />
                {!isTrusted(mirror) && <span class="quiet">not used</span>}
              </h2>
            }
            flipped={flipped}
          />
        </div>
      ) : (
        <h2>Original</h2>
      )}
      {images.length === 0 && <p class="quiet">This row has no image.</p>}
      {images.map((image, i) => (
        <PicturePair
          image={image}
          flipped={flipped}
          alone={mirror ? undefined : 'original'}
          shapes={(side, size) => {
            // Boxes and graph refer to the first image.
            if (i > 0 || !panel.boxes) return [];
            return isMirrored(side) && mirror
              ? mirrorShapes(sample, mirror, format, size)
              : shapesOf(sample, format, size);
          }}
          // A look is at the first image, too.
          above={(side) =>
            i === 0 && panel.look?.look ? (
              <Heat shown={panel.look} view={isMirrored(side) && mirror ? 1 : 0} />
            ) : null
          }
          load={() => host.call('image', { uri: state.uri, ref: image.ref })}
        />
      ))}
      {panel.look && <LookView shown={panel.look} {...look} />}
      <Texts sample={sample} mirror={mirror} flipped={flipped} />
      {mirror && <Facts sample={sample} mirror={mirror} from={mirrorFrom} />}
    </>
  );
}

/** The problems of the row, with a link to its line. */
function Problems(props: { problems: Problem[]; line: number; host: Host }) {
  const { problems, line, host } = props;
  if (problems.length === 0) return null;
  return (
    <section class="problems" aria-label="Problems of this row">
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
      <Button k="o" title="Go to the row in the editor" onClick={() => host.notify('openRow', null)}>
        Go to line {line.toLocaleString('en')}
      </Button>
    </section>
  );
}
