import { useEffect, useRef, useState } from 'preact/hooks';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';
import { fixed, percentText } from '../../src/base/format.ts';
import { sum } from '../../src/base/numbers.ts';
import { drawnPair, type DrawnMap } from '../../src/core/insight/drawn-pair.ts';
import type { Look } from '../../src/core/insight/look.ts';
import type { PairImage } from '../../src/panels/pair/pair.contract.ts';
import type { DrawnView, LookedPair, LookedSet } from '../../src/panels/inside/inside.contract.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';
import { oneLine } from '../../src/base/escape.ts';
import type { ViewId } from '../../src/rows/view-list.ts';
import { Button, Dropdown, ProgressRing, Range } from '../ui/controls.tsx';
import { Frames } from '../ui/frames.tsx';
import { Heat } from '../ui/heat.tsx';
import { Problem } from '../ui/message-line.tsx';
import { Cell } from '../ui/pair.tsx';
import { PicturePair } from '../ui/picture-pair.tsx';
import { corners, type Shape } from '../ui/shapes.ts';
import { tellFamily } from '../ui/seen-family.ts';
import { NO_PICTURE } from '../ui/pair-sides.ts';
import { useAnswer } from '../ui/hooks.ts';
import type { Result, Host, OpenRow } from './look-names.ts';

interface AttentionProps {
  set: LookedSet;
  result: Result;
  host: Host;
  open: OpenRow;
  /** Outcomes of the pairs, as a sentence. */
  pairs: string;
}

/** Rows of an evaluation set, one at a time, with the model's attention on the original and the mirror. */
export function Attention({ set, result, host, open, pairs }: AttentionProps) {
  const ids = [...new Set(set.rows.map(({ id }) => id))];
  const [id, show] = useState(() => firstId(set.rows));
  const place = ids.indexOf(id);
  const row = { dir: result.run.dir, name: result.name, id };
  const answer = useAnswer(JSON.stringify(row), true, () => host.call('lookedPair', row));
  const move = (by: number) => show(ids[(place + by + ids.length) % ids.length]!);
  return (
    <section aria-label="Pair">
      {answer.state === 'failed' && <Problem why={answer.why} />}
      {answer.state === 'answered' && (
        <Drawn key={id} pair={answer.value} layers={set.layers} {...{ row, host }} />
      )}
      <div class="controls" role="group" aria-label="Pair navigation">
        <Button icon="chevron-left" title="Previous row" onClick={() => move(-1)} />
        <Button icon="chevron-right" title="Next row" onClick={() => move(1)} />
        <button type="button" class="link" title="Open pair" onClick={() => open(id)}>
          {oneLine(id, 60)}
        </button>
        <span class="quiet">
          {place + 1} of {ids.length}. {pairs}
        </span>
      </div>
    </section>
  );
}

/** Returns the id of the first row with maps and only one correct view, or else of a row of the next best kind. */
function firstId(rows: LookedSet['rows']): string {
  const isWrong = ({ verdict }: LookedSet['rows'][number]) => verdict !== null && verdict !== 'right';
  const turns = rows.filter(
    (row) => isWrong(row) && rows.some((other) => other.id === row.id && !isWrong(other)),
  );
  const best = [turns, rows.filter(isWrong), rows].find((some) => some.some(({ isDrawn }) => isDrawn));
  return (best?.find(({ isDrawn }) => isDrawn) ?? rows[0]!).id;
}

interface DrawnProps {
  pair: LookedPair;
  layers: readonly number[];
  row: { dir: string; name: string; id: string };
  host: Host;
}

/** Row with its finding, its images under the attention of a selected layer, and the answers. */
function Drawn({ pair, layers, row, host }: DrawnProps) {
  const { look, doing, failed, ask } = useLook(host, row);
  const numbers = look?.layers ?? layers;
  // Start before the last layer, because the last layer attends little to the image.
  const [layer, setLayer] = useState(Math.max(0, numbers.length - 2));
  const [head, setHead] = useState('mean');
  const { images, clip, views } = pair;
  const { finding, views: drawn } = drawnPair(views, look, layer, head === 'mean' ? null : Number(head));
  const maps = drawn.map(({ map }) => map);
  const load = ({ ref }: PairImage) => host.call('lookedImage', { dir: row.dir, name: row.name, ref });
  const shown = views.map(({ view }) => view) as [ViewId] | [ViewId, ViewId];
  useEffect(() => tellFamily(pair.sees ?? null), [pair.sees]);
  const isDrawn = maps.some((map) => map !== null);
  return (
    <>
      <p class="finding" dir="auto">
        {finding}
      </p>
      {images.length === 0 && <p class="quiet">No image for this row</p>}
      <Frames
        first={views[0]?.images ?? images}
        second={views[1]?.images ?? null}
        isClip={clip !== undefined}
        times={clip?.times_s ?? null}
        playsByItself
        load={load}
      >
        {(image, other, indices) => (
          <>
            <PicturePair
              image={image ?? NO_PICTURE}
              load={() => load(image!)}
              other={other === image ? undefined : { image: other ?? NO_PICTURE, load: () => load(other!) }}
              views={shown.slice(0, 2) as typeof shown}
              zoomOf={clip && row.id}
              flipped={false}
              // Objects and their boxes belong to the first image.
              shapes={(_, size, side) => (indices[side] > 0 ? [] : boxesOf(views[side]!, size))}
              above={(_, __, side) => {
                const map = maps[side];
                return (
                  map && (
                    <Heat
                      id={`${side}-${indices[side]}`}
                      kind="attention"
                      opacity={0.7}
                      picture={indices[side]}
                      {...map}
                    />
                  )
                );
              }}
            />
            {clip && isDrawn && (
              <div class="pair">
                {indices.slice(0, maps.length).map((picture, side) => (
                  <p key={side} class="quiet">
                    {maps[side] && `${percentText(shareOf(maps[side], picture))} of attention on this frame`}
                  </p>
                ))}
              </div>
            )}
          </>
        )}
      </Frames>
      <div class="pair">
        {drawn.slice(0, 2).map((view, side) => (
          <Cell key={view.view} view={view.view} isSecond={side > 0}>
            <p dir="auto">{oneLine(inEnglish(view.question), 400)}</p>
            <p dir="auto">
              <strong>{oneLine(view.answer, 200) || '–'}</strong>{' '}
              <span class="quiet">{view.verdictText}</span>
            </p>
            {view.lifts.length > 0 && (
              <p class="quiet" dir="auto">
                Attention relative to a uniform map:{' '}
                {view.lifts.map(({ label, lift }) => `${oneLine(label, 40)} ${fixed(lift, 1)}`).join(', ')}
              </p>
            )}
          </Cell>
        ))}
      </div>
      <div class="controls" role="group" aria-label="Attention map">
        {numbers.length > 1 && (
          <label>
            Layer
            <Range
              label="Layer"
              text={`layer ${numbers[layer]}`}
              max={numbers.length - 1}
              value={layer}
              set={setLayer}
            />
            <output>{numbers[layer]}</output>
          </label>
        )}
        {look && (
          <Dropdown
            label="Head"
            value={head}
            set={setHead}
            options={[
              ['mean', 'Mean of all heads'],
              ...Array.from({ length: look.heads }, (_, h): [string, string] => [`${h}`, `Head ${h}`]),
            ]}
          />
        )}
        {!look && doing === null && (
          <Button title="Run the model on this row again, with the training prompt" onClick={ask}>
            {isDrawn ? 'Show All Heads' : 'Show Attention'}
          </Button>
        )}
        {doing !== null && (
          <span class="quiet" role="status">
            <ProgressRing label="Analysing attention" /> {doing}
          </span>
        )}
      </div>
      <Problem why={failed} />
      <p class="quiet">
        {isDrawn
          ? 'The outline contains half of the attention of the token that predicts the answer. Darker cells have less attention. The map shows the image parts that the model reads, not the reason for the answer.'
          : 'This row has no attention map. An analysis stores maps only for the first rows.'}
      </p>
    </>
  );
}

/** Returns the share of a map's attention on one of its images, from 0 to 1. */
function shareOf({ grid: { rows, cols }, values }: DrawnMap, picture: number) {
  const cells = rows * cols;
  return sum(values.subarray(picture * cells, (picture + 1) * cells)) / (sum(values) || 1);
}

/** Returns the boxes of the objects in a view. Objects in the question have separate colours. */
const boxesOf = ({ objects }: DrawnView, { w, h }: Size): Shape[] =>
  objects.map(({ label, box: [x1, y1, x2, y2] }, colour) => ({
    kind: 'outline',
    points: corners([x1 * w, y1 * h, x2 * w, y2 * h]),
    label,
    colour,
    from: 'graph',
  }));

/** Analyses every attention head of the model when the user requests the analysis. */
function useLook(host: Host, row: DrawnProps['row']) {
  const [look, setLook] = useState<Look | null>(null);
  const [doing, setDoing] = useState<string | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const ask = () => {
    setDoing('Starting');
    setFailed(null);
    host
      .call('look', row, { signal: stop.current.signal, onProgress: setDoing })
      .then(setLook, (error: unknown) => setFailed((error as Error).message))
      .finally(() => setDoing(null));
  };
  return { look, doing, failed, ask };
}
