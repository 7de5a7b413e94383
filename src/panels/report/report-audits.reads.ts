import type { Said } from '../../core/evaluation/said-verdict.ts';
import type { AuditOutcome, AuditSheet } from './report.contract.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';
import { auditLines } from '../../core/reports/sections/audit-section.ts';
import { AuditSession } from '../../lab/evaluation/audit-session.ts';
import { auditFile } from '../../lab/evaluation/judgements.ts';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { pairImage } from '../../lab/traces/pair-image.ts';
import { imageBytes } from '../data-rows.reads.ts';

/** Person who rates a sample, and its evaluations in a fixed order, because the position identifies an answer. */
export interface AuditPlace {
  keys: readonly string[];
  person: string;
  /** Number of answers in the sample that the person rates. */
  answers: number;
}

/** Human ratings of samples of answers, for the Report panel. */
export class Audits {
  /** Last session. After a restart of the worker thread, the session is opened again from its file. */
  private opened: { place: string; session: Promise<AuditSession> } | null = null;

  /** Draws the sample again. @param more number of answers to add if the person has rated all answers */
  async auditBegin({ more, ...place }: AuditPlace & { more: number }): Promise<Omit<AuditSheet, 'names'>> {
    this.opened = null;
    const session = await this.session(place, more);
    return {
      person: place.person,
      answers: session.answers,
      left: session.left,
      files: place.keys.map(auditFile),
      lines: auditLines(session.audit()),
      turns: session.turns.map((turn) => {
        const { question, choices = [], view, reference, answer, completion, images, clip } = turn.shown;
        const shown = images.map((ref): PairImage => {
          const isPicture = typeof ref === 'string' || (ref.path ?? ref.parquet ?? ref.video) !== undefined;
          return { ref, key: isPicture ? JSON.stringify([place.keys[turn.sides[0]!], ref]) : null };
        });
        return {
          question,
          choices,
          view,
          reference,
          answer,
          completion,
          images: shown,
          ...(clip && { clip }),
          said: session.saidOf(turn) ?? null,
        };
      }),
    };
  }

  async auditSay({
    turn,
    said,
    ...place
  }: AuditPlace & { turn: number; said: Said | null }): Promise<AuditOutcome> {
    const session = await this.session(place);
    await session.say(turnOf(session, turn), said, new Date().toISOString());
    return { lines: auditLines(session.audit()) };
  }

  async auditImage({
    turn,
    image,
    allowed,
    ...place
  }: AuditPlace & { turn: number; image: number; allowed: readonly string[] }): Promise<ImageBytes> {
    const { shown, sides } = turnOf(await this.session(place), turn);
    const run = place.keys[sides[0]!]!;
    const ref = shown.images[image];
    if (ref === undefined) throw new Error('This row has no image.');
    return imageBytes(
      await pairImage(mayBeForeign(run) ? { run } : { run, source: '.' }, shown.set, ref, allowed),
    );
  }

  private async session({ keys, person, answers }: AuditPlace, more = 0): Promise<AuditSession> {
    const placeOf = (size: number) => JSON.stringify([keys, person, size]);
    if (this.opened?.place !== placeOf(answers)) {
      const session = AuditSession.open(keys, { person, sample: answers, more });
      const opened = { place: placeOf(answers), session };
      this.opened = opened;
      if (more > 0) opened.place = placeOf((await session).answers);
    }
    return this.opened.session;
  }
}

function turnOf(session: AuditSession, turn: number) {
  const drawn = session.turns[turn];
  if (!drawn) throw new Error('This answer is not in the sample.');
  return drawn;
}
