/** How an open or wrong place of the papers is read (docs/readings.md). */
export interface Reading {
  id: string;
  open: string;
  ours: string;
}

/** The rows of the tables of docs/readings.md, by their ids. */
export function parseReadings(markdown: string): Map<string, Reading> {
  const plain = (cell: string) => cell.replace(/\\(.)/g, '$1').replaceAll('`', '').trim();
  return new Map(
    [...markdown.matchAll(/^\| (R\d+) *\|(.*)$/gm)].map(([, id, rest]) => {
      const [open = '', ours = ''] = rest!.split(/(?<!\\)\|/).map(plain);
      return [id!, { id: id!, open, ours }];
    }),
  );
}

/** A text in parts, those with odd numbers being ids of readings: "chance (", "R24", ")". SVQA-R1 is a model. */
export const citedIn = (text: string): string[] => text.split(/(?<![\w-])(R\d+)\b/);
