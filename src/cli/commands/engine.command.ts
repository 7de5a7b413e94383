import { later } from '../command-options.ts';
import { type Command, Option } from 'commander';
import { INSTALLED_GB, SMALL_GB, TINKER_GB } from '../../lab/torch/setup.ts';
import { wholeNumber } from '../values.ts';

export function addEngineCommand(program: Command): void {
  const engine = program
    .command('engine')
    .description('Set up and check the engine that trains full-size models.');
  engine
    .command('setup')
    .argument('<engine>', 'torch or tinker: the others need no setting up')
    .description('Create a Python environment for an engine, with tested package versions.')
    .option('--folder <folder>', 'folder for the environment (default: in the program’s cache)')
    .option('--force', 'recreate the environment if it exists')
    .option(
      '--4bit',
      'add bitsandbytes, for engine.quantization: 4bit; each start then takes a few seconds longer',
    )
    .option('--json', 'print the interpreter as a JSON object')
    .addHelpText(
      'after',
      `
The environment needs Python 3.11 or later. For torch it takes about ${INSTALLED_GB} GB, or ${SMALL_GB} GB on a machine without an NVIDIA driver; for tinker ${TINKER_GB} GB. Nothing outside the folder is changed.
The command uses uv if it is installed, otherwise fetches it from the package index or falls back on pip.

Examples:
  chirality engine setup torch
  chirality engine setup tinker
  chirality engine doctor`,
    )
    .action(later(async () => (await import('./engine.action.ts')).setUp));
  engine
    .command('join')
    .argument('<config>', 'the run’s *.run.yaml file, with engine.nodes above 1')
    .requiredOption(
      '--node <n>',
      'number of this machine, counted from 0; 1 is the second machine',
      wholeNumber,
    )
    .option('--host <name>', 'host name of the first machine (default: engine.host)')
    .description(
      'Join a run that `chirality train` started on another machine, and compute for it until it ends.',
    )
    .addHelpText(
      'after',
      `
The model, the run folder and the config must have the same paths on all machines. Use a network you trust: the
machines communicate without passwords or encryption.

Example, with engine.nodes: 2 and engine.devices: 8:
  first machine    chirality train svqa.run.yaml
  second machine   chirality engine join svqa.run.yaml --node 1 --host first-machine`,
    )
    .action(later(async () => (await import('./engine.action.ts')).joinAsNode));
  engine
    .command('tiny')
    .argument('<rows>', 'a *.qa.jsonl file with the words the model should know')
    .requiredOption('-o, --output <folder>', 'a new or empty folder for the model')
    .description('Create a small, randomly initialised Qwen2.5-VL that can learn compact worlds on a CPU.')
    .addHelpText(
      'after',
      `
Use it to try the torch engine without a GPU. The model knows nothing until you train it.

Example:
  chirality worlds --count 3000 --style compact -o rows
  chirality engine tiny rows/data.qa.jsonl -o tiny
  then, in a run config:
    engine: { kind: torch, model: ./tiny, device: cpu, precision: fp32, adapter: { kind: none } }`,
    )
    .action(later(async () => (await import('./engine.action.ts')).makeTiny));
  engine
    .command('doctor')
    .description('Check what the torch engine needs, and explain what is missing.')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 1 if the engine cannot work.\n\nExamples:\n  chirality engine doctor\n  chirality engine doctor --json',
    )
    .action(later(async () => (await import('./engine.action.ts')).printDiagnosis));
  engine
    .command('prove')
    .description('Test the torch engine on this machine part by part, from the environment to two processes.')
    .option('--model <model>', 'hub id or folder (default: a small model of random weights, made here)')
    .addOption(
      new Option('--device <device>', 'where the model computes')
        .choices(['auto', 'cpu', 'cuda'])
        .default('auto'),
    )
    .option('-o, --output <file>', 'also write a report in Markdown')
    .option('--json', 'print the parts as JSON')
    .addHelpText(
      'after',
      `
It takes a few minutes with the small model. A run checks less before it starts: use this on a new machine or after
an update, and attach the report to an issue if something fails. The exit code is 1 if any part does.

Examples:
  chirality engine prove -o proof.md
  chirality engine prove --model Qwen/Qwen2.5-VL-3B-Instruct`,
    )
    .action(later(async () => (await import('./engine.action.ts')).prove));
}
