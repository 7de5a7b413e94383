import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Channel } from '../../src/base/channel.ts';
import type { Said } from '../../src/core/evaluation/said-verdict.ts';
import type { ImageBytes } from '../../src/panels/pair/pair.contract.ts';
import type { AuditSheet, AuditTurnView, ReportHost } from '../../src/panels/report/report.contract.ts';
import { lettered } from '../../src/base/item-names.ts';
import { ORIGINAL, viewOf } from '../../src/rows/view-list.ts';
import { Button } from '../ui/controls.tsx';
import { nameOf } from '../ui/keyboard.ts';
import { Problem } from '../ui/message-line.tsx';
import { Frames } from '../ui/frames.tsx';
import { PicturePair } from '../ui/picture-pair.tsx';
import { NO_PICTURE } from '../ui/pair-sides.ts';
import { UntrustedText } from '../ui/untrusted-text.tsx';
import { Scrolls } from '../ui/parts.tsx';
import { ANSWERS } from './report-toolbar.tsx';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';

interface JudgeProps {
  sheet: AuditSheet;
  host: Channel<ReportHost>;
  more: () => void;
  close: () => void;
}

const WORDS: readonly (readonly [key: string, said: Said, label: string])[] = [
  ['r', 'right', 'Correct'],
  ['w', 'wrong', 'Wrong'],
  ['c', 'cannot_tell', 'Cannot Tell'],
];

interface Progress {
  words: readonly (Said | null)[];
  /** Answers rated in this session, in the order of rating. */
  done: readonly number[];
  /** Position of the displayed answer; null when all answers are rated. */
  place: number | null;
  /** Whether the page shows the completion in full. */
  isWhole: boolean;
  lines: readonly string[];
  /** Number of ratings that the host is writing. `lines` does not include these ratings yet. */
  writing: number;
  problem: string | null;
}

function progressOf({ turns, lines }: AuditSheet): Progress {
  const words = turns.map((turn) => turn.said);
  return { words, done: [], place: nextOf(words, 0), isWhole: false, lines, writing: 0, problem: null };
}

/** Returns the next unrated answer, from a position to the end and then from the start; null if there is none. */
function nextOf(words: readonly (Said | null)[], from: number): number | null {
  const open = words.flatMap((word, i) => (word === null ? [i] : []));
  return open.find((i) => i >= from) ?? open[0] ?? null;
}

/**
 * Form in which a person rates answers next to image, question and reference answer, with a key for each rating. Hides
 * scores from rules and LLM judges.
 */
export function Judge({ sheet, host, more, close }: JudgeProps) {
  const { names, person, turns, left } = sheet;
  // Use a ref, because state would change too late: a second key press can precede the drawing of the next answer.
  const { current: now } = useRef<Progress>(progressOf(sheet));
  const [, setDrawn] = useState(0);
  const redraw = () => setDrawn((times) => times + 1);
  const { words, done, place, isWhole, lines, writing, problem } = now;
  const judged = words.filter((word) => word !== null).length;

  const move = (to: number | null) => Object.assign(now, { place: to, isWhole: false });
  const say = (turn: number, word: Said | null) => {
    const before = now.words[turn]!;
    now.words = now.words.map((said, i) => (i === turn ? word : said));
    now.writing += 1;
    host.call('auditSay', { turn, said: word }).then(
      (outcome) => {
        Object.assign(now, { lines: outcome.lines, writing: now.writing - 1, problem: null });
        redraw();
      },
      (error: Error) => {
        now.writing -= 1;
        // A rating does not count if it was not written.
        now.words = now.words.map((said, i) => (i === turn ? before : said));
        now.problem = error.message;
        move(turn);
        redraw();
      },
    );
  };
  const judge = (word: Said) => {
    const turn = now.place;
    if (turn === null) return;
    now.done = [...now.done, turn];
    say(turn, word);
    move(nextOf(now.words, turn + 1));
    redraw();
  };
  const undo = () => {
    const last = now.done.at(-1);
    if (last === undefined) return;
    now.done = now.done.slice(0, -1);
    say(last, null);
    move(last);
    redraw();
  };
  const skip = () => {
    if (now.place !== null) move(nextOf(now.words, now.place + 1));
    redraw();
  };
  const showWhole = () => {
    now.isWhole = !now.isWhole;
    redraw();
  };

  // Listen for keys before the answer is painted, so that no early key press is lost.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      const word = now.place === null ? undefined : WORDS.find(([key]) => key === nameOf(event))?.[1];
      const actions: Record<string, (() => void) | undefined> = {
        u: undo,
        escape: close,
        ...(place !== null && { s: skip, a: showWhole }),
        ...(place === null && left > 0 && { m: more }),
      };
      const action = word ? () => judge(word) : actions[nameOf(event)];
      if (!action || event.repeat || event.defaultPrevented) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });

  return (
    <main class="judge stack" aria-label="Rate answers">
      <header class="flow">
        <h1>Rate answers: {names.join(' and ')}</h1>
        <span class="quiet">{`${judged} of ${turns.length} answers rated by ${person}`}</span>
        <span class="tools" role="group" aria-label="Sample">
          <Button k="u" disabled={done.length === 0} onClick={undo}>
            Undo
          </Button>
          <Button k="Escape" onClick={close}>
            {place === null ? 'Show Report' : 'Stop'}
          </Button>
        </span>
      </header>
      <progress
        class="thin"
        max={turns.length}
        value={judged}
        aria-label={`${judged} of ${turns.length} rated`}
      />
      <Problem why={problem} />
      {place === null ? (
        <Finished lines={writing > 0 ? ['Saving…'] : lines} files={sheet.files}>
          {left > 0 && (
            <Button k="m" onClick={more}>
              Rate {Math.min(left, ANSWERS)} More
            </Button>
          )}
        </Finished>
      ) : (
        <Turn
          key={place}
          turn={turns[place]!}
          isWhole={isWhole}
          load={(image) => host.call('auditImage', { turn: place, image })}
        >
          <div class="tools" role="group" aria-label="Human rating">
            {WORDS.map(([key, word, label]) => (
              <Button key={key} k={key} onClick={() => judge(word)}>
                {label}
              </Button>
            ))}
            <Button k="s" onClick={skip}>
              Skip
            </Button>
            <Button k="a" aria-pressed={isWhole} onClick={showWhole}>
              Show Whole Completion
            </Button>
          </div>
          <p class="quiet">
            Keys: r for correct, w for wrong, c for cannot tell, s to skip, a for the whole completion, u to
            undo, Escape to stop. Ratings are saved immediately.
          </p>
        </Turn>
      )}
    </main>
  );
}

function Turn({
  turn: { question, choices, view, reference, answer, completion, images, clip },
  isWhole,
  load,
  children,
}: {
  turn: AuditTurnView;
  isWhole: boolean;
  load: (image: number) => Promise<ImageBytes>;
  children: ComponentChildren;
}) {
  return (
    <div class="turn">
      {images.length > 0 ? (
        <div>
          <Frames
            first={images}
            second={null}
            isClip={clip && true}
            times={clip?.times_s ?? null}
            playsByItself
            load={(_, __, i) => load(i)}
          >
            {(image, _, [i]) => (
              <PicturePair
                image={image ?? NO_PICTURE}
                load={() => load(i)}
                views={[view]}
                flipped={false}
                shapes={() => []}
              />
            )}
          </Frames>
        </div>
      ) : (
        <p class="missing">No image for this question</p>
      )}
      <div class="stack">
        <dl>
          <dt>Question{view === ORIGINAL ? '' : ` (${viewOf(view).label.toLowerCase()})`}</dt>
          <Scrolls as="dd" class="asked" aria-live="polite">
            <UntrustedText text={inEnglish(question)} />
          </Scrolls>
          {choices.length > 0 && (
            <>
              <dt>Choices</dt>
              {lettered(choices).map((choice) => (
                <dd key={choice} class="choice">
                  <UntrustedText text={choice} />
                </dd>
              ))}
            </>
          )}
          <dt>Reference answer</dt>
          <dd>
            <UntrustedText text={reference} />
          </dd>
          <dt>Answer</dt>
          <Scrolls as="dd" class="said">
            {answer === '' ? (
              <span class="quiet">No answer recognised. Press a to read the whole completion.</span>
            ) : (
              <UntrustedText text={answer} />
            )}
          </Scrolls>
        </dl>
        {children}
        {isWhole && (
          <Scrolls as="div" class="whole" role="region" aria-label="Whole completion">
            <UntrustedText text={completion} />
          </Scrolls>
        )}
      </div>
    </div>
  );
}

function Finished({
  lines,
  files,
  children,
}: {
  lines: readonly string[];
  files: readonly string[];
  children: ComponentChildren;
}) {
  return (
    <section class="stack" aria-live="polite">
      <h2>Rating complete</h2>
      {lines.filter(Boolean).map((line) => (
        <p key={line}>{line}</p>
      ))}
      <div class="tools">{children}</div>
      <p class="quiet">
        {`Human ratings are stored in ${files.join(' and ')}. A second person can rate the same answers.`}
      </p>
    </section>
  );
}
