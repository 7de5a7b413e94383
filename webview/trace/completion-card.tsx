import { oneLine } from '../../src/base/escape.ts';
import { fixed, several, signed } from '../../src/base/format.ts';
import { findReasoningWords, type ReasoningCategory } from '../../src/core/evaluation/reasoning-words.ts';
import { textsOf } from '../../src/core/pairs/pair-texts.ts';
import { isTruncated } from '../../src/core/rewards/rollout.ts';
import type { Completion, TracedCompletion } from '../../src/core/run-data/trace.ts';
import type { SignChange } from '../../src/core/run-data/what-if.ts';
import { Icon } from '../ui/icon.tsx';
import { CorrectOrWrong } from '../ui/parts.tsx';
import { type MarkedRange, UntrustedText } from '../ui/untrusted-text.tsx';

interface EarnedProps {
  before: TracedCompletion;
  /** Completion under other settings; null without other settings. */
  after: TracedCompletion | null;
  /** Largest displayed advantage, which sets the scale of the bars. */
  scale: number;
}

interface CompletionCardProps {
  completion: Completion;
  /** Rewards of the completion; null for a completion without rewards. */
  earned: EarnedProps | null;
  /** Change of the advantage's sign under other settings; null if the sign does not change. */
  sign: SignChange | null;
  name: string;
  chosen: boolean;
  /** Whether the page draws the completion's claims on the image. */
  drawn: boolean;
  words: boolean;
  choose: () => void;
}

const SIGNS: Record<SignChange, string> = { reversed: '⇅', silenced: '∅', woken: '↯' };

/** Labels for the changes of an advantage's sign. */
const SIGN_WORDS: Record<SignChange, string> = {
  reversed: 'sign flipped',
  silenced: 'zeroed',
  woken: 'activated',
};

/** Summary of a completion: its score, its answer, the beginning of its reasoning, its reward and its advantage. */
export function CompletionCard(props: CompletionCardProps) {
  const { completion, earned, sign, name, chosen, drawn, words, choose } = props;
  const { thought, raw, answer, readFromText } = textsOf(completion);
  const glimpse = (thought || raw).slice(0, 400);
  return (
    <article class={`completion${chosen ? ' chosen' : ''}`} aria-label={name}>
      <div class="line">
        <CorrectOrWrong right={completion.right} />
        <button
          type="button"
          class="answer-text"
          title={answer === null ? undefined : oneLine(answer, 400)}
          aria-expanded={chosen}
          onClick={choose}
        >
          {answer === null ? <i>no answer</i> : <bdi>{oneLine(answer, 60) || <i>empty answer</i>}</bdi>}
        </button>
        {drawn && (
          <span
            class="drawn quiet"
            title="The dashed shapes in the image show the object positions that this completion states"
          >
            <Icon name="surround-with" />
            <span class="unseen">drawn</span>
          </span>
        )}
        {sign && (
          <strong class={`turn ${sign}`} title={`Advantage: ${SIGN_WORDS[sign]}`}>
            <span aria-hidden="true">{SIGNS[sign]}</span> <span class="spelled-out">{SIGN_WORDS[sign]}</span>
          </strong>
        )}
      </div>
      <p class="glimpse">
        {isTruncated(completion) && (
          <>
            <i>truncated</i>{' '}
          </>
        )}
        {readFromText && (
          <>
            <i class="read-from-text" title={readFromText.why}>
              {readFromText.label}
            </i>{' '}
          </>
        )}
        <UntrustedText text={glimpse} {...(words && { mark: markWords })} />
      </p>
      {earned && <Earned {...earned} />}
    </article>
  );
}

/** Reward and advantage of a completion; under changed settings, also the recomputed values. */
function Earned({ before, after, scale }: EarnedProps) {
  const { penalty, reward, advantage } = before;
  return (
    <div class="figures">
      <span class="earned">
        <span class="reward" title={rewardTitle(penalty)}>
          <Changed before={fixed(reward, 3)} after={after ? fixed(after.reward, 3) : undefined} />
        </span>
        <Advantage before={advantage} after={after?.advantage} scale={scale} />
      </span>
    </div>
  );
}

const rewardTitle = (penalty: number | null) =>
  penalty !== null && penalty > 0
    ? 'Reward: weighted sum of the parts after the view penalty'
    : 'Reward: weighted sum of the parts';

/** Stored value and, if it differs, the recomputed value. */
export function Changed({ before, after }: { before: string; after: string | undefined }) {
  if (after === undefined || after === before) return <span>{before}</span>;
  return (
    <span>
      <s>{before}</s> <b title={`Before: ${before}`}>{after}</b>
    </span>
  );
}

/** Advantage as a bar from the middle, to the right if the advantage is positive. The outline is the stored value. */
function Advantage(props: { before: number | null; after: number | null | undefined; scale: number }) {
  const { before, after = null, scale } = props;
  const now = after ?? before;
  if (now === null) return null;
  const bar = (value: number) => ({
    '--from': `${50 + 50 * Math.min(0, value / scale)}%`,
    '--size': `${(50 * Math.abs(value)) / scale}%`,
  });
  return (
    <span class="advantage">
      <span class="track" aria-hidden="true">
        <span class={`pull ${now < 0 ? 'less' : 'more'}`} style={bar(now)} />
        {after !== null && before !== null && <span class="pull ghost" style={bar(before)} />}
      </span>
      <span class="value" title="Advantage">
        <span class="unseen">advantage </span>
        <Changed before={signed(before, 2)} after={after === null ? undefined : signed(after, 2)} />
      </span>
    </span>
  );
}

const CATEGORIES: Record<ReasoningCategory, string> = {
  hedge: 'hedging',
  cause: 'cause or conclusion',
  sequence: 'sequence',
  certainty: 'certainty',
  condition: 'condition',
};

/** Phrases that paper B highlights in addition to the keywords [B-60]. These phrases do not count as keywords. */
const PHRASES = /\b(?:I['’]ll need to|would be|suggests? it)\b/gi;

/** Returns the reasoning words and hedges [B-58], each with a category, and phrases of the paper's examples. */
export const markWords = (text: string): MarkedRange[] =>
  [
    ...findReasoningWords(text).map(({ start, end, category }) => ({
      start,
      end,
      kind: category,
      title: CATEGORIES[category],
    })),
    ...Array.from(text.matchAll(PHRASES), ({ 0: phrase, index }) => ({
      start: index,
      end: index + phrase.length,
      kind: 'phrase',
      title: 'phrase highlighted in SVQA-R1',
    })),
  ].sort((a, b) => a.start - b.start);

/** Number of words in each category, with the same marks as in the text. */
export function WordLegend({ text }: { text: string }) {
  const words = findReasoningWords(text.slice(0, 1_000_000));
  return (
    <p class="legend flow">
      {several(words.length, 'reasoning word')} (SVQA-R1: 0.8 per response)
      {(Object.keys(CATEGORIES) as ReasoningCategory[]).map((category) => {
        const n = words.filter((word) => word.category === category).length;
        return n > 0 ? (
          <span>
            <em class={`word ${category}`}>{CATEGORIES[category]}</em> {n}
          </span>
        ) : null;
      })}
    </p>
  );
}
