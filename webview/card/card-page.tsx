import { render } from 'preact';
import { visible } from '../../src/base/escape.ts';
import '../ui/base.css';
import '../ui/views.css';
import '../trace/trace.css';
import { connectApp, type ToolResult } from './app-host.ts';
import './card.css';
import { PairCard } from './pair-card.tsx';
import { pairIn, type PairRecord } from './pair-record.ts';

let pair: PairRecord | null = null;
let pictures: readonly string[] | null = null;
let without: string | null = null;
let canCall: boolean | null = null;

const call = connectApp({
  result(result) {
    pair = pairIn(result.structuredContent);
    pictures = picturesIn(result);
    if (pair === null) instead(result);
    else draw();
    void fetchPictures();
  },
  ready(can) {
    canCall = can;
    void fetchPictures();
  },
});

/** Request images only if the card is visible. Images do not pass through the model. */
async function fetchPictures(): Promise<void> {
  if (!pair || pictures !== null || canCall === null) return;
  const { run, step, pair: number, evaluation } = pair;
  if (!canCall) without = 'This client cannot load images.';
  else {
    pictures = [];
    const input = {
      run,
      step,
      pair: number,
      images: true,
      ...(evaluation !== undefined && evaluation !== '.' && { evaluation }),
    };
    try {
      const answer = await call('read_pair', input);
      pictures = picturesIn(answer) ?? [];
      pair = pairIn(answer.structuredContent) ?? pair;
    } catch (error) {
      without = (error as Error).message;
    }
  }
  draw();
}

function picturesIn({ content = [] }: ToolResult): string[] | null {
  const urls = content.flatMap(({ type, data, mimeType }) =>
    type === 'image' && mimeType === 'image/jpeg' && /^[\w+/=]+$/.test(data ?? '')
      ? `data:image/jpeg;base64,${data}`
      : [],
  );
  return urls.length > 0 ? urls : null;
}

/** Shows a result that is no pair: one completion in full, or an error. */
function instead({ content = [] }: ToolResult): void {
  const text = content.map((part) => part.text ?? '').join('\n');
  render(<pre class="card">{visible(text)}</pre>, document.body);
}

function draw(): void {
  if (pair) render(<PairCard pair={pair} pictures={pictures} without={without} />, document.body);
}
