import { later, withPrinting, withTrust } from '../command-options.ts';
import { InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from '../values.ts';

const withSweeps = (command: Command): Command =>
  command.option('--sweeps <folder>', 'folder that holds the sweeps', 'sweeps');

export function addSweepCommand(program: Command): void {
  const sweep = withTrust(withSweeps(program.command('sweep')))
    .argument('[file]', 'a *.sweep.yaml file')
    .description(
      'Run every cell of an experiment for every seed as an ordinary run, and compare them. The sweep continues when this terminal closes. If it is stopped or killed, the same command continues it and keeps finished runs.',
    )
    .option('--recipe <name>', 'use an experiment that ships with the program instead of a file')
    .option('--small', 'run the small variant, which needs no GPU and takes minutes')
    .option('--print', 'with --recipe, print the experiment so that you can save and edit it')
    .option('--name <name>', 'name of the sweep’s folder (default: the file’s name)')
    .option('--seeds <list>', 'for example 1,2,3 (default: the file’s seeds)', seedList)
    .option(
      '--devices <list>',
      'GPUs, for example 0,1,2, or 0+1,2+3 for two per run (default: the file’s devices)',
      deviceList,
    )
    .option('--dry-run', 'check everything and print what would run and how long, without starting it')
    .option('--detach', 'return as soon as the sweep has started')
    .option('--json', 'print name, folder and state as one JSON object (implies --detach)')
    .addHelpText(
      'after',
      `
Examples:
  chirality sweep recipes
  chirality sweep --recipe eta --small
  chirality sweep --recipe eta --print > eta.sweep.yaml
  chirality sweep eta.sweep.yaml --seeds 1,2,3 --devices 0,1,2,3
  chirality sweep report eta`,
    )
    .action(later(async () => (await import('./sweep.action.ts')).start));

  sweep
    .command('recipes')
    .description('List the papers’ experiments that ship with the program.')
    .option('--json', 'print a JSON list')
    .option('--schema', 'print the JSON Schema of sweeps, for editors')
    .addHelpText('after', '\nExamples:\n  chirality sweep recipes\n  chirality sweep recipes --json')
    .action(later(async () => (await import('./sweep.action.ts')).printRecipe));

  sweep
    .command('status')
    .argument('[sweep]', 'sweep name or folder; optional if there is only one')
    .description('Show the status of every run in a sweep.')
    .option('--json', 'print a JSON object')
    .addHelpText('after', '\nExamples:\n  chirality sweep status eta\n  chirality sweep status eta --json')
    .action(later(async () => (await import('./sweep.action.ts')).showStatus));

  sweep
    .command('stop')
    .argument('[sweep]', 'sweep name or folder; optional if there is only one')
    .description('Stop the sweep: let active runs save and end after their current step.')
    .option('--grace <seconds>', 'how long to wait for the current steps', wholeNumber, 120)
    .addHelpText('after', '\nExamples:\n  chirality sweep stop eta\n  chirality sweep status eta')
    .action(later(async () => (await import('./sweep.action.ts')).stopSweep));

  withPrinting(sweep.command('report'))
    .argument('[sweep]', 'sweep name or folder; optional if there is only one')
    .description('Compare the cells: figures with intervals over seeds, paired tests, effect sizes, curves.')
    .addHelpText(
      'after',
      '\nExamples:\n  chirality sweep report eta\n  chirality sweep report eta -o eta.html',
    )
    .action(later(async () => (await import('./sweep.action.ts')).reportSweep));
}

function seedList(text: string): number[] {
  const seeds = text.split(',').map(Number);
  if (!seeds.every(Number.isInteger)) throw new InvalidArgumentError('Give whole numbers, such as 1,2,3.');
  return seeds;
}

const deviceList = (text: string): string[] => text.split(',').map((device) => device.replaceAll('+', ','));
