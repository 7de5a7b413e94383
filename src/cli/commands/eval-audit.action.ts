import type { OptionsOf } from '../command-options.ts';
import type { addEvalAuditCommand, addEvalCommand } from './eval.command.ts';
import { several } from '../../base/format.ts';
import type { CommandUnknownOpts as Command } from 'commander';
import { UsageError } from '../errors.ts';
import { userInfo, tmpdir } from 'node:os';
import { namedEvaluations } from '../evaluation/read-evaluations.ts';
import { isInteractive, tell, note, printJson, print, pathHere } from '../print.ts';
import { LeftOutLines, cannotRead } from '../input.ts';
import { AuditSession, OtherSeed, type AuditTurn } from '../../lab/evaluation/audit-session.ts';
import { printable } from '../../base/printable.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, extname } from 'node:path';
import { openTerminal } from '../terminal.ts';
import { auditLoop } from '../audit-loop.ts';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { pairImage } from '../../lab/traces/pair-image.ts';
import { newPixelsOf, turnedPng, withNewPixels } from '../../lab/images/view-picture.ts';
import { viewOf } from '../../rows/view-list.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import type { Audit } from '../../core/metrics/audit/audit.ts';
import { auditLines } from '../../core/reports/sections/audit-section.ts';
import { auditFile } from '../../lab/evaluation/judgements.ts';
import { isRecord } from '../../base/json.ts';
import { answerKey } from '../../core/evaluation/judgement.ts';
import { separatedRows } from '../../lab/datasets/csv.ts';
import { jsonLines } from '../../lab/datasets/rows.ts';
import { streamFile } from '../../lab/files/regular.ts';
import type { Said } from '../../core/evaluation/said-verdict.ts';

/** Accepted spellings of ratings. */
const WORDS: Readonly<Record<string, Said>> = {
  right: 'right',
  r: 'right',
  wrong: 'wrong',
  w: 'wrong',
  cannot_tell: 'cannot_tell',
  'cannot be told': 'cannot_tell',
  c: 'cannot_tell',
};

/**
 * Reads ratings of the sample that `--list` printed: JSON lines or a table with `id`, `set`, `view`, `verdict`,
 * `completion_index` for questions with several answers, and `evaluations` for two evaluations. Skips rows without a
 * verdict.
 * @throws UsageError with file and line
 */
async function readGivenJudgements(
  file: string,
  turns: readonly AuditTurn[],
  evaluations: number,
): Promise<{ turn: AuditTurn; verdict: Said }[]> {
  const stream = await streamFile(file).catch((error: unknown) => {
    throw cannotRead(error, file);
  });
  const wrong = (line: number, what: string) => new UsageError(`${file}:${line}: ${what}`);
  const given: { turn: AuditTurn; verdict: Said }[] = [];
  const isTable = extname(file).toLowerCase() === '.csv';
  for await (const { line, value } of isTable ? separatedRows(stream, ',') : jsonLines(stream)) {
    if (!isRecord(value)) throw wrong(line, 'The line is not a JSON object or a table row.');
    const { verdict: word, hash } = value;
    if (word == null || word === '') continue;
    const verdict = typeof word === 'string' ? WORDS[word.trim().toLowerCase()] : undefined;
    if (verdict === undefined)
      throw wrong(
        line,
        `"verdict" must be right, wrong or cannot_tell, not ${printable(JSON.stringify(word), 60)}.`,
      );
    const key = answerKey(value as { id: string });
    const ofUnit = turns.filter(({ shown }) => shown.key === key);
    if (ofUnit.length === 0)
      throw wrong(
        line,
        'The answer is not in the sample. Pass the --sample and --set that you passed with --list.',
      );
    const turn =
      ofUnit.find((auditTurn) => auditTurn.shown.hash === hash) ??
      (hash === undefined && ofUnit.length === 1 ? ofUnit[0] : undefined);
    if (!turn)
      throw wrong(
        line,
        evaluations === 2 && hash === undefined
          ? 'Both evaluations contain this answer. Include the "hash" from --list in the rating.'
          : 'The question, reference answer or answer has changed. List the sample again.',
      );
    given.push({ turn, verdict });
  }
  return given;
}

export async function audit(names: string[], _: unknown, command: Command): Promise<void> {
  // The parent `eval` defines the same options, and consumes them wherever the user passes them.
  const flags = command.optsWithGlobals() as OptionsOf<typeof addEvalCommand> &
    Omit<OptionsOf<typeof addEvalAuditCommand>, 'set'>;
  const seed = command.parent?.getOptionValueSource('seed') === 'cli' ? flags.seed : undefined;
  if (flags.set.length > 1) throw new UsageError('--set can be passed only once.');
  const [set] = flags.set;
  const person = (flags.person ?? userInfo().username).trim();
  if (person === '') throw new UsageError('--person must not be empty.');
  if (names.length > 2) throw new UsageError('The number of evaluations must be one or two.');
  const dirs = (await namedEvaluations(names, { runs: flags.runs })).map(({ key }) => key);
  if (dirs.length === 2 && dirs[0] === dirs[1])
    throw new UsageError('The two evaluations are the same. Pass two different evaluations.');
  const interactive = isInteractive() && !flags.list && !flags.json && flags.answers === undefined;
  if (!interactive && !flags.list && !flags.json && flags.answers === undefined)
    throw new UsageError('Rating answers requires a terminal.', {
      fix: 'Print the sample with --list, import ratings with --answers, or print the estimates with --json.',
    });
  const leftOut = new LeftOutLines(dirs[0]!);
  const session = await AuditSession.open(
    dirs,
    { person, sample: flags.sample, seed, set },
    leftOut.add,
  ).catch((error: unknown) => {
    throw error instanceof OtherSeed ? new UsageError(error.message) : error;
  });
  leftOut.end();
  if (session.turns.length === 0) throw new UsageError(emptyText(dirs, set));
  if (session.outdated > 0)
    tell(`Ignored ${session.outdated} ratings, because their texts have changed. Rate these answers again.`);
  if (flags.list) return list(session, dirs);
  if (flags.answers !== undefined) {
    const given = await readGivenJudgements(flags.answers, session.turns, dirs.length);
    for (const { turn, verdict } of given) await session.judge(turn, verdict, new Date().toISOString());
    note(`Imported ${several(given.length, 'rating')}.`);
  }
  if (interactive) await atTerminal(session, dirs);
  const result = session.audit();
  if (flags.json) printJson(result);
  else print(resultText(result, session));
  note(placesText(dirs));
}

const emptyText = (dirs: readonly string[], set: string | undefined): string =>
  set !== undefined
    ? `Evaluation set "${printable(set, 100)}" has no answers to rate.`
    : dirs.length === 2
      ? 'The evaluations share no answers with the same evaluation set, view and id.'
      : `${dirs[0]!} has no rows with answers that can be correct or wrong.`;

function list(session: AuditSession, dirs: readonly string[]): void {
  for (const { shown, sides } of session.turns) {
    printJson({
      ...shown,
      key: undefined,
      ...(dirs.length === 2 && { evaluations: sides.map((side) => 'AB'[side]) }),
    });
  }
}

async function atTerminal(session: AuditSession, dirs: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chirality-audit-'));
  const seat = openTerminal();
  try {
    await auditLoop(
      session,
      seat,
      (turn) => writePicture(turn, dirs[turn.sides[0]!]!, folder),
      () => new Date().toISOString(),
    );
  } finally {
    seat.leave();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the image of an answer as the model saw it. @returns the image file */
async function writePicture({ shown }: AuditTurn, dir: string, folder: string): Promise<string> {
  const { images, view, set } = shown;
  if (images[0] === undefined) throw new UsageError('The row has no image.');
  const place = mayBeForeign(dir) ? { run: dir } : { run: dir, source: '.' };
  const bytes = await pairImage(place, set, images[0], [process.cwd(), dir]);
  const made = newPixelsOf(view, { images: [...images] });
  const png = await turnedPng(made ? await withNewPixels(bytes, made) : bytes, viewOf(view).pixels);
  const file = join(folder, `${view.replace(/\W+/g, '-')}.png`);
  await writeAtomically(file, png);
  return file;
}

/** Returns a few lines with the estimates before and after the ratings, and the remaining work. */
function resultText(result: Audit, session: Pick<AuditSession, 'turns' | 'judged' | 'person'>): string {
  const left = session.turns.length - session.judged;
  return [
    ...auditLines(result),
    ...(left > 0
      ? [
          `${left} of ${session.turns.length} answers left for ${printable(session.person, 60)}. Run the same command to continue.`,
        ]
      : []),
  ].join('\n');
}

/** Returns a list of the files with the ratings. For external evaluations, these files are next to the folder. */
const placesText = (dirs: readonly string[]): string =>
  dirs
    .map(
      (dir) =>
        `Ratings: ${pathHere(auditFile(dir))}${mayBeForeign(dir) ? ' (next to the folder, which is unchanged)' : ''}`,
    )
    .join('\n');
