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
} from '../core/insight/figures.ts';
import type { Look, LookedView } from '../core/insight/look.ts';
import { fixed, percent } from '../core/labels.ts';
import { printable } from '../core/printable.ts';
import { formatTable } from './print.ts';

interface LookTables {
  /** Whether to print a line for every head instead of every layer. */
  heads: boolean;
  /** Whether masses are those of relative maps. */
  relative: boolean;
}

/** A look as tables for a terminal. */
export function describeLook(look: Look, how: LookTables): string {
  const { model, id, views } = look;
  return [
    `${printable(model)}, row ${printable(id)}`,
    ...views.map((view, v) => describeView(look, view, v === 0, how)),
  ].join('\n\n');
}

function describeView(look: Look, view: LookedView, isOriginal: boolean, how: LookTables): string {
  const { question, answer, reference, right } = view;
  const sign = right === null ? '' : right ? ' ✓' : ' ✗';
  const said = `${view.view}: ${printable(question, 300)} – ${printable(answer || 'no answer', 100)}${sign}`;
  const expected = right === false ? ` (right: ${printable(reference, 100)})` : '';
  const tables = view.queries.map(({ name }, query) =>
    [
      `Attention of "${printable(name, 60)}"${how.relative ? `, objects relative to ${generalOf(look)}` : ''}`,
      attentionTable(look, view, query, isOriginal, how),
    ].join('\n'),
  );
  return [`${said}${expected}`, ...tables, ...sinksOf(look, view), ...oddsTables(look, view)].join('\n\n');
}

/** By what relative maps were divided, in words. */
const generalOf = ({ general_prompt: text }: Look): string =>
  text === '' ? 'the picture alone' : `"${printable(text, 100)}"`;

/** The attention by layer as a table, with masses as "share (lift)". */
function attentionTable(
  look: Look,
  view: LookedView,
  query: number,
  isOriginal: boolean,
  { heads, relative }: LookTables,
): string {
  const sources = view.source_names.slice(1);
  const header = [
    'layer',
    ...(heads ? ['head'] : []),
    'picture',
    ...view.objects.map(({ label, cells }) => `${label}${cells < 1 ? ' (below a cell)' : ''}`),
    ...sources,
    ...(isOriginal && look.views.length > 1 ? ['mirror error'] : []),
  ];
  const rows = look.layers.flatMap((number, layer) => {
    const of = heads ? Array.from({ length: look.heads }, (_, head) => head) : [null];
    const sinks = sinksAt(view, layer);
    return of.map((head) => {
      const which: Which = { layer, head, query };
      const error = isOriginal && look.views.length > 1 ? [mirrorErrorAt(look, which)] : [];
      return [
        `${number}`,
        ...(head === null ? [] : [`${head}`]),
        `${percent(shareAt(view, which))} %`,
        ...view.objects.map((_, o) => {
          const { mass, lift } = relative
            ? (relativeMassAt(view, which, o) ?? { mass: 0, lift: null })
            : { mass: massAt(view, which, o), lift: liftAt(view, which, o) };
          const without = sinks.length === 0 || relative ? null : massWithout(view, which, o, sinks);
          const more = without === null ? '' : `, ${percent(without)} % without sinks`;
          return `${percent(mass)} %${lift === null ? '' : ` (${fixed(lift, 1)}×)`}${more}`;
        }),
        ...sourcesAt(view, which)
          .slice(1)
          .map((share) => `${percent(share)} %`),
        ...error.map((value) => (value === null ? '' : fixed(value, 2))),
      ];
    });
  });
  return formatTable(header, rows);
}

/** Which cells get much attention whatever is asked, by layer; empty if none does. */
function sinksOf({ layers }: Look, view: LookedView): string[] {
  const lines = layers.flatMap((number, layer) => {
    const cells = sinksAt(view, layer).map((i) => {
      const { cols } = view.grid!;
      return `row ${Math.floor(i / cols) + 1}, column ${(i % cols) + 1}`;
    });
    return cells.length > 0 ? [`layer ${number}: ${cells.join('; ')}`] : [];
  });
  return lines.length > 0 ? [`Sinks, cells that are read for every query\n${lines.join('\n')}`] : [];
}

function oddsTables(look: Look, view: LookedView): string[] {
  const through = oddsThrough(look, view);
  if (!through) return [];
  const right = look.words.indexOf(view.reference);
  const title = `Log-odds of "${printable(view.reference, 60)}" as the answer`;
  const layers = through.map((odds, layer) => [`after layer ${look.layers[layer]}`, fixed(odds, 2)]);
  const hidden = view.blocked.map(({ keys, words }) => [
    `with ${keys === 'picture' ? 'the picture' : `"${keys}"`} hidden`,
    fixed(oddsOf(words, right), 2),
  ]);
  return [`${title}\n${formatTable(['', 'log-odds'], [...layers, ...hidden])}`];
}
