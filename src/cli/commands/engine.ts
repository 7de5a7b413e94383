import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { fixed } from '../../core/format.ts';
import { diagnose, type Finding, makeSeeingModel } from '../../lab/torch/doctor.ts';
import {
  COMPLETE,
  ownEnvironment,
  pythonOf,
  REQUIREMENTS_4BIT,
  requirementsOf,
  nvidiaDriver,
} from '../../lab/torch/python.ts';
import { folderOrName } from '../../lab/runs/config-paths.ts';
import { programVersions } from '../../lab/runs/versions.ts';
import { proofDocument, type ProofPart, proveTorch } from '../../lab/torch/prove.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import {
  addPackages,
  createEnvironment,
  INSTALLED_GB,
  joinRun,
  SMALL_GB,
  TINKER_GB,
} from '../../lab/torch/setup.ts';
import { readRunFile } from '../config.ts';
import { JobError, UsageError } from '../errors.ts';
import { requireEmpty, requireFile, wholeNumber } from '../input.ts';
import { note, print, printJson, tell } from '../print.ts';

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
The command uses uv if it is installed, or else fetches it from the package index or falls back on pip.

Examples:
  chirality engine setup torch
  chirality engine setup tinker
  chirality engine doctor`,
    )
    .action(setUp);
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
    .action(joinAsNode);
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
    .action(makeTiny);
  engine
    .command('doctor')
    .description('Check what the torch engine needs, and explain what is missing.')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 1 if the engine cannot work.\n\nExamples:\n  chirality engine doctor\n  chirality engine doctor --json',
    )
    .action(printDiagnosis);
  engine
    .command('prove')
    .description('Test the torch engine on this machine part by part, from the environment to two processes.')
    .option('--model <model>', 'hub id or folder (default: a small model of random weights, made here)')
    .addOption(new Option('--device <device>', 'where the model computes').choices(DEVICES).default('auto'))
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
    .action(prove);
}

const DEVICES = ['auto', 'cpu', 'cuda'] as const;

async function makeTiny(rows: string, { output }: { output: string }): Promise<void> {
  await requireFile(rows);
  await requireEmpty(output);
  await makeSeeingModel(resolve(rows), resolve(output)).catch((error: unknown) => {
    throw new JobError((error as Error).message, { fix: '`chirality engine doctor` examines Python.' });
  });
  note(`A model of random weights in ${output}`);
}

async function printDiagnosis({ json }: { json?: boolean }): Promise<void> {
  const findings = await diagnose();
  if (json) printJson(findings);
  else for (const finding of findings) print(line(finding));
  if (findings.some(({ state }) => state === 'bad')) process.exitCode = 1;
}

interface ProveFlags {
  model?: string;
  device: (typeof DEVICES)[number];
  output?: string;
  json?: boolean;
}

async function prove({ model, device, output, json }: ProveFlags): Promise<void> {
  const parts: ProofPart[] = [];
  // From the beginning on, should a part take the machine down, or the file not be one that can be written.
  const report = async (now: string | null) => {
    if (output !== undefined)
      await writeAtomically(output, (file) => file.writeFile(proofDocument(parts, now)));
  };
  for await (const part of proveTorch({
    model: model === undefined ? null : folderOrName('.', model),
    device,
    versions: programVersions(),
    onPart: async (name) => {
      tell(`… ${name}`);
      await report(name);
    },
  })) {
    parts.push(part);
    if (json) continue;
    const [first, ...more] = part.found;
    print(`${MARK[part.state]}  ${part.name}, ${fixed(part.seconds, 1)} s: ${first}`);
    for (const text of more) print(`      ${text}`);
  }
  await report(null);
  if (json) printJson(parts);
  if (output !== undefined)
    note(
      `Written: ${output}. It contains no folder, user or machine names, so you can attach it to an issue.`,
    );
  if (parts.some(({ state }) => state === 'bad')) process.exitCode = 1;
}

interface SetupFlags {
  folder?: string;
  force?: boolean;
  '4bit'?: boolean;
  json?: boolean;
}

async function setUp(name: string, options: SetupFlags): Promise<void> {
  if (name !== 'torch' && name !== 'tinker')
    throw new UsageError(`There is no engine "${name}" to set up: only torch and tinker need it.`);
  if (options['4bit'] && name === 'tinker') throw new UsageError('--4bit is for the torch engine.');
  const folder = options.folder ?? (await ownEnvironment(name));
  const present = existsSync(join(folder, COMPLETE)) && !options.force;
  if (!present) {
    const requirements = requirementsOf(name);
    const build = name === 'torch' && { driver: await nvidiaDriver() };
    await createEnvironment({ folder, requirements, ...build, onLine: note });
  }
  const python = pythonOf(folder);
  if (options['4bit']) await addPackages({ python, requirements: REQUIREMENTS_4BIT, onLine: tell });
  if (options.json) printJson({ python, created: !present });
  else note(`${present ? 'Already there' : 'Done'}: ${python}`);
  if (options.folder && !options.json) note(`Set CHIRALITY_PYTHON=${python} to use it.`);
}

async function joinAsNode(path: string, { node, host }: { node: number; host?: string }): Promise<void> {
  const { engine } = readRunFile(path, { files: false });
  if (engine.kind !== 'torch')
    throw new UsageError(
      `${path} is a config of the ${engine.kind} engine, which runs on one machine: leave it to \`chirality train\`.`,
    );
  if (node < 1 || node >= engine.nodes)
    throw new UsageError(
      `--node must lie between 1 and ${engine.nodes - 1}: engine.nodes is ${engine.nodes}.`,
    );
  const first = host ?? engine.host;
  if (!first) throw new UsageError('Name the first machine with --host, or as engine.host in the config.');
  note(`Joining ${first}:${engine.port} as machine ${node + 1} of ${engine.nodes}.`);
  if (!(await joinRun({ ...engine, host: first }, node, tell)))
    throw new JobError('The processes on this machine ended with an error.', {
      fix: 'What they printed is above; the run on the first machine says why it ended.',
    });
}

const MARK = { good: 'ok  ', warning: 'note', bad: 'FAIL' } as const;

const line = ({ state, text, fix }: Finding): string =>
  [`${MARK[state]}  ${text}`, ...(fix ? [`      ${fix}`] : [])].join('\n');
