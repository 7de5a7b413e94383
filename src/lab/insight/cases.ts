import type { Prompt } from '../../core/prompts/message.ts';
import { clampToImage, toPixels, type BoxFormat, type Size, type Xyxy } from '../../rows/sample/boxes.ts';
import { declaredSize, type Sample } from '../../rows/sample/sample.ts';
import { graphOf } from '../../rows/scene-graph/read-graph.ts';
import type { ViewedSample } from '../../rows/views/view.ts';
import type { InspectCase, TextSpan } from '../../engines/inspector.ts';
import { DataError } from '../datasets/data-error.ts';
import type { ImageFiles } from '../datasets/image-files.ts';
import { imageSize } from '../images/decode.ts';
import { correspondingSpan, findQuery, type PlacedText } from './find-query.ts';

/** An evaluated row in a view, and the model's final text. */
export interface AskedView extends ViewedSample {
  prompt: Prompt;
  text: string;
  /** Scene graph that the model wrote in an earlier stage, as text. */
  graph: string | undefined;
  answer: string;
  right: boolean | null;
}

export interface LookCase {
  asked: InspectCase;
  labels: string[];
  /** Names of the boxes of objects that the question names. */
  named: string[];
  sources: string[];
}

/** Names of queries for positions: where the answer is predicted, and the last token of the prompt. */
export const ANSWER = 'answer';
export const LAST = 'last';

/** Maximum number of words that a chart can show distinguishably. */
const MOST_WORDS = 8;

/**
 * Returns the words whose log-probability shows what each layer predicts: the choices, or the answers of the views (for
 * yes/no, always both). Omits words outside the vocabulary.
 */
export function wordsOf(views: readonly ViewedSample[], vocabulary: readonly string[] | null): string[] {
  const { choices } = views[0]!.sample;
  const answers = views.map(({ sample }) => sample.answer).filter((answer) => answer !== '');
  const both = answers.some((answer) => /^(yes|no)$/i.test(answer)) ? ['yes', 'no'] : [];
  const all = [...new Set(choices ?? [...answers, ...both])];
  const words = all.filter((word) => vocabulary === null || vocabulary.includes(word));
  return words.slice(0, MOST_WORDS);
}

export const queryNotFound = (query: string, fix: string): DataError =>
  new DataError('no-query', `"${query}" is not in the question or the completion.`, { fix });

/**
 * Returns the case of each view for the inspector. @throws DataError if the original contains no match for a query, or
 * an image is unreadable
 */
export async function casesOf(
  views: readonly AskedView[],
  images: ImageFiles,
  queries: readonly string[],
): Promise<LookCase[]> {
  const [original] = views;
  const objects = await Promise.all(views.map(({ sample }) => objectsOf(sample, images)));
  const texts = views.map(textsOf);
  const labels = objects[0]!.map(({ label }) => label);
  const inQuestion = [...new Set(labels)].filter((label) => findQuery(questionOf(original!), label) !== null);
  const names = [...new Set([...inQuestion, ...queries.filter((name) => name !== LAST && name !== ANSWER)])];
  const spans = names.map((name) => ({ name, span: findQuery(texts[0]!, name) }));
  const lost = spans.find(({ span }) => span === null);
  if (lost)
    throw queryNotFound(lost.name, `The completion is: ${JSON.stringify(original!.text.slice(0, 200))}`);
  return views.map((view, v) => ({
    asked: {
      prompt: view.prompt,
      completion: view.text,
      model: 'policy',
      queries: [
        { name: ANSWER, at: answerPlace(view) },
        { name: LAST, at: 'last-prompt' },
        ...spans.flatMap(({ name, span }) => {
          const place = v === 0 ? span : placeIn(texts[v]!, name, texts[0]!, span!);
          return place ? [{ name, at: place }] : [];
        }),
      ],
      parts: partsOf(view),
      boxes: objects[v]!.map(({ id, box }) => ({ name: id, box })),
    },
    labels: objects[v]!.map(({ label }) => label),
    named: objects[v]!.filter(({ label }) => inQuestion.includes(label)).map(({ id }) => id),
    sources: partsOf(view).map(({ name }) => name),
  }));
}

/** Finds the location of a query in another view: the same word, or the word that replaces the query. */
function placeIn(
  texts: readonly PlacedText[],
  name: string,
  originals: readonly PlacedText[],
  span: TextSpan,
): TextSpan | null {
  const isSame = ({ message, part }: PlacedText) => message === span.message && part === span.part;
  const [before, after] = [originals.find(isSame), texts.find(isSame)];
  const there = before && after ? correspondingSpan(before.text, span, after.text) : null;
  return there ?? findQuery(texts, name);
}

/** Returns the texts to search for queries: the question's turn, the model's text, then earlier turns. */
export function textsOf(view: AskedView): PlacedText[] {
  const { prompt, text } = view;
  const last = prompt.length - 1;
  return [
    ...questionOf(view),
    { message: prompt.length, part: 0, text },
    ...prompt.flatMap((_, message) => (message === last ? [] : textsAt(prompt, message))),
  ];
}

const questionOf = ({ prompt }: AskedView): PlacedText[] => textsAt(prompt, prompt.length - 1);

const textsAt = (prompt: Prompt, message: number): PlacedText[] =>
  prompt[message]!.content.flatMap((text, part) =>
    typeof text === 'string' ? [{ message, part, text }] : [],
  );

/** Returns the token from which the answer is predicted. Without an answer, returns the last token of the prompt. */
function answerPlace({ prompt, text, answer }: AskedView) {
  const start = answer === '' ? -1 : text.lastIndexOf(answer);
  if (start < 0) return 'last-prompt';
  return { before: { message: prompt.length, part: 0, start, end: start + answer.length } };
}

function partsOf({ prompt, sample, graph }: AskedView): InspectCase['parts'] {
  const last = textsAt(prompt, prompt.length - 1);
  const part = (name: string, wanted: string | undefined) => {
    const place = wanted?.trim() ? last.find(({ text }) => text.includes(wanted.trim())) : undefined;
    if (!place) return [];
    const start = place.text.indexOf(wanted!.trim());
    const span = { message: place.message, part: place.part, start, end: start + wanted!.trim().length };
    return [{ name, span }];
  };
  return [...part('question', sample.question), ...optionsOf(last, sample), ...part('graph', graph)];
}

/** Returns the span of the options in the prompt: all choices in order, including the letters between them. */
function optionsOf(texts: readonly PlacedText[], { question, choices = [] }: Sample): InspectCase['parts'] {
  return texts.flatMap(({ text, ...place }) => {
    const at = text.indexOf(question.trim());
    if (at < 0) return [];
    const starts = choices.reduce<number[]>(
      (found, choice) => [...found, text.indexOf(choice, found.at(-1) ?? at + question.trim().length)],
      [],
    );
    const [start] = starts;
    if (start === undefined || starts.includes(-1)) return [];
    const end = starts.at(-1)! + choices.at(-1)!.length;
    return [{ name: 'options', span: { message: place.message, part: place.part, start, end } }];
  });
}

/** Returns the objects of the row's graph that have a box, with boxes as fractions of the image. */
export async function objectsOf(
  sample: Sample,
  images: ImageFiles,
): Promise<{ id: string; label: string; box: Xyxy }[]> {
  const graph = graphOf(sample);
  const [image] = sample.images;
  if (!graph || image === undefined) return [];
  const size = graph.image ?? declaredSize(image) ?? (await imageSize(await images.bytes(image)));
  return graph.objects.flatMap(({ id, label, box, box_format: format = 'xyxy_px' }) => {
    const share = box && sharesOf(box, format, size);
    return share ? [{ id, label: label || id, box: share }] : [];
  });
}

function sharesOf(box: readonly number[], format: BoxFormat, size: Size): Xyxy | null {
  try {
    const [x1, y1, x2, y2] = clampToImage(toPixels(box, format, size), size);
    return [x1 / size.w, y1 / size.h, x2 / size.w, y2 / size.h];
  } catch (error) {
    if (error instanceof RangeError) return null; // Numbers in another format are not a box.
    throw error;
  }
}
