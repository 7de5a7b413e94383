import { later } from '../command-options.ts';
import { type Command, Option } from 'commander';
import { INSTALLED_GB, SMALL_GB } from '../../lab/torch/setup.ts';
import { wholeNumber } from '../values.ts';

/** Disk space for the tinker engine, which needs no PyTorch, in GB. */
const TINKER_GB = 0.3;

export function addEngineCommand(program: Command): void {
  const engine = program
    .command('engine')
    .description('Set up and check the engine that trains full-size models.');
  engine
    .command('setup')
    .argument('<engine>', 'torch or tinker (the other engines require no setup)')
    .description('Create a Python environment for an engine, with tested package versions.')
    .option('--folder <folder>', 'folder for the environment (default: in the cache of Chirality)')
    .option('--force', 'recreate the environment if it exists')
    .option('--4bit', 'add bitsandbytes for engine.quantization: 4bit; slows each start by a few seconds')
    .option('--json', 'print the path of the interpreter as a JSON object')
    .addHelpText(
      'after',
      `
The environment requires Python 3.11 or later. It takes about ${INSTALLED_GB} GB for torch (${SMALL_GB} GB without an
NVIDIA driver) and ${TINKER_GB} GB for tinker. The command changes only the environment folder. It uses uv: if uv is not
installed, it downloads uv from the package index, or uses pip if that fails.

Examples:
  chirality engine setup torch
  chirality engine setup tinker
  chirality engine doctor`,
    )
    .action(later(async () => (await import('./engine.action.ts')).setUp));
  engine
    .command('join')
    .argument('<config>', '*.run.yaml file of the run, with engine.nodes above 1')
    .requiredOption('--node <n>', 'rank of this machine; the second machine has rank 1', wholeNumber)
    .option('--host <name>', 'host name of the first machine (default: engine.host)')
    .description('Join a run that `chirality train` started on another machine, until the run ends.')
    .addHelpText(
      'after',
      `
The model, the run folder and the config must have the same paths on all machines. Use only a trusted network: the
machines communicate without passwords or encryption.

Example, with engine.nodes: 2 and engine.devices: 8:
  first machine    chirality train svqa.run.yaml
  second machine   chirality engine join svqa.run.yaml --node 1 --host first-machine`,
    )
    .action(later(async () => (await import('./engine.action.ts')).joinAsNode));
  engine
    .command('tiny')
    .argument('<rows>', '*.qa.jsonl file with the vocabulary of the model')
    .requiredOption('-o, --output <folder>', 'folder for the model, new or empty')
    .description('Create a small, randomly initialised Qwen2.5-VL that can learn compact worlds on a CPU.')
    .addHelpText(
      'after',
      `
Use the model to try the torch engine without a GPU. Its weights are random until you train it.

Example:
  chirality worlds --count 3000 --style compact -o rows
  chirality engine tiny rows/data.qa.jsonl -o tiny
In a run config:
    engine: { kind: torch, model: ./tiny, device: cpu, precision: fp32, adapter: { kind: none } }`,
    )
    .action(later(async () => (await import('./engine.action.ts')).makeTiny));
  engine
    .command('doctor')
    .description('Check the requirements of the torch engine, and explain how to fix them.')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 1 if the engine cannot run.\n\nExamples:\n  chirality engine doctor\n  chirality engine doctor --json',
    )
    .action(later(async () => (await import('./engine.action.ts')).printDiagnosis));
  engine
    .command('prove')
    .description('Test each part of the torch engine on this machine.')
    .option('--model <model>', 'hub id or model folder (default: a small model with random weights)')
    .addOption(
      new Option('--device <device>', 'device for the model')
        .choices(['auto', 'cpu', 'cuda'])
        .default('auto'),
    )
    .option('-o, --output <file>', 'also write a report in Markdown')
    .option('--json', 'print the parts as JSON')
    .addHelpText(
      'after',
      `
The test takes a few minutes with the small model. Run it on a new machine or after an update, and attach the report to
an issue if a part fails. The exit code is 1 if any part fails.

Examples:
  chirality engine prove -o proof.md
  chirality engine prove --model Qwen/Qwen2.5-VL-3B-Instruct`,
    )
    .action(later(async () => (await import('./engine.action.ts')).prove));
}
