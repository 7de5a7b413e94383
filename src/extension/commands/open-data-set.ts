import type { App } from '../app.ts';
import { commandFiles } from '../data-files.ts';

/** Shows what data files hold: those that were chosen, or the one that is open, also in the annotation editor. */
export async function openDataSet({ panels }: App, ...args: unknown[]): Promise<void> {
  const files = commandFiles(args).filter(({ scheme }) => scheme === 'file');
  for (const uri of files) await panels.dataSets.open({ uri: uri.toString() });
}
