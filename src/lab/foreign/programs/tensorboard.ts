import type { FolderFile, ForeignReader, Logged } from '../reader.ts';
import { EventFiles } from './event-files.ts';

/** Reads a folder that holds nothing but event files. */
export class TensorBoard implements ForeignReader {
  private readonly events = new EventFiles();

  async look(files: readonly FolderFile[]): Promise<Logged | null> {
    const problems: string[] = [];
    const { metrics, files: found, settings } = await this.events.look(files, problems);
    if (found.length === 0) return null;
    return {
      ...{ kind: 'tensorboard', version: null, metrics, batches: [], settings, notes: [], problems },
      roles: found.map(({ path }) => ({ path, role: 'metrics' })),
      missing: [{ field: 'trace', why: 'Event files hold curves, and no completions.' }],
    };
  }
}
