import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import {
  decisionChanges,
  type BoxRef,
  type ReviewedVariant,
} from '../../src/core/annotation/sample-changes.ts';
import type { Channel } from '../../src/core/protocol/channel.ts';
import type { FieldChange } from '../../src/core/annotation/edit-json.ts';
import type { AnnotateHost, AnnotateState, OpenRow, ReviewQueue } from '../../src/core/protocol/annotate.ts';
import { stateLabel } from '../../src/core/labels.ts';
import type { Decision, Reviewer } from '../../src/core/annotation/review.ts';
import type { MirrorVariant } from '../../src/core/sample/sample.ts';
import { type PixelView, type VariantName, viewOf } from '../../src/core/view-list.ts';

/** Everything that the page shows. */
export interface AnnotatePanelState {
  /** Null until the host has sent it. */
  state: AnnotateState | null;
  /** The row of the card, from 0. */
  row: number;
  /** The row that the card shows, with its number. While another row loads, this is still the previous one. */
  open: (OpenRow & { index: number }) | null;
  /** The variant under review, shown beside the original's texts, in the list and in the figures. */
  variant: VariantName;
  /** Selects the rows to list; empty for all. */
  filter: string;
  /** Null until it is loaded. */
  queue: ReviewQueue | null;
  /** The share of the file that the filter has searched; null when it is done. */
  searching: number | null;
  /** A mistake in the filter. */
  filterProblem: string | null;
  /** Whether the texts of the variant can be edited. */
  editingVariant: boolean;
  boxes: boolean;
  graph: boolean;
  /** The box that keys change. */
  selected: BoxRef | null;
  /** Whether the next press on a picture draws a box. */
  drawing: boolean;
  /** The ids of the objects between which a relation is being added. */
  relating: { subject: string; object: string } | null;
  /** Whether the mirror is shown in place of the original, as in a flip-book. */
  flipped: boolean;
  /** The box that was just drawn, and the picture it was drawn on, while the page asks for its label. */
  naming: { index: number; side: PixelView } | null;
  /** Whether the page asks for a reason for discarding. */
  explaining: boolean;
  showKeys: boolean;
  /** The last event, shown and announced to screen readers. */
  news: string;
}

type Update = (change: Partial<AnnotatePanelState>) => void;
type Host = Channel<AnnotateHost>;

/** The actions available to the parts of the page. */
export interface Actions {
  host: Host;
  update: Update;
  goTo(row: number): void;
  /** Moves by some places in the list. */
  step(by: number): void;
  filter(text: string): void;
  /** The reviewer, with the current time. */
  who(): Reviewer;
  /** Switches to the other variant under review. */
  switchVariant(): void;
  /** Starts adding a relation, or cancels it. Without an argument, proposes the objects itself. */
  relate(between?: AnnotatePanelState['relating']): void;
  /** Changes the row of the card. */
  change(changes: FieldChange[], label: string, typing?: boolean): void;
}

/** What all parts of the page read. */
interface Page {
  panel: AnnotatePanelState;
  /** Changes when another row is shown, or the row changes other than by typing. */
  version: string;
  readOnly: boolean;
  actions: Actions;
}
export const PageContext = createContext<Page>(null!);
export const usePage = (): Page => useContext(PageContext);

/** A usable row, with the variant under review, and its mirror for the pictures. */
export interface Usable extends ReviewedVariant {
  mirror: MirrorVariant;
}

/** The row of the card, if it is usable. */
export function usableOf({ open, variant: view }: AnnotatePanelState): Usable | null {
  const { sample, mirror } = open?.row ?? {};
  const variant = { mirror, polarity: open?.polarity }[view];
  return sample && mirror && variant ? { sample, mirror, view, variant } : null;
}

/** Whether a row has its texts; without them, the rules have written nothing yet. */
export const isFinished = ({ sample }: Usable): boolean =>
  sample.question.trim() !== '' && sample.answer.trim() !== '';

/**
 * Records a person's decision on the row's variant under review, and goes to the next row, unless the decision is
 * refused.
 */
export function decideOn(usable: Usable, decision: Decision, { change, step, update, who }: Actions): void {
  const { kind } = decision;
  // There is no rewrite yet to decide on.
  if (!isFinished(usable)) return update({ news: 'The row is not finished.' });
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

/** The name of a rewrite in a sentence. */
export const nameOf = (view: VariantName): string => viewOf(view).label.toLowerCase();

/** The sign of each state of a review, and of each status of a rewrite without one, which makes colour unnecessary. */
const SIGNS: Record<string, string> = {
  accepted: '✓',
  edited: '✎',
  discarded: '✕',
  discard: '✕',
  not_applicable: '✕',
  pending: '?',
  needs_llm: '?',
  needs_info: '∅',
  flipped: '⇄',
  invariant: '=',
};

export function signOf(variant: VariantName, state: string | null): { sign: string; label: string } {
  const sign = state && SIGNS[state];
  if (!sign) return { sign: '·', label: `no ${nameOf(variant)} in the file` };
  return { sign, label: `${nameOf(variant)} ${stateLabel(state)}` };
}
