import type { AddressInfo } from 'node:net';
import { InvalidArgumentError, type Command } from 'commander';
import { siteServer } from '../site-server.ts';
import { UsageError } from '../errors.ts';
import { wholeNumber } from '../input.ts';
import { note, print } from '../print.ts';
import { galleryOf, withGallery, type GalleryFlags } from './publish.ts';

function port(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return value;
}

export function addServeCommand(program: Command): void {
  withGallery(program.command('serve'))
    .description('Show runs in a browser of this machine: the pages that `publish` writes, read-only.')
    .option('--port <n>', 'port (default: any free one)', port)
    .addHelpText(
      'after',
      `
Only programs of this machine can connect. Stop it with Ctrl+C.

Examples:
  chirality serve --runs chirality-demo/runs
  chirality serve given spatial --runs chirality-demo/runs --port 8321`,
    )
    .action(async (names: string[], options: GalleryFlags & { port?: number }) => {
      const server = siteServer(await galleryOf(names, options));
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) =>
          reject(
            error.code === 'EADDRINUSE'
              ? new UsageError(
                  `--port ${options.port}: another program listens there. Name another one, or none.`,
                )
              : error,
          ),
        );
        server.listen(options.port ?? 0, '127.0.0.1', resolve);
      });
      print(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      note('Open it in a browser. Ctrl+C stops.');
      await new Promise((resolve) => server.once('close', resolve));
    });
}
