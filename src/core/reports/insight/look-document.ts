import { fixed, percent } from '../../../base/format.ts';
import {
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
} from '../../insight/map-shares.ts';
import type { Look, LookedView } from '../../insight/look.ts';
import { viewOf } from '../../../rows/view-list.ts';
import { countCell, left, NONE, right } from '../cells.ts';
import { section, tableOf, type Cell, type ColumnOf, type ReportDocument, type Table } from '../document.ts';
import { oneLine } from '../../../base/escape.ts';

interface LookTables {
  /** Whether to list every head instead of every layer. */
  heads: boolean;
  /** Whether to use the masses of relative maps instead of the attention itself. */
  relative: boolean;
}

/** Returns a report on the attention of a model while it answered a row, and on its logit lens, by view. */
export function lookDocument(look: Look, how: LookTables): ReportDocument {
  const odds = oddsTable(look);
  return {
    title: `${look.model}, row ${look.id}`,
    lead: [],
    sections: [
      ...look.views.map((view, v) =>
        section(
          `view-${v}`,
          viewOf(view.view).label,
          [answerText(view), ...sinkTexts(look, view)],
          view.queries.map((_, query) => attentionTable(`attention-${v}-${query}`, look, v, query, how)),
        ),
      ),
      ...(odds ? [section('odds', 'Log-odds by layer', [], [odds])] : []),
    ],
  };
}

function answerText({ question, answer, reference, right }: LookedView): string {
  const sign = right === null ? '' : right ? ' ✓' : ' ✗';
  const expected = right === false ? ` (reference answer: ${oneLine(reference, 100)})` : '';
  return `${oneLine(question, 300)} – ${oneLine(answer, 100) || 'no answer'}${sign}${expected}`;
}

/** Describes the general prompt, whose map divides relative maps. */
export const generalText = ({ general_prompt: text }: Look): string =>
  text === '' ? 'the image alone' : `“${oneLine(text, 100)}”`;

const shareCell = (share: number | null): Cell =>
  share === null ? NONE : { text: percent(share), value: 100 * share, shade: share };
const numberCell = (value: number | null | undefined, digits: number): Cell =>
  value == null ? NONE : { text: fixed(value, digits), value };

function attentionTable(
  id: string,
  look: Look,
  v: number,
  query: number,
  { heads, relative }: LookTables,
): Table {
  const view = look.views[v]!;
  // The table of the original contains the mirror error, which compares the maps of both views.
  const hasError = v === 0 && look.views.length > 1;
  const sinks = look.layers.map((_, layer) => (relative ? [] : sinksAt(view, layer)));
  const hasSinks = sinks.some(({ length }) => length > 0);
  const wanted = heads ? Array.from({ length: look.heads }, (_, head) => head) : [null];
  const objectAt = (which: Which, o: number) => objectFigures(view, which, o, relative, sinks[which.layer]!);
  const columns: ColumnOf<Which>[] = [
    [right('layer'), ({ layer }) => countCell(look.layers[layer])],
    ...(heads ? [[right('head'), ({ head }: Which) => countCell(head!)] as const] : []),
    [right('image'), (which) => shareCell(shareAt(view, which))],
    ...view.objects.flatMap(({ label, cells }, o): ColumnOf<Which>[] => [
      [
        right(label, undefined, cells < 1 ? 'The object is smaller than one cell of the map.' : undefined),
        (which) => shareCell(objectAt(which, o).mass),
      ],
      [right(`${label}, lift`), (which) => numberCell(objectAt(which, o).lift, 1)],
      ...(hasSinks
        ? [
            [
              right(`${label}, without sinks`),
              (which: Which) => shareCell(objectAt(which, o).without),
            ] as const,
          ]
        : []),
    ]),
    ...view.source_names
      .slice(1)
      .map((name, s): ColumnOf<Which> => [right(name), (which) => shareCell(sourcesAt(view, which)[s + 1]!)]),
    ...(hasError
      ? (['folded', 'unfolded'] as const).map((kind): ColumnOf<Which> => [
          right(kind === 'folded' ? 'mirror error' : 'error without flipping back'),
          (which) => numberCell(mirrorErrorAt(look, which)?.[kind], 2),
        ])
      : []),
  ];
  return tableOf(
    id,
    `Attention of "${oneLine(view.queries[query]!.name, 60)}", %${relative ? `; objects relative to ${generalText(look)}` : ''}`,
    look.layers.flatMap((_, layer) => wanted.map((head): Which => ({ layer, head, query }))),
    columns,
  );
}

/** Returns attention on an object, lift, and attention without sinks; for relative maps, null if undefined. */
export function objectFigures(
  view: LookedView,
  which: Which,
  o: number,
  isRelative: boolean,
  sinks: readonly number[],
): Record<'mass' | 'lift' | 'without', number | null> {
  if (isRelative) return { mass: null, lift: null, ...relativeMassAt(view, which, o), without: null };
  const without = sinks.length === 0 ? null : massWithout(view, which, o, sinks);
  return { mass: massAt(view, which, o), lift: liftAt(view, which, o), without };
}

/** Lists the attention sinks by layer: cells with much attention for every query; [] without sinks. */
function sinkTexts({ layers }: Look, view: LookedView): string[] {
  const texts = layers.flatMap((number, layer) => {
    const cells = sinksAt(view, layer).map((i) => {
      const { cols } = view.grid!;
      return `row ${Math.floor(i / cols) + 1}, column ${(i % cols) + 1}`;
    });
    return cells.length > 0 ? [`in layer ${number}: ${cells.join('; ')}`] : [];
  });
  return texts.length > 0 ? [`Attention sinks (attended by every query) ${texts.join('. ')}.`] : [];
}

/** Returns log-odds of the right answer by layer and with hidden parts of the input; null if no view has log-odds. */
export function oddsTable(look: Look): Table | null {
  const odds = look.views.map((view) => oddsThrough(look, view));
  if (look.words.length < 2 || look.views.every(({ reference }) => !look.words.includes(reference)))
    return null;
  return {
    id: 'log-odds',
    caption: 'Log-odds of the reference answer (above 0: the model prefers this answer)',
    columns: [
      left(''),
      ...look.views.map(({ view, reference }) => right(`${viewOf(view).label} (${oneLine(reference, 60)})`)),
    ],
    rows: [
      ...look.layers.map((number, layer) => ({
        key: `${layer}`,
        cells: [{ text: `after layer ${number}` }, ...odds.map((layers) => numberCell(layers?.[layer], 2))],
      })),
      ...look.views[0]!.blocked.map(({ keys }, b) => ({
        cells: [
          { text: `with ${keys === 'picture' ? 'the image' : `"${keys}"`} hidden` },
          ...look.views.map(({ blocked, reference }, v) => {
            const at = look.words.indexOf(reference);
            return numberCell(!odds[v] || !blocked[b] ? null : oddsOf(blocked[b].words, at), 2);
          }),
        ],
      })),
    ],
    notes: odds.includes(null)
      ? ['Empty cells: the choices begin with the same token, or the reference answer is not a choice.']
      : [],
  };
}
