import { pairVerdict } from '../../core/answers/pair-verdict.ts';
import { oneLine } from '../../base/escape.ts';
import { VERDICT_WORDS } from '../../core/pairs/pair-words.ts';
import { groupBy } from '../../core/evaluation/scored-row.ts';
import { ORIGINAL, partnerAmong } from '../../rows/view-list.ts';
import { ImageFiles } from '../datasets/image-files.ts';
import { firstAnswers, type FirstAnswer } from '../evaluation/first-answers.ts';
import { pairPicture, pictureInView } from '../images/montage.ts';
import type { PicturedPair } from '../runs/make-run.ts';

/** Maximum number of displayed pairs per set, maximum width of an image, and maximum number of searched rows. */
const SHOWN = 4;
const WIDTH = 320;
const ROWS = 1000;
/** Maximum length of a displayed answer, in characters. */
const LONGEST = 300;

/**
 * Returns the first pairs of an evaluation with answers in both views. The pairs are the same at every step.
 * @param root folder that contains all images. Image paths are relative to this folder
 */
export async function picturedPairs(dir: string, root: string): Promise<PicturedPair[]> {
  const files = new ImageFiles(root, root);
  try {
    const pairs: PicturedPair[] = [];
    for (const views of pairsOf(await firstAnswers(dir, ROWS))) {
      const pictures = await Promise.all(
        views.map(({ view, images }) => pictureInView(view, images, (image) => files.bytes(image))),
      );
      const { set, id } = views[0]!;
      const number = pairs.filter((pair) => pair.set === set).length + 1;
      pairs.push({
        set,
        number,
        id,
        picture: await pairPicture(views, pictures, WIDTH),
        text: textOf(views),
      });
    }
    return pairs;
  } finally {
    await files.close();
  }
}

/** Returns the views of each pair that has an image and both answers, at most `SHOWN` per set. */
function pairsOf(answers: readonly FirstAnswer[]): FirstAnswer[][] {
  const pair = [ORIGINAL, partnerAmong(answers.map(({ view }) => view))];
  const byPair = groupBy(answers, ({ set, id }) => JSON.stringify([set, id]));
  const complete = [...byPair.values()].flatMap((ofPair) => {
    const views = pair.flatMap((view) => ofPair.find((answer) => answer.view === view) ?? []);
    return views.length === pair.length && views.every(({ images }) => images.length > 0) ? [views] : [];
  });
  return [...groupBy(complete, ([original]) => original!.set).values()].flatMap((pairs) =>
    pairs.slice(0, SHOWN),
  );
}

function textOf(views: readonly FirstAnswer[]): string {
  const [original, mirror] = views.map(({ right }) => right);
  const lines = views.map(
    ({ view, question, answer, text }) =>
      `${view}: ${question} – ${oneLine(text, LONGEST)} (reference answer: ${answer})`,
  );
  const isJudged = typeof original === 'boolean' && typeof mirror === 'boolean';
  return [...lines, isJudged ? VERDICT_WORDS[pairVerdict(original, mirror)].label : 'not scored'].join('\n');
}
