import { stat } from 'node:fs/promises';
import { isRecord } from '../../base/json.ts';
import { doubtOf, readLabel, type LabelDoubt } from '../../rows/sample/label-review.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { ifMissing } from '../files/disk-error.ts';
import { streamFile } from '../files/regular.ts';
import { versionIn } from '../files/version.ts';
import { jsonLines } from './rows.ts';

/** Maximum size of the list of likely label errors, in bytes. */
const MAX_BYTES = 64 * 2 ** 20;

/** Returns the path of the list of likely label errors, which `chirality suspects -o` writes next to a data file. */
export const suspectsBeside = (path: string): string => path.replace(/(?:\.qa)?\.jsonl$/, '.suspects.jsonl');

/** Likely label errors of one data file, from the list in the same folder. A changed list is read again. */
export class SuspectLabels {
  private version: string | null = null;
  private doubts: ReadonlyMap<string, { question: string; label: string; doubt: LabelDoubt }> = new Map();

  constructor(private readonly path: string) {}

  /** Returns the reason why a row's label is likely wrong. Null if the list does not contain the current row. */
  async doubtOf({ id, question, answer }: Sample): Promise<LabelDoubt | null> {
    await this.read();
    const listed = this.doubts.get(id);
    return listed?.question === question && listed.label === answer ? listed.doubt : null;
  }

  /** Returns the state of a row's label. `suspect`: the list contains the label, and the label has no review. */
  async stateOf(sample: Sample): Promise<ReturnType<typeof readLabel>['state']> {
    const { state } = readLabel(sample);
    return state === 'none' && (await this.doubtOf(sample)) ? 'suspect' : state;
  }

  private async read(): Promise<void> {
    const file = suspectsBeside(this.path);
    const stats = file === this.path ? null : await stat(file).catch(ifMissing(null));
    const version = stats && stats.size <= MAX_BYTES ? versionIn(stats) : '';
    if (version === this.version) return;
    this.version = version;
    const doubts = new Map<string, { question: string; label: string; doubt: LabelDoubt }>();
    if (version !== '')
      for await (const { value } of jsonLines(await streamFile(file))) {
        if (!isRecord(value)) continue;
        const { id, question, reference } = value;
        if (typeof id !== 'string' || typeof question !== 'string' || typeof reference !== 'string') continue;
        doubts.set(id, { question, label: reference, doubt: doubtOf(value) });
      }
    this.doubts = doubts;
  }
}
