import { EditedFile } from '../../../../src/lab/datasets/edited-file.ts';
import { ReviewFile } from '../../../../src/lab/datasets/review-file.ts';

/**
 * A process that saves a file so many times, in each of the ways there are: as the editor does, as `review --accept` and
 * as `ask --save`. Each is told when it is reported done.
 */
const [path, name, count] = process.argv.slice(2) as [string, string, string];
const { file, edits } = await EditedFile.edit(path);
for (let i = 0; i < Number(count); i++) {
  if (i % 3 === 0) {
    do await edits.merge();
    while (!(await edit(i)) || !(await edits.save()));
    process.stdout.write(`edit ${i}\n`);
  } else if (i % 3 === 1) {
    await EditedFile.append(path, [
      JSON.stringify({ id: `${name}-${i}`, question: 'Q?', answer: 'A', images: [] }),
    ]);
    process.stdout.write(`append ${i}\n`);
  } else {
    const id = `reviewed-${name}`;
    const review = await ReviewFile.open(path, { variant: 'mirror', filter: '', ids: [id] });
    const decision = { kind: 'accept', note: String(i) } as const;
    const missing = await review.decideAll([{ id, decision }], { by: name, at: '2026-01-01' });
    await review.close();
    if (missing.length === 0) process.stdout.write(`accept ${i}\n`);
  }
}
await file.close();

/** Sets the number in the row of this process. @returns false where another one has written the file meanwhile. */
async function edit(i: number): Promise<boolean> {
  try {
    const rows = await edits.read((pieces) => file.texts(pieces));
    const row = rows.findIndex((text) => text.includes(`"edited-${name}"`));
    await edits.edit(row, 1, [JSON.stringify({ id: `edited-${name}`, number: i })]);
    return true;
  } catch {
    return false;
  }
}
