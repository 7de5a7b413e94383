import { isRecord } from '../../base/json.ts';
import { cannotRead, DataError } from './data-error.ts';
import { jsonLines } from './rows.ts';
import { streamFile } from '../files/regular.ts';

/** A file that says whose answer should change in the counterfactual, as a router does: a row's id, and yes or no. */
export class ChangeLabels {
  private constructor(
    private readonly path: string,
    readonly byId: ReadonlyMap<string, boolean>,
  ) {}

  /** @throws DataError that names the line */
  static async read(path: string): Promise<ChangeLabels> {
    const byId = new Map<string, boolean>();
    const stream = await streamFile(path).catch(cannotRead(path));
    for await (const { line, value } of jsonLines(stream)) {
      const { id, changes } = isRecord(value) ? value : {};
      const wrong = typeof id !== 'string' || typeof changes !== 'boolean' || byId.has(id);
      if (wrong)
        throw new DataError(
          'labels-line',
          typeof id === 'string' && byId.has(id)
            ? `Line ${line} labels row "${id}" once more.`
            : `Line ${line} is not a label.`,
          { file: path, fix: 'Write each row once: {"id": "row-1", "changes": true}.' },
        );
      byId.set(id, changes);
    }
    return new ChangeLabels(path, byId);
  }

  /** @param ids of the rows of a dataset, which all labels must be of. @throws DataError that names one that is not */
  refuseOthers(ids: ReadonlySet<string>, dataSet: string): void {
    const others = [...this.byId.keys()].filter((id) => !ids.has(id));
    if (others.length === 0) return;
    const more = others.length > 1 ? ` and ${others.length - 1} more` : '';
    throw new DataError('labels-row', `"${others[0]}"${more}: no row of ${dataSet} has this id.`, {
      file: this.path,
      fix: 'Leave these labels out, or name the file of the rows that they are of in data.train.',
    });
  }
}
