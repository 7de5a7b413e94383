import { RecordError } from '../core/record.ts';
import { readManifest } from '../lab/runs/run.ts';

const words = (name: string) => name.replaceAll('_', ' ');

/**
 * What the manifest says that people compare runs by: pairs per step and trainable parameters [A-57, B-27], data, engine,
 * code. Empty while there is none; of one that cannot be read, why.
 */
export async function readAbout(dir: string): Promise<[name: string, value: string][]> {
  try {
    const { preflight = {}, data, versions, git, host, started } = await readManifest(dir);
    const counted = Object.entries(preflight).filter(([, value]) => typeof value === 'number');
    return [
      ...counted.map(([name, value]): [string, string] => [
        words(name),
        (value as number).toLocaleString('en'),
      ]),
      ...data.map(({ path, rows }): [string, string] => [
        'data',
        `${path}, ${rows.toLocaleString('en')} rows`,
      ]),
      ...Object.entries(versions).map(([name, value]): [string, string] => [words(name), value]),
      ...(git
        ? [['commit', `${git.commit.slice(0, 10)}${git.dirty ? ', changed' : ''}`] as [string, string]]
        : []),
      ['host', host],
      ['started', started],
    ];
  } catch (error) {
    return error instanceof RecordError ? [['manifest', error.message]] : [];
  }
}
