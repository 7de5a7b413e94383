import type { AssessedPair } from '../../core/rewards/assess.ts';
import { ownQuestion } from '../../core/rewards/own.ts';
import type { SampledRollout } from '../../core/rewards/rollout.ts';
import { RowReading, type RowWithScores, type Scoring } from '../../core/rewards/score-pair.ts';
import { similarities, type Encoder } from '../encoders/encoder.ts';
import type { OwnPrograms } from '../own/own-program.ts';
import type { DrawnGroups, DrawnView } from './draw-groups.ts';

export type ScoredRow = RowWithScores<DrawnView>;

export type TrainedRow = AssessedPair<ScoredRow>;

/** Scores the completions of drawn rows. Calls encoder and programs once for a whole step. */
export async function scorePairs(
  sampled: readonly DrawnGroups<SampledRollout>[],
  config: Scoring,
  encoder: Encoder | null,
  ownRewards: OwnRewards | null,
): Promise<ScoredRow[]> {
  const rows = sampled.map((row) => new RowReading(row, config));
  const similarity = config.rewards.semantic?.weight ? await askEncoder(encoder!, rows) : () => 0;
  const ownParts = ownRewards && (await askPrograms(ownRewards, rows));
  return rows.map((row) => row.scored(similarity, ownParts));
}

/** Programs with custom rewards, and function for the locations of images that the programs receive. */
export interface OwnRewards {
  programs: OwnPrograms;
  fileOf: (path: string) => string;
}

/** Returns the custom rewards for each completion. */
async function askPrograms({ programs, fileOf }: OwnRewards, rows: readonly RowReading<DrawnView>[]) {
  const questions = rows.flatMap(({ views }) =>
    views.flatMap(({ view, sample, group }) =>
      group.map((read, index) => {
        const about = { view, index, completion: read.rollout.segments.at(-1)!.text, read: read.answer };
        return { read, question: ownQuestion(sample, about, fileOf) };
      }),
    ),
  );
  const parts = await programs.values(questions.map(({ question }) => question));
  return new Map(questions.map(({ read }, i) => [read, parts[i]!]));
}

/** Computes all similarities of a step in one call of the encoder, so that equal texts are encoded once. */
async function askEncoder(
  encoder: Encoder,
  rows: readonly RowReading<DrawnView>[],
): Promise<(answer: string, reference: string) => number> {
  const pairs = rows.flatMap(({ views }) =>
    views.flatMap(({ sample, group }) =>
      group.flatMap(({ answer }) =>
        answer === null
          ? []
          : [sample.answer, ...(sample.answers ?? [])].map((reference) => [answer, reference] as const),
      ),
    ),
  );
  const values = await similarities(encoder, pairs);
  const byPair = new Map(pairs.map((pair, i) => [JSON.stringify(pair), values[i]!]));
  return (answer, reference) => byPair.get(JSON.stringify([answer, reference]))!;
}
