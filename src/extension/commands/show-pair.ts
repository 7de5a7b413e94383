import type { App } from '../commands.ts';
import { commandFiles, visibleEditor } from '../data-files.ts';

/** Opens the Pair panel beside the editor, at the row of the cursor. */
export async function showPair({ pair }: App, ...args: unknown[]): Promise<void> {
  const [uri] = commandFiles(args);
  if (!uri) return;
  const editor = visibleEditor(uri);
  await pair.open({ uri, line: (editor?.selection.active.line ?? 0) + 1 });
}
