import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Backup, EditSession } from '../../../../src/core/annotation/edit-session.ts';
import type { Hunk } from '../../../../src/core/annotation/pieces.ts';
import { EditedFile } from '../../../../src/lab/datasets/edited-file.ts';
import { forAllAsync } from '../../../support/property.ts';

const row = (id: number) => `{"id": "${id}"}`;
const window = fc.nat({ max: 1 });

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('edit'),
      window,
      at: fc.nat(),
      remove: fc.nat({ max: 2 }),
      insert: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('undo', 'redo', 'merge', 'save', 'save', 'crash'), window }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('append'), ended: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('rewrite'),
      at: fc.nat(),
      remove: fc.nat({ max: 2 }),
      insert: fc.nat({ max: 2 }),
      ended: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('delete', 'restore') }) },
) as fc.Arbitrary<{
  do:
    | 'edit'
    | 'undo'
    | 'redo'
    | 'merge'
    | 'save'
    | 'crash'
    // By another program:
    | 'append'
    | 'rewrite'
    | 'delete'
    | 'restore';
  window: number;
  at: number;
  remove: number;
  insert: number;
  ended: boolean;
}>;

interface Window {
  file: EditedFile;
  edits: EditSession;
  /** The rows of the file as this window read or wrote it last. */
  base: string[];
  /** The file that it has open, which others may append to; where it was deleted, only its windows can read it. */
  open: { rows: string[] };
}

/**
 * Two windows edit a file that another program writes, deletes and puts back meanwhile. Whoever merges keeps what he
 * has typed, in the rows or among those that are left out, and takes in all rows of the others; a save that is reported
 * done is on the disk as the window shows it; no two rows ever become one line; and a window whose rows are not those of
 * its file never counts as saved.
 */
export async function checkWindows(path: string, runs: number): Promise<void> {
  await forAllAsync(
    [fc.array(action, { minLength: 1, maxLength: 24 }), fc.constantFrom('\n', '\r\n'), fc.boolean()],
    { numRuns: runs },
    async (actions, eol, ended) => {
      let serial = 5;
      const fresh = (count: number) => Array.from({ length: count }, () => row(serial++));
      const onDisk = () =>
        readFileSync(path, 'utf8')
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean);
      const put = (lines: readonly string[], last: boolean) => {
        writeFileSync(`${path}.new`, lines.join(eol) + (last && lines.length > 0 ? eol : ''));
        renameSync(`${path}.new`, path);
        current = { rows: [...lines] };
      };
      let current = { rows: [] as string[] };
      let deleted: string[] | null = null;
      put(
        Array.from({ length: serial }, (_, i) => row(i)),
        ended,
      );

      const open = async (backup: Backup | null): Promise<Window & { lost: Hunk[] }> => {
        const opened = await EditedFile.edit(path, { orNew: backup !== null });
        const base = await opened.edits.read((pieces) => opened.file.texts(pieces));
        return {
          ...opened,
          base,
          open: existsSync(path) ? current : { rows: [] },
          lost: backup ? await opened.edits.reload(backup.edits) : [],
        };
      };
      const rowsOf = ({ file, edits }: Window) =>
        edits.read((pieces) => file.texts(pieces)).catch(() => null);
      const windows: Window[] = [await open(null), await open(null)];
      const view: string[][] = windows.map(({ base }) => [...base]);

      /** What has to hold when edits came to stand on the rows that are on the disk now. */
      const expectMerged = async (at: number, before: Window, lost: readonly Hunk[]) => {
        const now = (await rowsOf(windows[at]!))!;
        if (existsSync(path)) windows[at]!.open = current;
        const disk = [...windows[at]!.open.rows];
        const kept = new Set([...now, ...lost.flatMap(({ inserted }) => inserted.map((raw) => raw.trim()))]);
        const typed = view[at]!.filter((text) => !before.base.includes(text));
        expect(typed.filter((text) => !kept.has(text))).toEqual([]);
        const removed = before.base.filter((text) => !view[at]!.includes(text));
        expect(disk.filter((text) => !now.includes(text) && !removed.includes(text))).toEqual([]);
        windows[at]!.base = disk;
        view[at] = now;
      };
      const merge = async (at: number) => {
        const before = { ...windows[at]! };
        const lost = await before.edits.merge();
        if (lost) await expectMerged(at, before, lost);
      };

      for (const { do: what, window: at, ...args } of actions) {
        const { edits, file } = windows[at ?? 0]!;
        if (what === 'append') {
          if (deleted) continue;
          const text = readFileSync(path, 'utf8');
          const gap = text === '' || text.endsWith('\n') ? '' : eol;
          const [added] = fresh(1);
          appendFileSync(path, `${gap}${added}${args.ended ? eol : ''}`);
          current.rows.push(added!);
        } else if (what === 'rewrite') {
          if (deleted) continue;
          const lines = onDisk();
          lines.splice(args.at % (lines.length + 1), args.remove, ...fresh(args.insert));
          put(lines, args.ended);
        } else if (what === 'delete') {
          deleted ??= onDisk();
          rmSync(path, { force: true });
        } else if (what === 'restore') {
          if (deleted) put(deleted, true);
          deleted = null;
        } else if (what === 'crash') {
          const before = windows[at]!;
          const backup = JSON.parse(JSON.stringify(edits.backup())) as Backup;
          await file.close();
          const { lost, ...again } = await open(backup);
          windows[at] = again;
          await expectMerged(at, before, lost);
        } else if (what === 'save') {
          do await merge(at);
          while (!(await edits.save()));
          deleted = null;
          const now = (await rowsOf(windows[at]!))!;
          expect(now).toEqual(view[at]);
          expect(onDisk()).toEqual(now);
          expect(edits.isUnsaved).toBe(false);
          windows[at]!.base = now;
          windows[at]!.open = current = { rows: [...now] };
        } else if (what === 'merge') await merge(at);
        else {
          // VS Code looks at the file when its window is in front; what is done before that is refused.
          await merge(at);
          if (what === 'edit') {
            const from = args.at % (view[at]!.length + 1);
            await edits.edit(from, Math.min(args.remove, view[at]!.length - from), fresh(args.insert));
          } else await edits[what]();
          view[at] = (await rowsOf(windows[at]!))!;
        }
        const known = new Set(Array.from({ length: serial }, (_, i) => row(i)));
        if (existsSync(path)) expect(onDisk().filter((line) => !known.has(line))).toEqual([]);
        for (const [i, { edits, base }] of windows.entries())
          if (!edits.isUnsaved) expect(view[i]).toEqual(base);
      }
      for (const { file } of windows) await file.close();
      rmSync(path, { force: true });
    },
  );
}
