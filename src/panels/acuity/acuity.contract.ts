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

/** A measurement: of a model, finished or as far as it has come, or of a person. */
export interface AcuityResult {
  key: string;
  model: string;
  isPerson: boolean;
  /** How many questions have an answer, and how many there are. */
  answered: number;
  total: number;
  rows: string;
}

/** What is measured about one axis, or about all of them. */
export interface AcuityView {
  /** All axes that something is measured about; of several, the overview comes first. */
  axes: string[];
  /** The one shown: the one asked for, else the first axis; null if nothing is measured. */
  axis: string | null;
  /** Whose figures can be hidden; none on the overview. */
  results: AcuityResult[];
  /** Figures and curves of the results that are shown; null if there are none. */
  document: ReportDocument | null;
  /** Messages about results that cannot be read. */
  problems: string[];
}

/** A measurement that is under way, with the program's last line about how far it has come. */
export interface Measuring {
  id: number;
  model: string;
  line: string;
}

const choices = z.object({
  axis: z.nullable(text),
  /** Keys of the results that are not shown. */
  hidden: z.array(text),
});
export type AcuityChoices = ReadonlyDeep<z.output<typeof choices>>;

/** One answer to a stimulus. */
export interface Trial {
  /** Line of the row in its file. */
  line: number;
  question: string;
  reference: string;
  /** What the model said, without how it came to say it. */
  answer: string;
  /** `none`: there is no right answer, as nothing differs. `told`: a distance, which is more or less near to the true one. */
  verdict: 'right' | 'wrong' | 'unread' | 'none' | 'told';
  /** The image; of a clip the first frame and the last. */
  images: PairImage[];
}

const point = z.object({
  key: text,
  x: z.exactOptional(z.number()),
  view: z.exactOptional(text),
  cell: z.exactOptional(z.readonly(z.tuple([count, count]))),
});

/** A stimulus for a person, without its answer. */
export interface OwnTrial {
  id: string;
  question: string;
  /** What can be answered: by the left arrow, and by the right one. */
  choices: [string, string];
  /** The image, or the frames of a clip. */
  images: PairImage[];
  /** When each frame of a clip is seen, in seconds; null of an image. */
  times: number[] | null;
}

const picture = z.object({ rows: text, ref: imageRef });

/** Calls that the page makes to the host. */
export const acuityCalls = {
  ready: nothing,
  choose: choices,
  /** Lets the user choose models and axes, and measures them. */
  measure: nothing,
  /** Ends a measurement that is under way. */
  end: z.object({ id: count }),
  /** The answers behind a point of a curve. */
  trials: answers<Trial[]>()(point),
  /** Shows the row of a trial with its mirror. */
  openRow: z.object({ key: text, line: count }),
  image: answers<ImageBytes>()(picture),
  /** Draws the stimuli of an axis, for the person in front of the screen; in random order. */
  begin: answers<{ rows: string; trials: OwnTrial[] }>()(z.object({ axis: text })),
  /** Keeps a person's answers under a name that the host asks for. Answers whether they were kept. */
  keep: answers<boolean>()(
    z.object({ answers: z.array(z.object({ id: text, answer: text })).check(z.maxLength(5000)) }),
  ),
};
export type AcuityHost = HostOf<typeof acuityCalls>;

/** The panel's current state; sent again whenever its page restarts. */
export type AcuityState = { choices: AcuityChoices } & (
  { kind: 'reading' } | { kind: 'failed'; why: string } | { kind: 'shown'; view: AcuityView }
);

/** Survives a reload of the window. */
export const acuityMemory = z.looseObject({ choices });
export type AcuityMemory = ReadonlyDeep<Pick<z.output<typeof acuityMemory>, 'choices'>>;

/** Calls that the host makes to the page. */
export interface AcuityPage {
  show(args: AcuityState): void;
  /** The measurements that are under way; sent at every change, and when the page starts. */
  measuring(args: readonly Measuring[]): void;
  /** Asks the person what to measure of them. */
  myself(args: null): void;
}
