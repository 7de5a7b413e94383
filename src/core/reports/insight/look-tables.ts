import { fixed, percentText } from '../../../base/format.ts';
import {
  entropyAt,
  liftAt,
  massAt,
  mirrorErrorAt,
  oddsThrough,
  shareAt,
  sinksAt,
  sourcesAt,
  type Which,
} from '../../insight/map-shares.ts';
import type { Look, LookedView } from '../../insight/look.ts';
import { objectOf, queryIn, whichOf, type MapChoice } from '../../insight/map-choice.ts';
import { viewOf } from '../../../rows/view-list.ts';
import { left, NONE, right } from '../cells.ts';
import type { Cell, Table } from '../document.ts';
import { generalText, objectFigures, oddsTable } from './look-document.ts';

interface Shown {
  look: Look;
  shown: MapChoice;
  which: Which;
}

/** Tables next to the chosen map. `layer` and `head` are those of the map (null for the mean over heads). */
interface LookTables extends Pick<Which, 'layer' | 'head'> {
  masses: Table;
  sources: Table;
  compared: Table | null;
  /** Table of log-odds with one row per layer. The layer is the row's key. */
  odds: Table | null;
}

/**
 * Returns the tables for the chosen map; null if the original does not have the query of the map.
 * @param earlier analysis of another model, for comparison
 */
export function lookTables(look: Look, shown: MapChoice, earlier: Look | null): LookTables | null {
  const which = whichOf(look, shown);
  if (!which) return null;
  const about = { look, shown, which };
  const { layer, head } = which;
  return {
    layer,
    head,
    masses: massesTable(about),
    sources: sourcesTable(about),
    compared: earlier && comparedTable(about, earlier),
    odds: oddsTable(look),
  };
}

/**
 * Returns a layers × heads grid: the attention of each head on the queried object, or, if the query is no object, the
 * mirror error. A value is null if the head has neither.
 */
export function headsGrid(look: Look, query: string): { caption: string; values: (number | null)[][] } {
  const object = objectOf(look, query);
  const at = queryIn(look, 0, query);
  const heads = Array.from({ length: look.heads }, (_, head) => head);
  const valueOf = (which: Which) =>
    object >= 0 ? liftAt(look.views[0]!, which, object) : (mirrorErrorAt(look, which)?.folded ?? null);
  return {
    caption:
      object >= 0
        ? `Layers × heads: attention on ${look.views[0]!.objects[object]!.label}, relative to uniform`
        : 'Layers × heads: mirror error in bits',
    values: look.layers.map((_, layer) => heads.map((head) => valueOf({ layer, head, query: at }))),
  };
}

type Line = [name: string, cells: Cell[]];

const tableOf = (id: string, caption: string, columns: string[], lines: Line[]): Table => ({
  id,
  caption,
  columns: [left(''), ...columns.map((title) => right(title))],
  rows: lines.map(([name, cells]) => ({ cells: [{ text: name }, ...cells] })),
  notes: [],
});

const labelsOf = ({ views }: Look): string[] => views.map(({ view }) => viewOf(view).label);

/** Returns the cells of all views for the displayed query; empty cells for a view that lacks the query. */
const cellsOf =
  ({ look, shown, which }: Shown) =>
  (name: string, textOf: (view: LookedView, at: Which, v: number) => string | null): Line => [
    name,
    look.views.map((view, v) => {
      const query = queryIn(look, v, shown.query);
      const text = query < 0 ? null : textOf(view, { ...which, query }, v);
      return text === null ? NONE : { text };
    }),
  ];

function massesTable(about: Shown): Table {
  const { look, shown, which } = about;
  const line = cellsOf(about);
  const error = mirrorErrorAt(look, which);
  const sinks = look.views.map((view) => sinksAt(view, which.layer));
  const isRelative = shown.mode === 'relative';
  const objectText = (o: number) => (view: LookedView, at: Which, v: number) => {
    if (!view.objects[o]) return null;
    const { mass, lift, without } = objectFigures(view, at, o, isRelative, sinks[v]!);
    if (mass === null) return null;
    return [
      percentText(mass),
      ...(lift === null ? [] : [`${fixed(lift, 1)} × uniform`]),
      ...(without === null ? [] : [`${percentText(without)} without sinks`]),
    ].join(', ');
  };
  const head = which.head === null ? 'mean of all heads' : `head ${which.head}`;
  return tableOf(
    'masses',
    `Attention of “${shown.query}” in layer ${look.layers[which.layer]}, ${head}${isRelative ? `; objects relative to ${generalText(look)}` : ''}`,
    labelsOf(look),
    [
      line('attention on the image', (view, at) => percentText(shareAt(view, at))),
      ...look.views[0]!.objects.map(({ label, cells }, o) =>
        line(`${label}${cells < 1 ? ', smaller than a cell' : ''}`, objectText(o)),
      ),
      ...(sinks.some(({ length }) => length > 0)
        ? [line('attention sinks (hatched)', (_, __, v) => `${sinks[v]!.length}`)]
        : []),
      line('entropy of the map (0: one cell, 1: uniform)', (view, at) => fixed(entropyAt(view, at), 2)),
      ...(error === null
        ? []
        : (['folded', 'unfolded'] as const).map((kind) =>
            line(kind === 'folded' ? 'mirror error' : 'error without flipping back', (_, __, v) =>
              v === 0 ? `${fixed(error[kind], 3)} bits` : '',
            ),
          )),
    ],
  );
}

/** Compares the answers, the chosen map and the final log-odds of two models. */
function comparedTable({ look, shown, which }: Shown, earlier: Look): Table {
  const both = (name: string, textOf: (ofLook: Look, view: LookedView, v: number) => string | null): Line => [
    name,
    look.views.flatMap((_, v) =>
      [earlier, look].map((ofLook) => {
        const text = textOf(ofLook, ofLook.views[v]!, v);
        return text === null ? NONE : { text };
      }),
    ),
  ];
  const ofMap = (name: string, textOf: (view: LookedView, at: Which) => string | null) =>
    both(name, (ofLook, view, v) => {
      const query = queryIn(ofLook, v, shown.query);
      return query < 0 ? null : textOf(view, { ...which, query });
    });
  // Maps are only comparable if the models have the same layers and heads.
  const hasMaps = earlier.heads === look.heads && earlier.layers.join() === look.layers.join();
  return tableOf(
    'compared',
    `${earlier.model}, then ${look.model}`,
    labelsOf(look).flatMap((label) => [`${label}: before`, 'now']),
    [
      both('answer', (_, { answer, right }) => `${answer}${right === null ? '' : right ? ' ✓' : ' ✗'}`),
      ...(hasMaps
        ? [
            ofMap('attention on the image', (view, at) => percentText(shareAt(view, at))),
            ...look.views[0]!.objects.map(({ label }, o) =>
              ofMap(label, (view, at) => (view.objects[o] ? percentText(massAt(view, at, o)) : null)),
            ),
          ]
        : []),
      both('log-odds, last layer', (ofLook, view) => fixed(oddsThrough(ofLook, view)?.at(-1), 2)),
    ],
  );
}

function sourcesTable({ look, shown, which }: Shown): Table {
  const shares = look.views.map((view, v) => {
    const query = queryIn(look, v, shown.query);
    return query < 0 ? null : sourcesAt(view, { ...which, query });
  });
  const lines = look.views[0]!.source_names.map((name, s): Line => [
    name,
    shares.map((all) => (all ? { text: percentText(all[s]!), shade: all[s]! } : NONE)),
  ]);
  return tableOf('sources', 'Attention by source', labelsOf(look), lines);
}
