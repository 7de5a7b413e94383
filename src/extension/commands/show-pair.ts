import type { App } from '../app.ts';
import { commandFiles, visibleEditor } from '../data-files.ts';

/** Opens the Pair panel beside the editor: at the line that is given (from 1), else at the row of the cursor. */
export async function showPair({ panels }: App, ...args: unknown[]): Promise<void> {
  const [uri] = commandFiles(args);
  if (!uri) return;
  const cursor = (visibleEditor(uri)?.selection.active.line ?? 0) + 1;
  const line = typeof args[1] === 'number' ? args[1] : cursor;
  await panels.pair.open({ uri: uri.toString(), line });
}
