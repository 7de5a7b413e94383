import { group, later, withPrinting, withTrust } from '../command-options.ts';
import { InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from '../values.ts';

const withSweeps = group((command) =>
  command.option('--sweeps <folder>', 'folder with the sweeps', 'sweeps'),
);

export function addSweepCommand(program: Command) {
  const sweep = withTrust(withSweeps(program.command('sweep')))
    .argument('[file]', '*.sweep.yaml file')
    .description('Run every condition of a sweep for every seed, and compare the runs.')
    .option('--recipe <name>', 'built-in sweep to use instead of a file')
    .option('--small', 'run the small variant, which takes minutes without a GPU')
    .option('--print', 'print the sweep of --recipe instead of running it')
    .option('--name <name>', 'name of the sweep folder (default: the file name)')
    .option('--seeds <list>', 'seeds, for example 1,2,3 (default: the seeds in the file)', seedList)
    .option(
      '--devices <list>',
      'GPUs, for example 0,1,2, or 0+1,2+3 for two per run (default: the devices in the file)',
      deviceList,
    )
    .option('--dry-run', 'check the sweep and print its runs and duration, without starting it')
    .option('--detach', 'return as soon as the sweep has started')
    .option('--json', 'print name, folder and state as one JSON object (implies --detach)')
    .addHelpText(
      'after',
      `
The sweep continues when this terminal closes. If the sweep is interrupted, the same command continues it and keeps
finished runs.

Examples:
  chirality sweep recipes
  chirality sweep --recipe eta --small
  chirality sweep --recipe eta --print > eta.sweep.yaml
  chirality sweep eta.sweep.yaml --seeds 1,2,3 --devices 0,1,2,3
  chirality sweep report eta`,
    );
  sweep.action(later(async () => (await import('./sweep.action.ts')).start));

  sweep
    .command('recipes')
    .description('List the built-in sweeps with the experiments of the papers.')
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
    .description('Stop a sweep after the current step of its active runs, with checkpoints.')
    .option('--grace <seconds>', 'time to wait for the current steps', wholeNumber, 120)
    .addHelpText('after', '\nExamples:\n  chirality sweep stop eta\n  chirality sweep status eta')
    .action(later(async () => (await import('./sweep.action.ts')).stopSweep));

  withPrinting(sweep.command('report'))
    .argument('[sweep]', 'sweep name or folder; optional if there is only one')
    .description(
      'Compare the conditions: metrics with intervals over seeds, paired tests, effect sizes, curves.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  chirality sweep report eta\n  chirality sweep report eta -o eta.html',
    )
    .action(later(async () => (await import('./sweep.action.ts')).reportSweep));
  return sweep;
}

function seedList(text: string): number[] {
  const seeds = text.split(',').map((seed) => (seed.trim() === '' ? NaN : Number(seed)));
  if (!seeds.every(Number.isInteger))
    throw new InvalidArgumentError('Seeds must be whole numbers, for example 1,2,3.');
  return seeds;
}

const deviceList = (text: string): string[] => text.split(',').map((device) => device.replaceAll('+', ','));
