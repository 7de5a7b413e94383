import { later, withGallery } from '../command-options.ts';
import type { Command } from 'commander';

export function addPublishCommand(program: Command): void {
  withGallery(program.command('publish'))
    .description(
      'Write runs as a static website with a report, curves, and pairs with their answers. The site works without a server or network.',
    )
    .requiredOption('-o, --output <folder>', 'folder for the site, new or empty')
    .addHelpText(
      'after',
      `
The site shows at most 72 pairs (20 MB) per run: examples of each outcome from its newest evaluation, and pairs from
training. The pages include images, but no weights, configs or paths.

Examples:
  chirality publish given spatial --runs chirality-demo/runs -o site
  chirality publish runs/mine --title "My runs" -o site`,
    )
    .action(later(async () => (await import('./publish.action.ts')).publish));
}
