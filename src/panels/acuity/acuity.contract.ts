import * as z from 'zod/mini';
import type { ReportDocument } from '../../core/reports/document.ts';
import {
  answers,
  count,
  imageRef,
  nothing,
  text,
  type HostOf,
  type ReadonlyDeep,
} from '../calls.contract.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';

/** Measurement of a model (finished or in progress), or of a person. */
export interface AcuityResult {
  key: string;
  model: string;
  isPerson: boolean;
  /** Number of answered questions, and of all questions. */
  answered: number;
  total: number;
  rows: string;
}

/** Acuity results for one axis, or for all axes. */
export interface AcuityView {
  /** All measured axes. If there are several axes, the overview comes first. */
  axes: string[];
  /** Displayed axis: the requested axis, or else the first axis; null without measurements. */
  axis: string | null;
  /** Results that the user can hide; empty on the overview. */
  results: AcuityResult[];
  /** Values and curves of the displayed results; null without results. */
  document: ReportDocument | null;
  /** Messages about unreadable results. */
  problems: string[];
}

/** Measurement in progress, with the last progress line of the program. */
export interface Measuring {
  id: number;
  model: string;
  line: string;
}

const choices = z.object({
  axis: z.nullable(text),
  /** Keys of the results that the user hides. */
  hidden: z.array(text),
});
export type AcuityChoices = ReadonlyDeep<z.output<typeof choices>>;

export interface Trial {
  /** Line of the stimulus in its data file. */
  line: number;
  question: string;
  reference: string;
  /** Answer of the model, without the reasoning. */
  answer: string;
  /** Outcome. `none`: the images do not differ, so no answer is right. `told`: a distance, whether right or wrong. */
  verdict: 'right' | 'wrong' | 'unread' | 'none' | 'told';
  /** Image, or the first and the last frame of a clip. */
  images: PairImage[];
}

const point = z.object({
  key: text,
  x: z.exactOptional(z.number()),
  view: z.exactOptional(text),
  cell: z.exactOptional(z.readonly(z.tuple([count, count]))),
});

/** Stimulus for a person to answer, without the right answer. */
export interface OwnTrial {
  id: string;
  question: string;
  /** Choices for the left and the right arrow key. */
  choices: [string, string];
  /** Image, or the frames of a clip. */
  images: PairImage[];
  /** Time of each frame of a clip, in seconds; null for an image. */
  times: number[] | null;
}

const picture = z.object({ rows: text, ref: imageRef });

export const acuityCalls = {
  ready: nothing,
  choose: choices,
  /** Lets the user select models and axes, and measures them. */
  measure: nothing,
  /** Stops a measurement in progress. */
  end: z.object({ id: count }),
  /** Returns the answers behind a point of a curve, or in a cell of a map. */
  trials: answers<Trial[]>()(point),
  /** Shows the row of a stimulus with its mirror. */
  openRow: z.object({ key: text, line: count }),
  image: answers<ImageBytes>()(picture),
  /** Draws stimuli of an axis for the user to answer, in random order. */
  begin: answers<{ rows: string; trials: OwnTrial[] }>()(z.object({ axis: text })),
  /** Saves the user's answers under a name that the user enters. Returns whether the answers were saved. */
  keep: answers<boolean>()(
    z.object({ answers: z.array(z.object({ id: text, answer: text })).check(z.maxLength(5000)) }),
  ),
};
export type AcuityHost = HostOf<typeof acuityCalls>;

/** Current state of the panel, which the host sends again whenever the page restarts. */
export type AcuityState = { choices: AcuityChoices } & (
  { kind: 'reading' } | { kind: 'failed'; why: string } | { kind: 'shown'; view: AcuityView }
);

/** Stored state, which survives a reload of the window. */
export const acuityMemory = z.looseObject({ choices });
export type AcuityMemory = ReadonlyDeep<Pick<z.output<typeof acuityMemory>, 'choices'>>;

export interface AcuityPage {
  show(args: AcuityState): void;
  /** Updates the measurements in progress. The host calls this after every change, and when the page starts. */
  measuring(args: readonly Measuring[]): void;
  /** Shows the choice of an axis on which to measure the user. */
  myself(args: null): void;
}
