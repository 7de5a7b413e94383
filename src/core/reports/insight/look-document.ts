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
import type { Cell, ReportDocument, Table } from '../document.ts';
import { oneLine } from '../../../base/escape.ts';

interface LookTables {
  /** Whether to show a line for every head instead of every layer. */
  heads: boolean;
  /** Whether masses are those of relative maps. */
  relative: boolean;
}

/** Where a model looked while it answered a row, view by view, and what its layers had read. */
export function lookDocument(look: Look, how: LookTables): ReportDocument {
  const odds = oddsTable(look);
  return {
    title: `${look.model}, row ${look.id}`,
    lead: [],
    sections: [
      ...look.views.map((view, v) => ({
        id: `view-${v}`,
        title: viewOf(view.view).label,
        text: [answerText(view), ...sinkTexts(look, view)],
        tables: view.queries.map((_, query) =>
          attentionTable(`attention-${v}-${query}`, look, v, query, how),
        ),
        charts: [],
      })),
      ...(odds ? [{ id: 'odds', title: 'Log-odds by layer', text: [], tables: [odds], charts: [] }] : []),
    ],
  };
}

function answerText({ question, answer, reference, right }: LookedView): string {
  const sign = right === null ? '' : right ? ' ✓' : ' ✗';
  const expected = right === false ? ` (right: ${oneLine(reference, 100)})` : '';
  return `${oneLine(question, 300)} – ${oneLine(answer, 100) || 'no answer'}${sign}${expected}`;
}

/** By what relative maps were divided, in words. */
export const generalText = ({ general_prompt: text }: Look): string =>
  text === '' ? 'the image alone' : `“${oneLine(text, 100)}”`;

const shareCell = (share: number): Cell => ({
  text: percent(share),
  value: 100 * share,
  shade: share,
});
const numberCell = (value: number | null | undefined, digits: number): Cell =>
  value == null ? NONE : { text: fixed(value, digits), value };

const errorCells = (error: ReturnType<typeof mirrorErrorAt>): Cell[] => [
  numberCell(error?.folded, 2),
  numberCell(error?.unfolded, 2),
];

function attentionTable(
  id: string,
  look: Look,
  v: number,
  query: number,
  { heads, relative }: LookTables,
): Table {
  const view = look.views[v]!;
  // The original says how far its mirror's map is from its own.
  const hasError = v === 0 && look.views.length > 1;
  const sinks = look.layers.map((_, layer) => (relative ? [] : sinksAt(view, layer)));
  const hasSinks = sinks.some(({ length }) => length > 0);
  const wanted = heads ? Array.from({ length: look.heads }, (_, head) => head) : [null];
  const objectCells = (which: Which, o: number): Cell[] => {
    const { mass, lift } = relative
      ? (relativeMassAt(view, which, o) ?? { mass: 0, lift: null })
      : { mass: massAt(view, which, o), lift: liftAt(view, which, o) };
    const without =
      sinks[which.layer]!.length === 0 ? null : massWithout(view, which, o, sinks[which.layer]!);
    return [
      shareCell(mass),
      numberCell(lift, 1),
      ...(hasSinks ? [without === null ? NONE : shareCell(without)] : []),
    ];
  };
  return {
    id,
    caption: `Attention of "${oneLine(view.queries[query]!.name, 60)}", %${relative ? `; objects relative to ${generalText(look)}` : ''}`,
    columns: [
      right('layer'),
      ...(heads ? [right('head')] : []),
      right('image'),
      ...view.objects.flatMap(({ label, cells }) => [
        right(label, undefined, cells < 1 ? 'Smaller than one cell of the map.' : undefined),
        right(`${label}, lift`),
        ...(hasSinks ? [right(`${label}, without sinks`)] : []),
      ]),
      ...view.source_names.slice(1).map((name) => right(name)),
      ...(hasError ? [right('mirror error'), right('unfolded')] : []),
    ],
    rows: look.layers.flatMap((number, layer) =>
      wanted.map((head) => {
        const which: Which = { layer, head, query };
        return {
          cells: [
            countCell(number),
            ...(head === null ? [] : [countCell(head)]),
            shareCell(shareAt(view, which)),
            ...view.objects.flatMap((_, o) => objectCells(which, o)),
            ...sourcesAt(view, which).slice(1).map(shareCell),
            ...(hasError ? errorCells(mirrorErrorAt(look, which)) : []),
          ],
        };
      }),
    ),
    notes: [],
  };
}

/** Which cells get much attention whatever is asked, by layer; empty if none does. */
function sinkTexts({ layers }: Look, view: LookedView): string[] {
  const texts = layers.flatMap((number, layer) => {
    const cells = sinksAt(view, layer).map((i) => {
      const { cols } = view.grid!;
      return `row ${Math.floor(i / cols) + 1}, column ${(i % cols) + 1}`;
    });
    return cells.length > 0 ? [`in layer ${number}: ${cells.join('; ')}`] : [];
  });
  return texts.length > 0 ? [`Attention sinks (cells that every query reads) ${texts.join('. ')}.`] : [];
}

/** The log-odds of the right answer by layer, and with parts of the input hidden; null if no view has them. */
export function oddsTable(look: Look): Table | null {
  const odds = look.views.map((view) => oddsThrough(look, view));
  if (look.words.length < 2 || look.views.every(({ reference }) => !look.words.includes(reference)))
    return null;
  return {
    id: 'log-odds',
    caption: 'Log-odds of the right answer; above 0, it is the likeliest choice',
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
      ? ['Empty: the choices begin with the same token, or the right answer is not a choice.']
      : [],
  };
}
