import type { Audit } from '../../core/metrics/audit/audit.ts';
import type { Audited } from '../../core/metrics/audit/audited.ts';
import type { Judgement } from '../../core/evaluation/judgement.ts';
import { readAnswers, readAudited, type ShownAnswer } from './read-audit.ts';
import { appendJudgements, type LeaveOut } from './judgements.ts';
import type { Said } from '../../core/evaluation/said-verdict.ts';

/** An answer for a person to rate. An answer that both evaluations contain is rated once. */
export interface AuditTurn {
  shown: ShownAnswer;
  /** Numbers of the evaluations (0 or 1) that contain the answer. */
  sides: readonly (0 | 1)[];
}

export interface AuditOptions {
  person: string;
  /** Number of answers to rate. The two answers of a pair stay together. */
  sample: number;
  /** Seed of the order of the answers, for an evaluation whose order was not drawn yet. */
  seed?: number | undefined;
  set?: string | undefined;
  /** Number of answers that are added to the sample when the person has rated the whole sample. 0 adds no answers. */
  more?: number | undefined;
}

/** Error for an evaluation whose order of answers was drawn with another seed. */
export class OtherSeed extends Error {}

/** Session in which a person rates a sample of answers. Each rating is written at once. */
export class AuditSession {
  private readonly done: AuditTurn[] = [];

  private constructor(
    private readonly dirs: readonly string[],
    private readonly audited: Audited,
    readonly person: string,
    private readonly seed: number,
    /** Answers to rate, in the order of rating. */
    readonly turns: readonly AuditTurn[],
    /** Size of the rated sample, and number of answers outside the sample. */
    readonly answers: number,
    readonly left: number,
  ) {}

  /**
   * @param dirs folder of one evaluation, or folders of two evaluations to compare
   * @throws OtherSeed if the order was drawn with another seed before
   */
  static async open(
    dirs: readonly string[],
    { person, sample, seed, set, more = 0 }: AuditOptions,
    leaveOut?: LeaveOut,
  ): Promise<AuditSession> {
    const audited = await readAudited(dirs, leaveOut, set);
    if (seed !== undefined && audited.seed !== null && audited.seed !== seed)
      throw new OtherSeed(`The sample was drawn with seed ${audited.seed}. Remove --seed to use this seed.`);
    const drawn = audited.seed ?? seed ?? 0;
    const { units, size, left } = audited.sampleFor(person, sample, more, drawn);
    const answers = units.flat();
    const shown = await Promise.all(
      dirs.map((dir, side) =>
        readAnswers(dir, new Set(answers.flatMap((answer) => (answer.side === side ? answer.key : [])))),
      ),
    );
    const turns = units.flatMap((unit) => {
      const toShow: { shown: ShownAnswer; sides: (0 | 1)[] }[] = [];
      for (const { side, key } of unit) {
        const answer = shown[side]!.get(key);
        if (!answer) continue;
        const same = toShow.find((turn) => turn.shown.key === key && turn.shown.hash === answer.hash);
        if (same) same.sides.push(side);
        else toShow.push({ shown: answer, sides: [side] });
      }
      return toShow;
    });
    return new AuditSession(dirs, audited, person, drawn, turns, size, left);
  }

  /** Number of ratings of answers whose text has changed. */
  get outdated(): number {
    return this.audited.outdated;
  }

  saidOf({ shown, sides }: AuditTurn): Said | undefined {
    const words = sides.map((side) => this.audited.saidBy(this.person, side, shown.key));
    return words.includes(undefined) ? undefined : words[0];
  }

  get judged(): number {
    return this.turns.filter((turn) => this.saidOf(turn) !== undefined).length;
  }

  /** Returns the next turn that this person has not rated: from `place`, then from the start. Null if all are rated. */
  nextFrom(place: number): number | null {
    const open = [...this.turns.keys()].filter((i) => this.saidOf(this.turns[i]!) === undefined);
    return open.find((i) => i >= place) ?? open[0] ?? null;
  }

  async judge(turn: AuditTurn, verdict: Said, time: string): Promise<void> {
    await this.say(turn, verdict, time);
    this.done.push(turn);
  }

  /** Withdraws the last rating of this session. @returns the turn of the rating, or null if there is no rating */
  async undo(time: string): Promise<number | null> {
    const turn = this.done.at(-1);
    if (!turn) return null;
    await this.say(turn, null, time);
    this.done.pop();
    return this.turns.indexOf(turn);
  }

  /** Writes this person's rating of a turn. A null rating withdraws the previous rating. */
  async say({ shown, sides }: AuditTurn, verdict: Said | null, time: string): Promise<void> {
    const { key, id, set, view, completion_index, hash } = shown;
    const judgement: Judgement = {
      id,
      set,
      view,
      ...(completion_index !== undefined && { completion_index }),
      person: this.person,
      verdict,
      hash,
      seed: this.seed,
      time,
    };
    for (const side of sides) {
      await appendJudgements(this.dirs[side]!, [judgement]);
      this.audited.say(this.person, side, key, verdict);
    }
  }

  audit(): Audit {
    return this.audited.audit(this.seed);
  }
}
