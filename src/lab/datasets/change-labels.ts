import { isRecord } from '../../base/json.ts';
import { cannotRead, DataError } from './data-error.ts';
import { jsonLines } from './rows.ts';
import { streamFile } from '../files/regular.ts';

/** Labels in a file: the id of a row, and whether the row's answer changes in the counterfactual. */
export class ChangeLabels {
  private constructor(
    private readonly path: string,
    readonly byId: ReadonlyMap<string, boolean>,
  ) {}

  /** @throws DataError with the line of an invalid label */
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
            ? `Line ${line} contains a second label for row "${id}".`
            : `Line ${line} is not a label.`,
          { file: path, fix: 'Add one line per row, for example {"id": "row-1", "changes": true}.' },
        );
      byId.set(id, changes);
    }
    return new ChangeLabels(path, byId);
  }

  /** @param ids ids of a dataset's rows. @throws DataError for a label with any other id */
  refuseOthers(ids: ReadonlySet<string>, dataSet: string): void {
    const others = [...this.byId.keys()].filter((id) => !ids.has(id));
    if (others.length === 0) return;
    const more = others.length > 1 ? ` and ${others.length - 1} more` : '';
    throw new DataError('labels-row', `Row "${others[0]}"${more} does not exist in ${dataSet}.`, {
      file: this.path,
      fix: 'Remove these labels, or set data.train to the file with these rows.',
    });
  }
}
