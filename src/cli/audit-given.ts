import { extname } from 'node:path';
import { isRecord } from '../base/json.ts';
import { answerKey } from '../core/evaluation/judgement.ts';
import { printable } from '../base/printable.ts';
import type { AuditTurn } from '../lab/evaluation/audit-session.ts';
import { separatedRows } from '../lab/datasets/csv.ts';
import { jsonLines } from '../lab/datasets/rows.ts';
import { streamFile } from '../lab/files/regular.ts';
import { UsageError } from './errors.ts';
import { cannotRead } from './input.ts';
import type { Said } from '../core/evaluation/said-verdict.ts';

/** What people write for a verdict. */
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
 * Judgements made elsewhere, of the sample that `--list` printed: JSON lines or a table with `id`, `set`, `view`,
 * `verdict`, and `completion_index` where questions have several answers; of two evaluations, `evaluations`. Rows without
 * a verdict are passed over.
 * @throws UsageError with file and line
 */
export async function readGivenJudgements(
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
          ? 'The answer is ambiguous, because two evaluations have it. Keep the "hash" of --list.'
          : 'The question, reference answer or answer has changed. List the sample again.',
      );
    given.push({ turn, verdict });
  }
  return given;
}
