import { decisionChanges } from '../../src/core/annotation/sample-changes.ts';
import type { BoxRef, ReviewedVariant } from '../../src/core/annotation/sample-changes.ts';
import type { Channel } from '../../src/core/protocol/channel.ts';
import type { FieldChange } from '../../src/core/annotation/edit-json.ts';
import type { AnnotateHost, AnnotateState, OpenRow, ReviewQueue } from '../../src/core/protocol/annotate.ts';
import type { Decision, Reviewer } from '../../src/core/annotation/review.ts';
import type { MirrorVariant } from '../../src/core/spatial/sample.ts';
import { type PixelView, type VariantName, viewOf } from '../../src/core/spatial/views/list.ts';

/** All that the page shows. */
export interface PanelState {
  /** Null until the host has spoken. */
  state: AnnotateState | null;
  /** The row in the card, from 0. */
  row: number;
  /** What the card shows, with its number: while a row loads, that is still the one before. */
  open: (OpenRow & { index: number }) | null;
  /** Which rewritten form is under review: beside the original's texts, in the list and in the figures. */
  form: VariantName;
  /** Keeps the rows that are listed; empty for all. */
  filter: string;
  /** Null until it was asked for. */
  queue: ReviewQueue | null;
  /** The share of the file that was searched by the filter; null when that is done. */
  searching: number | null;
  /** What is wrong with the filter. */
  filterProblem: string | null;
  /** The texts of the form can be typed into. */
  editingForm: boolean;
  boxes: boolean;
  graph: boolean;
  /** The box that keys act on. */
  selected: BoxRef | null;
  /** The next press on a picture draws a box. */
  drawing: boolean;
  /** Between which objects, by id, a relation is being added. */
  relating: { subject: string; object: string } | null;
  /** The mirror is shown in the place of the original, as in a flip-book. */
  flipped: boolean;
  /** The box that was just drawn, and on which picture: its label is being asked for. */
  naming: { index: number; side: PixelView } | null;
  /** A reason for discarding is being asked for. */
  explaining: boolean;
  showKeys: boolean;
  /** The last thing that happened, for the eye and for screen readers. */
  news: string;
}

type Update = (change: Partial<PanelState>) => void;
type Host = Channel<AnnotateHost>;

/** What the parts of the page can do. */
export interface Actions {
  host: Host;
  update: Update;
  goTo(row: number): void;
  /** On among the rows that are listed. */
  step(by: number): void;
  filter(text: string): void;
  /** The person who decides, now. */
  who(): Reviewer;
  /** The other form under review. */
  switchForm(): void;
  /** Begins a relation, or gives it up; with the keys' choice of objects where there is no other. */
  relate(between?: PanelState['relating']): void;
  /** Changes the row of the card. */
  change(changes: FieldChange[], label: string, typing?: boolean): void;
}

/** A row that can be used, with the form under review, and its mirror for the pictures. */
export interface Usable extends ReviewedVariant {
  mirror: MirrorVariant;
}

/** The row of the card, where it can be used. */
export function usableOf({ open, form }: PanelState): Usable | null {
  const { sample, mirror } = open?.row ?? {};
  const variant = { mirror, polarity: open?.polarity }[form];
  return sample && mirror && variant ? { sample, mirror, view: form, variant } : null;
}

/** A row begins with its pictures. */
export const showPictures = () =>
  document.querySelectorAll('main, .pictures, .fields').forEach((part) => part.scrollTo({ top: 0 }));

/** A person's decision on the row's form under review; the next row to look at follows, except where it is refused. */
export function decideOn(usable: Usable, decision: Decision, { change, step, update, who }: Actions): void {
  const { kind } = decision;
  try {
    change(
      decisionChanges(usable, decision, who()),
      `${kind[0]!.toUpperCase()}${kind.slice(1)} ${nameOf(usable.view)}`,
    );
  } catch (error) {
    return update({ news: (error as Error).message });
  }
  step(1);
}

/** What a rewrite is called in a sentence. */
export const nameOf = (view: VariantName): string => viewOf(view).label.toLowerCase();

/** How the state of a rewrite is called and drawn: a sign beside the word, so that colour is never needed. */
const SIGNS: Record<string, { sign: string; what: string }> = {
  accepted: { sign: '✓', what: 'accepted' },
  edited: { sign: '✎', what: 'edited and accepted' },
  discarded: { sign: '✕', what: 'discarded' },
  discard: { sign: '✕', what: 'impossible' },
  not_applicable: { sign: '✕', what: 'impossible' },
  pending: { sign: '?', what: 'to be reviewed' },
  needs_llm: { sign: '?', what: 'undecided' },
  needs_info: { sign: '∅', what: 'without an answer: it is not in the row' },
  flipped: { sign: '⇄', what: 'made' },
  invariant: { sign: '=', what: 'unchanged' },
};

export function signOf(form: VariantName, state: string | null): { sign: string; label: string } {
  const known = state && SIGNS[state];
  if (!known) return { sign: '·', label: `no ${nameOf(form)} in the file` };
  return { sign: known.sign, label: `${nameOf(form)} ${known.what}` };
}
