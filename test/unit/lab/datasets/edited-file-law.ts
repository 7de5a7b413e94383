import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';
import { EditSession, type EditStore } from '../../../../src/core/annotation/edit-session.ts';
import { newToken } from '../../../../src/lab/files/leftovers.ts';
import { EditedFile } from '../../../../src/lab/datasets/edited-file.ts';
import { forAllAsync } from '../../../support/property.ts';

const row = (id: number) => `{"id": "${id}"}`;
const clone = <T>(value: T) => JSON.parse(JSON.stringify(value)) as T;

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
  { weight: 2, arbitrary: fc.record({ do: fc.constant('type'), at: fc.nat({ max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('undo', 'redo') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('crash', 'kill') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('save'), during: fc.constantFrom('edit', 'undo', null) }),
  },
) as fc.Arbitrary<{
  do: 'edit' | 'type' | 'undo' | 'redo' | 'save' | 'crash' | 'kill';
  at: number;
  remove: number;
  insert: number;
  /** What is done while the save is being written. */
  during: 'edit' | 'undo' | null;
}>;
/** What becomes of calls to the store: they are answered, come twice, or the store dies with the answer. */
const fault = fc.constantFrom('none', 'none', 'repeated', 'killed');

/**
 * Whatever is done to a file, its rows are those of a list of lines to which the same was done: also where the session
 * crashes and starts from its backup, and where the store behind it is killed.
 */
export async function checkSequences(path: string, runs: number): Promise<void> {
  const token = newToken();
  await forAllAsync(
    [
      fc.array(fc.tuple(action, fault), { maxLength: 20 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.constantFrom('', '\uFEFF', '\n'),
    ],
    { numRuns: runs },
    async (actions, eol, ended, header) => {
      let serial = 5;
      let lines = Array.from({ length: serial }, (_, i) => row(i));
      writeFileSync(path, header + lines.join(eol) + (ended ? eol : ''));
      let file = await EditedFile.open(path, { token });
      let happens = 'none';
      let duringWrite: (() => Promise<unknown>) | null = null;
      const kill = async () => {
        await file.close();
        file = await EditedFile.open(path, { token, version: edits.version });
      };
      const store = new Proxy({} as EditStore, {
        get: (_, name: keyof EditStore) => {
          const call = (args: never[]): unknown => (file[name] as (...args: never[]) => unknown)(...args);
          return async (...args: never[]) => {
            const answer = await call(args);
            if (name === 'write') await duringWrite?.();
            duringWrite = null;
            if (happens === 'none') return answer;
            if (happens === 'killed') await kill();
            return call(args);
          };
        },
      });
      let edits = new EditSession(store, file.base);
      /** The row that is typed into, while that is one step. */
      let typing: number | null = null;
      let past: string[][] = [];
      let future: string[][] = [];
      for (const [{ do: what, ...args }, fault] of actions) {
        happens = fault;
        if (what === 'edit') {
          const at = args.at % (lines.length + 1);
          const remove = Math.min(args.remove, lines.length - at);
          const texts = Array.from({ length: args.insert }, () => row(serial++));
          expect(await edits.edit(at, remove, texts)).toBe(false);
          past.push(lines);
          future = [];
          lines = lines.toSpliced(at, remove, ...texts);
        } else if (what === 'type') {
          const { at } = args;
          if (at >= lines.length) continue;
          const text = row(serial++);
          const amended = await edits.edit(at, 1, () => Promise.resolve([text]), `field of ${at}`);
          expect(amended).toBe(typing === at);
          if (!amended) past.push(lines);
          future = [];
          lines = lines.with(at, text);
          typing = at;
        } else if (what === 'undo' || what === 'redo') {
          const [from, to] = what === 'undo' ? [past, future] : [future, past];
          const moved = await edits[what]();
          expect(moved === null).toBe(from.length === 0);
          const state = from.pop();
          if (state) {
            to.push(lines);
            lines = state;
          }
        } else if (what === 'save') {
          if (args.during === 'edit') {
            const text = row(serial++);
            duringWrite = () => edits.edit(0, 0, [text]);
            past.push(lines);
            future = [];
            lines = [text, ...lines];
          } else if (args.during === 'undo' && past.length > 0) {
            duringWrite = () => edits.undo();
            future.push(lines);
            lines = past.pop()!;
          }
          await edits.save();
          expect(duringWrite).toBeNull();
        } else if (what === 'kill') await kill();
        else {
          const backup = clone(edits.backup());
          await file.close();
          file = await EditedFile.open(path, { token });
          edits = new EditSession(store, file.base);
          expect(await edits.reload(backup.edits)).toEqual([]);
          past = [];
          future = [];
        }
        if (!['type', 'kill'].includes(what)) typing = null;
        expect(await edits.read((pieces) => file.texts(pieces))).toEqual(lines);
        expect(edits.count).toBe(lines.length);
      }
      happens = 'none';
      await edits.save();
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
      await file.close();
    },
  );
}
