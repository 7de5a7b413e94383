import { pairVerdict } from '../../core/answers/pair-verdict.ts';
import { oneLine } from '../../base/escape.ts';
import { VERDICT_WORDS } from '../../core/pairs/pair-words.ts';
import { groupBy } from '../../core/evaluation/scored-row.ts';
import { ORIGINAL, partnerAmong } from '../../rows/view-list.ts';
import { ImageFiles } from '../datasets/image-files.ts';
import { firstAnswers, type FirstAnswer } from '../evaluation/first-answers.ts';
import { pairPicture, pictureInView } from '../images/montage.ts';
import type { PicturedPair } from '../runs/make-run.ts';

/** How many pairs of each set are shown, how wide each image is, and among how many rows they are looked for. */
const SHOWN = 4;
const WIDTH = 320;
const ROWS = 1000;
/** No answer is longer than this, in characters. */
const LONGEST = 300;

/**
 * The first pairs of an evaluation that were answered in the original and in its partner: the same at every step.
 * @param root folder that the images are relative to, and may not leave
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

/** The views of each pair that has an image and both answers, at most `SHOWN` of a set. */
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
      `${view}: ${question} – ${oneLine(text, LONGEST)} (reference: ${answer})`,
  );
  const isJudged = typeof original === 'boolean' && typeof mirror === 'boolean';
  return [...lines, isJudged ? VERDICT_WORDS[pairVerdict(original, mirror)].label : 'not scored'].join('\n');
}
