import { checkFile } from './commands/check-file.ts';
import { showPair } from './commands/show-pair.ts';
import type { PairPanel } from './pair/panel.ts';
import type { Problems } from './problems.ts';
import type { RunList } from './runs/watch.ts';

/** What commands work on. */
export interface App {
  readonly problems: Problems;
  readonly pair: PairPanel;
  readonly runs: RunList;
}

export type Command = (app: App, ...args: unknown[]) => unknown;

/** Every command of package.json, by its id. */
export const commands: Readonly<Record<string, Command>> = {
  'chirality.checkFile': checkFile,
  'chirality.showPair': showPair,
  'chirality.pair.nextRow': ({ pair }) => pair.move(1),
  'chirality.pair.previousRow': ({ pair }) => pair.move(-1),
  'chirality.pair.toggleBoxes': ({ pair }) => pair.tell('toggleBoxes'),
  'chirality.pair.showKeys': ({ pair }) => pair.tell('showKeys'),
  'chirality.pair.openRow': ({ pair }) => pair.openRow(),
};
