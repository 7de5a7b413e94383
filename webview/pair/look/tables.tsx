import { useMemo } from 'preact/hooks';
import {
  entropyAt,
  liftAt,
  massAt,
  massWithout,
  mirrorErrorAt,
  oddsOf,
  oddsThrough,
  relativeMassAt,
  shareAt,
  sinksAt,
  sourcesAt,
  type Which,
} from '../../../src/core/insight/figures.ts';
import type { Look, LookedView } from '../../../src/core/insight/look.ts';
import { fixed, UNKNOWN } from '../../../src/core/labels.ts';
import { viewOf } from '../../../src/core/views/list.ts';
import { gridValue, objectOf, percent, queryIn, type LookState } from './state.ts';

interface Props {
  look: Look;
  shown: LookState;
  which: Which;
}

/** What relative maps are divided by, in words. */
const generalOf = ({ general_prompt: text }: Look): string =>
  text === '' ? 'the picture alone' : `“${text}”`;

/** Heads with a column for each view. */
const ViewHead = ({ look }: { look: Look }) => (
  <thead>
    <tr>
      <td />
      {look.views.map(({ view }) => (
        <th scope="col">{viewOf(view).label}</th>
      ))}
    </tr>
  </thead>
);

/** The figures of the chosen map, for both views. */
export function Masses({ look, shown, which }: Props) {
  const there = look.views.map((_, v) => ({ ...which, query: queryIn(look, v, shown.query) }));
  const cell = (v: number, say: (at: Which) => string) => (
    <td>{there[v]!.query < 0 ? UNKNOWN : say(there[v]!)}</td>
  );
  const error = mirrorErrorAt(look, which);
  const sinks = look.views.map((view) => sinksAt(view, which.layer));
  const hasSinks = sinks.some(({ length }) => length > 0);
  return (
    <table class="figures">
      <caption>
        Attention of “{shown.query}” in layer {look.layers[which.layer]},{' '}
        {which.head === null ? 'mean of the heads' : `head ${which.head}`}
        {shown.mode === 'relative' && `; objects relative to ${generalOf(look)}`}
      </caption>
      <ViewHead look={look} />
      <tbody>
        <tr>
          <th scope="row">on the picture, of all</th>
          {look.views.map((view, v) => cell(v, (at) => percent(shareAt(view, at))))}
        </tr>
        {look.views[0]!.objects.map(({ label, cells }, o) => (
          <tr>
            <th scope="row">
              {label}
              {cells < 1 && <span class="quiet"> smaller than a cell</span>}
            </th>
            {look.views.map((view, v) =>
              cell(v, (at) => {
                if (!view.objects[o]) return UNKNOWN;
                const relative = shown.mode === 'relative' ? relativeMassAt(view, at, o) : null;
                const { mass, lift } = relative ?? { mass: massAt(view, at, o), lift: liftAt(view, at, o) };
                const without = relative ? null : massWithout(view, at, o, sinks[v]!);
                const more =
                  sinks[v]!.length === 0 || without === null ? '' : `, ${percent(without)} without sinks`;
                return `${percent(mass)}${lift === null ? '' : `, ${fixed(lift, 1)} × chance`}${more}`;
              }),
            )}
          </tr>
        ))}
        {hasSinks && (
          <tr>
            <th scope="row">sinks (hatched): cells read for every query</th>
            {sinks.map((cells) => (
              <td>{cells.length}</td>
            ))}
          </tr>
        )}
        <tr>
          <th scope="row">spread, 0 one cell, 1 even</th>
          {look.views.map((view, v) => cell(v, (at) => fixed(entropyAt(view, at), 2)))}
        </tr>
        {error !== null && (
          <tr>
            <th scope="row">mirror error, 0 moves with the picture</th>
            <td colSpan={look.views.length}>{fixed(error, 3)} bits</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** The answers, the chosen map and the odds after the last layer, beside those of the look before, by another model. */
export function Compared({ look, shown, which, earlier }: Props & { earlier: Look }) {
  const both = (say: (one: Look, view: LookedView, v: number) => string) =>
    look.views.flatMap((_, v) => [earlier, look].map((one) => <td>{say(one, one.views[v]!, v)}</td>));
  const ofMap = (say: (view: LookedView, at: Which) => string) =>
    both((one, view, v) => {
      const query = queryIn(one, v, shown.query);
      return query < 0 ? UNKNOWN : say(view, { ...which, query });
    });
  // Maps compare layer by layer and head by head.
  const hasMaps = earlier.heads === look.heads && earlier.layers.join() === look.layers.join();
  return (
    <table class="figures">
      <caption>
        {earlier.model}, then {look.model}
      </caption>
      <thead>
        <tr>
          <td />
          {look.views.map(({ view }) => (
            <th scope="colgroup" colSpan={2}>
              {viewOf(view).label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">answer</th>
          {both((_, { answer, right }) => `${answer}${right === null ? '' : right ? ' ✓' : ' ✗'}`)}
        </tr>
        {hasMaps && (
          <tr>
            <th scope="row">on the picture, of all</th>
            {ofMap((view, at) => percent(shareAt(view, at)))}
          </tr>
        )}
        {hasMaps &&
          look.views[0]!.objects.map(({ label }, o) => (
            <tr>
              <th scope="row">{label}</th>
              {ofMap((view, at) => (view.objects[o] ? percent(massAt(view, at, o)) : UNKNOWN))}
            </tr>
          ))}
        <tr>
          <th scope="row">log-odds, last layer</th>
          {both((one, view) => fixed(oddsThrough(one, view)?.at(-1), 2))}
        </tr>
      </tbody>
    </table>
  );
}

/** How much a query attends to the picture and to each part of the text. */
export function Sources({ look, shown, which }: Props) {
  const shares = look.views.map((view, v) => {
    const query = queryIn(look, v, shown.query);
    return query < 0 ? null : sourcesAt(view, { ...which, query });
  });
  return (
    <table class="figures">
      <caption>What it reads</caption>
      <ViewHead look={look} />
      <tbody>
        {look.views[0]!.source_names.map((name, s) => (
          <tr>
            <th scope="row">{name}</th>
            {shares.map((all) => (
              <td>
                {all ? percent(all[s]!) : UNKNOWN}
                {all && <meter min={0} max={1} value={all[s]!} aria-hidden="true" />}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Layers × heads. A cell shows how much a head looks at the queried object, or its mirror error; a press selects it. */
export function LayersByHeads(props: Props & { select: (layer: number, head: number) => void }) {
  const { look, shown, which, select } = props;
  const object = objectOf(look, shown.query);
  const heads = Array.from({ length: look.heads }, (_, head) => head);
  const values = useMemo(
    () =>
      look.layers.map((_, layer) => heads.map((head) => gridValue(look, { ...which, layer, head }, object))),
    [look, which.query, object],
  );
  const most = Math.max(...values.flat().map((value) => value ?? 0), 1e-9);
  return (
    <table class="figures grid">
      <caption>
        {object >= 0
          ? `Layers × heads: attention on ${look.views[0]!.objects[object]!.label}, times chance`
          : 'Layers × heads: mirror error in bits'}
      </caption>
      <thead>
        <tr>
          <th scope="col">layer</th>
          {heads.map((head) => (
            <th scope="col">head {head}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {look.layers.map((number, layer) => (
          <tr>
            <th scope="row">{number}</th>
            {heads.map((head) => {
              const value = values[layer]![head]!;
              return (
                <td>
                  <button
                    type="button"
                    aria-pressed={which.layer === layer && which.head === head}
                    aria-label={`Layer ${number}, head ${head}: ${value === null ? 'nothing' : fixed(value, 2)}`}
                    style={{ '--strength': `${Math.round((100 * (value ?? 0)) / most)}%` }}
                    onClick={() => select(layer, head)}
                  >
                    {fixed(value, 2)}
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The log-odds of the right answer by layer, and with parts of the input hidden. */
export function ThroughLayers({ look, select }: { look: Look; select: (layer: number) => void }) {
  const odds = look.views.map((view) => oddsThrough(look, view));
  if (odds.every((one) => one === null)) return null;
  return (
    <table class="figures">
      <caption>Log-odds of the right answer: above 0, it would be given</caption>
      <thead>
        <tr>
          <td />
          {look.views.map(({ view, reference }) => (
            <th scope="col">
              {viewOf(view).label} ({reference})
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {look.layers.map((number, layer) => (
          <tr>
            <th scope="row">
              <button type="button" class="link" onClick={() => select(layer)}>
                after layer {number}
              </button>
            </th>
            {odds.map((one) => (
              <td>{fixed(one?.[layer], 2)}</td>
            ))}
          </tr>
        ))}
        {look.views[0]!.blocked.map(({ keys }, b) => (
          <tr>
            <th scope="row">with {keys === 'picture' ? 'the picture' : keys} hidden from all words</th>
            {look.views.map(({ blocked, reference }) => {
              const right = look.words.indexOf(reference);
              return <td>{fixed(right < 0 || !blocked[b] ? null : oddsOf(blocked[b].words, right), 2)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
