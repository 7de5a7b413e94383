import type { Card } from '../metrics/card.ts';
import { groupBy } from '../metrics/scored-row.ts';
import { sortedViews, viewOf } from '../view-list.ts';
import { list, rowsOf, setSections, type Result } from './card-sets.ts';
import { counted, left } from './cells.ts';
import type { ReportDocument, Section } from './document.ts';

/** Cards of the consistency benchmark, of one or several laboratories, side by side. */
export function cardsDocument(cards: readonly Card[], title: string): ReportDocument {
  const names = distinct(cards.map(({ model }) => model.name));
  const results = cards.flatMap((card, i) => card.sets.map((set) => ({ name: names[i]!, card, set })));
  const groups = [...groupBy(results, comparable).values()];
  return {
    title,
    lead: [
      cards.length === 1
        ? `${names[0]!} on ${counted(results.length, 'set')}, asked in several views of each row.`
        : `${counted(cards.length, 'card')} on ${counted(new Set(results.map(({ set }) => set.sha256)).size, 'set')}.`,
      ...differences(cards, names, groups),
    ],
    sections: [...groups.flatMap((group, g) => setSections(group, g, groups)), conditions(cards, names)],
  };
}

/** Results stand side by side if the rows, the pictures, the prompts and the sampling are the same. */
const comparable = ({ card, set }: Result): string => `${set.sha256} ${card.asked.sha256}`;

function distinct(names: readonly string[]): string[] {
  const before = (i: number) => names.slice(0, i).filter((name) => name === names[i]).length;
  return names.map((name, i) => (before(i) === 0 ? name : `${name} (${before(i) + 1})`));
}

/** Says where cards cannot be compared, or only with care. */
function differences(
  cards: readonly Card[],
  names: readonly string[],
  groups: readonly (readonly Result[])[],
): string[] {
  const results = groups.flat();
  const byName = [...groupBy(results, ({ set }) => set.name)].flatMap(([set, of]) =>
    new Set(of.map((one) => one.set.sha256)).size > 1
      ? [
          `“${set}” is not the same set in all cards: its rows or pictures differ, so that its figures cannot be compared.`,
        ]
      : [],
  );
  const byPrompt = [...groupBy(results, ({ set }) => set.sha256).values()].flatMap((of) =>
    new Set(of.map(({ card }) => card.asked.sha256)).size > 1
      ? [
          `${list(of.map(({ name }) => name))} were asked the same rows with other prompts or another sampling, so that their figures on “${of[0]!.set.name}” cannot be compared.`,
        ]
      : [],
  );
  const byViews = groups.flatMap((group) => {
    const views = sortedViews(group.flatMap(({ set }) => set.views.map(({ view }) => view)));
    const other = views.filter((view) => new Set(group.map(({ set }) => rowsOf(set, view))).size > 1);
    return other.length > 0
      ? [
          `On “${group[0]!.set.name}” not all cards have the same rows of ${list(other.map((view) => viewOf(view).plural))}: compare those columns with care.`,
        ]
      : [];
  });
  const programs = new Set(cards.map(({ program }) => program));
  const byProgram =
    programs.size > 1
      ? [
          `The cards were made by different versions of Chirality (${cards.map(({ program }, i) => `${names[i]!}: ${program}`).join(', ')}), whose rules may make other views of a row.`,
        ]
      : [];
  return [...byName, ...byPrompt, ...byViews, ...byProgram];
}

/** What has to be the same for figures to be comparable. */
function conditions(cards: readonly Card[], names: readonly string[]): Section {
  const row = (title: string, of: (card: Card) => string) => ({
    cells: [{ text: title }, ...cards.map((card) => ({ text: of(card) }))],
  });
  const sets = [...new Set(cards.flatMap((card) => card.sets.map(({ name }) => name)))];
  return {
    id: 'conditions',
    title: 'Conditions',
    text: [
      'Figures of two cards can be compared if set, prompt and sampling have the same hashes. The hash of a set is of the texts, rewrites and pictures that were asked. Intervals are 95 %, for other images of the same kind: Wilson’s, with the rows of one image counted by how alike they are.',
    ],
    tables: [
      {
        id: 'conditions',
        caption: 'How the figures were made',
        columns: [left(''), ...names.map((name) => left(name))],
        rows: [
          row('engine', ({ model }) => model.engine),
          row('Chirality', ({ program }) => program),
          row('date', ({ date }) => date),
          row('strategy', ({ asked }) => asked.strategy),
          row('sampling', ({ asked: { sampling } }) => {
            const how =
              sampling.temperature === 0
                ? 'greedy'
                : `temperature ${sampling.temperature}, n = ${sampling.n}`;
            return `${how}, at most ${sampling.max_tokens} tokens`;
          }),
          row('hash of prompts and sampling', ({ asked }) => asked.sha256.slice(0, 16)),
          ...sets.map((name) =>
            row(`hash of ${name}`, (card) => {
              const set = card.sets.find((one) => one.name === name);
              return set ? `${set.sha256.slice(0, 16)}, ${counted(set.rows, 'row')}` : '–';
            }),
          ),
        ],
        notes: [],
      },
    ],
    charts: [],
  };
}
