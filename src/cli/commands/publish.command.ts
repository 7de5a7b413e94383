import { later, withGallery } from '../command-options.ts';
import type { Command } from 'commander';

export function addPublishCommand(program: Command): void {
  withGallery(program.command('publish'))
    .description(
      'Write runs as a static site: a report, curves, and pairs with their answers. It needs no server and loads nothing from elsewhere.',
    )
    .requiredOption('-o, --output <folder>', 'folder for the site: a new or an empty one')
    .addHelpText(
      'after',
      `
A run shows at most 72 pairs: some of each verdict from its newest evaluation, and some from training. They take less
than 20 MB. Images are included in the pages; weights, configs and paths are not.

Examples:
  chirality publish given spatial --runs chirality-demo/runs -o site
  chirality publish runs/mine --title "My runs" -o site`,
    )
    .action(later(async () => (await import('./publish.action.ts')).publish));
}
