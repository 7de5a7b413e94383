import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';
import { EditedFile } from '../../../../src/lab/datasets/edited-file.ts';

const row = (id: number) => `{"id": "${id}"}`;

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('edit'),
      at: fc.nat(),
      remove: fc.nat({ max: 2 }),
      insert: fc.nat({ max: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('undo', 'redo') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('save', 'crash') }) },
) as fc.Arbitrary<{
  do: 'edit' | 'undo' | 'redo' | 'save' | 'crash';
  at: number;
  remove: number;
  insert: number;
}>;

/** Whatever is done to a file, its rows are those of a list of lines to which the same was done. */
export async function checkSequences(path: string, runs: number): Promise<void> {
  const open = (text: string) => {
    writeFileSync(path, text);
    return EditedFile.open(path);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 20 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.constantFrom('', '\uFEFF', '\n'),
      async (actions, eol, ended, header) => {
        let serial = 5;
        let lines = Array.from({ length: serial }, (_, i) => row(i));
        const file = { current: await open(header + lines.join(eol) + (ended ? eol : '')) };
        let past: string[][] = [];
        let future: string[][] = [];
        for (const { do: what, ...args } of actions) {
          if (what === 'edit') {
            const at = args.at % (lines.length + 1);
            const remove = Math.min(args.remove, lines.length - at);
            const texts = Array.from({ length: args.insert }, () => row(serial++));
            await file.current.edit(at, remove, texts);
            past.push(lines);
            future = [];
            lines = lines.toSpliced(at, remove, ...texts);
          } else if (what === 'undo' || what === 'redo') {
            const [from, to] = what === 'undo' ? [past, future] : [future, past];
            const moved = await file.current[what]();
            expect(moved === null).toBe(from.length === 0);
            const state = from.pop();
            if (state) {
              to.push(lines);
              lines = state;
            }
          } else if (what === 'save') {
            await file.current.save();
          } else {
            const backup = JSON.parse(JSON.stringify(file.current.backup())) as never;
            await file.current.close();
            file.current = await EditedFile.open(path);
            expect(await file.current.reload(backup)).toEqual([]);
            past = [];
            future = [];
          }
          expect(await file.current.texts(0, 100)).toEqual(lines);
        }
        await file.current.save();
        const bytes = readFileSync(path, 'utf8');
        expect(bytes.slice(0, header.length)).toBe(header);
        expect(
          bytes
            .trim()
            .split(/\s*\n\s*/)
            .filter(Boolean),
        ).toEqual(lines);
        if (eol === '\r\n')
          expect(bytes.replaceAll('\r\n', '')).not.toContain('\n'.repeat(header === '\n' ? 2 : 1));
        await file.current.close();
      },
    ),
    { numRuns: runs },
  );
}
