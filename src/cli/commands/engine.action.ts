import { requireFile, requireEmpty } from '../input.ts';
import { makeSeeingModel, diagnose, type Finding } from '../../lab/torch/doctor.ts';
import { resolve } from 'node:path';
import { JobError, UsageError } from '../errors.ts';
import { note, printJson, print, tell } from '../print.ts';
import { type ProofPart, proofDocument, proveTorch } from '../../lab/torch/prove.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { folderOrName } from '../../lab/runs/config-paths.ts';
import { programVersions } from '../../lab/runs/versions.ts';
import { fixed } from '../../base/format.ts';
import { joinRun, setUpEngine } from '../../lab/torch/setup.ts';
import { readRunFile } from '../config.ts';

export async function makeTiny(rows: string, { output }: { output: string }): Promise<void> {
  await requireFile(rows);
  await requireEmpty(output);
  await makeSeeingModel(resolve(rows), resolve(output)).catch((error: unknown) => {
    throw new JobError((error as Error).message, { fix: 'Check Python with `chirality engine doctor`.' });
  });
  note(`Wrote a model with random weights to ${output}`);
}

export async function printDiagnosis({ json }: { json?: boolean }): Promise<void> {
  const findings = await diagnose();
  if (json) printJson(findings);
  else for (const finding of findings) print(line(finding));
  if (findings.some(({ state }) => state === 'bad')) process.exitCode = 1;
}

interface ProveFlags {
  model?: string;
  device: 'auto' | 'cpu' | 'cuda';
  output?: string;
  json?: boolean;
}

export async function prove({ model, device, output, json }: ProveFlags): Promise<void> {
  const parts: ProofPart[] = [];
  // Write the report from the start, because a measurement can crash the machine or the file might not be writable.
  const report = async (now: string | null) => {
    if (output !== undefined) await writeAtomically(output, proofDocument(parts, now));
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
      `Wrote ${output}. The report contains no folder, user or machine names, so you can attach it to an issue.`,
    );
  if (parts.some(({ state }) => state === 'bad')) process.exitCode = 1;
}

export async function setUp(
  name: string,
  options: { folder?: string; force?: boolean; '4bit'?: boolean; json?: boolean },
): Promise<void> {
  if (name !== 'torch' && name !== 'tinker')
    throw new UsageError(`Cannot set up engine "${name}". Only torch and tinker require a setup.`);
  if (options['4bit'] && name === 'tinker')
    throw new UsageError('--4bit requires the torch engine. Remove --4bit.');
  const { folder, force } = options;
  const wanted = { folder, force, fourBit: options['4bit'] };
  const { python, created } = await setUpEngine(name, wanted, note);
  if (options.json) printJson({ python, created });
  else note(`${created ? 'Done' : 'Already set up'}: ${python}`);
  if (folder && !options.json) note(`To use this environment, set CHIRALITY_PYTHON=${python}.`);
}

export async function joinAsNode(
  path: string,
  { node, host }: { node: number; host?: string },
): Promise<void> {
  const { engine } = readRunFile(path, { files: false });
  if (engine.kind !== 'torch')
    throw new UsageError(
      `Cannot join ${path}: the ${engine.kind} engine runs on one machine. Start the run with \`chirality train\`.`,
    );
  if (node < 1 || node >= engine.nodes)
    throw new UsageError(
      `--node must be from 1 to ${engine.nodes - 1}, because engine.nodes is ${engine.nodes}.`,
    );
  const first = host ?? engine.host;
  if (!first) throw new UsageError('No first machine is set. Pass --host, or set engine.host in the config.');
  note(`Joining ${first}:${engine.port} as machine ${node + 1} of ${engine.nodes}.`);
  if (!(await joinRun({ ...engine, host: first }, node, tell)))
    throw new JobError('The processes on this machine ended with an error.', {
      fix: 'Check the output above and the log of the run on the first machine.',
    });
}

const MARK = { good: 'ok  ', warning: 'note', bad: 'FAIL' } as const;

const line = ({ state, text, fix }: Finding): string =>
  [`${MARK[state]}  ${text}`, ...(fix ? [`      ${fix}`] : [])].join('\n');
