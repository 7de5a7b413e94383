import type { App } from '../commands.ts';
import { commandFiles } from '../data-files.ts';

/** Shows what data files hold: those that were chosen, or the one that is open, also in the annotation editor. */
export function openDataSet({ dataPanels }: App, ...args: unknown[]): void {
  for (const uri of commandFiles(args).filter(({ scheme }) => scheme === 'file')) dataPanels.show(uri);
}
