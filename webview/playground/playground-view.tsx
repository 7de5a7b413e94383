import { oneLine } from '../../src/base/escape.ts';
import { VERDICT_WORDS } from '../../src/core/pairs/pair-words.ts';
import type { PlayAsk, PlaygroundCommand } from '../../src/panels/playground/playground.contract.ts';
import { Button } from '../ui/controls.tsx';
import { Boundary, Message, TrustButton } from '../ui/message-line.tsx';
import { runCommand, type Key } from '../ui/keyboard.ts';
import { Keys } from '../ui/keys.tsx';
import { Answers } from './playground-answers.tsx';
import type { PlaygroundModel } from './playground-model.ts';
import { Pictures } from './playground-pictures.tsx';
import { Question } from './question-field.tsx';
import { Settings } from './playground-settings.tsx';
import { Sandbox } from './sandbox-view.tsx';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';

export function PlaygroundView({ model, keys }: { model: PlaygroundModel; keys: readonly Key[] }) {
  const { host, problem, showKeys, history } = model.state;
  if (!host) return <Message text={problem ?? 'Loading…'} />;
  return (
    <>
      <Toolbar model={model} keys={keys} />
      <main aria-label="Playground">
        {!host.trusted && <Restricted />}
        {model.sandbox ? (
          <Boundary shown={model.sandbox}>
            <Sandbox model={model} sandbox={model.sandbox} />
          </Boundary>
        ) : (
          <OfPicture model={model} />
        )}
        <Settings model={model} />
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        {!model.sandbox && history.length > 0 && <History model={model} />}
      </main>
      <Keys isShown={showKeys} table={keys} model={model} />
    </>
  );
}

/** Image with the models' answers and the question. */
function OfPicture({ model }: { model: PlaygroundModel }) {
  const { picture, pictures } = model.state;
  const finding = picture && pictures[picture.key]?.finding;
  return (
    <>
      {finding !== undefined && finding !== null && <p class="finding">{oneLine(finding, 400)}</p>}
      {picture ? (
        <Boundary shown={picture}>
          <Pictures model={model} picture={picture} />
        </Boundary>
      ) : (
        <NoPicture model={model} />
      )}
      {model.ask && (
        <Boundary shown={model.ask}>
          <Answers model={model} ask={model.ask} />
        </Boundary>
      )}
      <Question model={model} />
    </>
  );
}

function NoPicture({ model }: { model: PlaygroundModel }) {
  return (
    <div class="no-picture stack">
      <h2>No image yet</h2>
      <p class="quiet">Open, paste or drop an image. In VS Code, hold Shift while dropping.</p>
      <Button k="o" onClick={() => void model.host.call('pickPicture', null)}>
        Open Image…
      </Button>
      <Button k="w" onClick={() => model.toggleSandbox()}>
        Open Sandbox
      </Button>
    </div>
  );
}

function Restricted() {
  return (
    <div class="restricted flow">
      <p>
        This folder is open in Restricted Mode. You can mirror questions and read earlier answers, but not run
        models.
      </p>
      <TrustButton />
    </div>
  );
}

/** Questions of this session, the latest first. */
function History({ model }: { model: PlaygroundModel }) {
  const { history, shown, pictures, picture } = model.state;
  return (
    <section class="history" aria-label="History">
      <h3>Previous questions</h3>
      <ol>
        {[...history].reverse().map((ask) => (
          <li>
            <button
              type="button"
              class="entry"
              aria-current={ask.id === shown}
              title="Show answers and restore the question"
              onClick={() => model.show(ask)}
            >
              <span aria-hidden="true">{signs(ask)}</span>
              <bdi class="entry-question">{oneLine(inEnglish(ask.question.question), 160)}</bdi>
              <span class="quiet">
                {[
                  ...(ask.picture === picture?.key ? [] : [pictures[ask.picture]?.name ?? '']),
                  ...ask.answers.map((answer) => answer.model.label),
                  ...(ask.strategy === null ? [] : [model.labelOf(ask.strategy)]),
                ]
                  .map((part) => oneLine(part, 40))
                  .join(' · ')}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Returns one sign per model for the outcome of a question. */
const signs = ({ answers }: PlayAsk): string =>
  answers
    .map(({ asked, state }) => {
      if (!asked) return state === 'failed' ? '✗' : '…';
      if (asked.verdict) return VERDICT_WORDS[asked.verdict].sign;
      return { agree: '✓', disagree: '✗', undecided: '?' }[asked.agreement ?? 'undecided'];
    })
    .join(' ');

function Toolbar({ model, keys }: { model: PlaygroundModel; keys: readonly Key[] }) {
  const { sandbox } = model;
  const { picture, looks } = model.state;
  const tool: Tool = (name, k, title) => ({
    k,
    title,
    onClick: () => runCommand(keys, { name }),
  });
  return (
    <header>
      <div class="place">
        {sandbox ? (
          <h1>Sandbox</h1>
        ) : (
          <h1 title={picture?.name}>{picture ? oneLine(picture.name, 80) : 'Playground'}</h1>
        )}
      </div>
      <div class="tools" role="group" aria-label="Tools">
        <Button {...tool('pickPicture', 'o', 'Open image')}>Image…</Button>
        <Button
          {...tool('sandbox', 'w', 'Move objects in a synthetic scene')}
          aria-pressed={sandbox !== null}
        >
          Sandbox
        </Button>
        {sandbox ? (
          <Button {...tool('look', 'l', 'Show attention of models')} aria-pressed={looks}>
            Attention
          </Button>
        ) : (
          <Drawing model={model} tool={tool} />
        )}
        <Button {...tool('save', 's', 'Append question to a data file')}>Save as Row…</Button>
        <Button {...tool('showKeys', '?', 'Keys')} icon="question" />
      </div>
    </header>
  );
}

type Tool = (
  name: PlaygroundCommand,
  k: string,
  title: string,
) => { k: string; title: string; onClick: () => void };

/** Controls for the shapes that are drawn over the images. */
function Drawing({ model, tool }: { model: PlaygroundModel; tool: Tool }) {
  const { boxes, graph, swapped } = model.state;
  return (
    <>
      <Button {...tool('swap', 'm', 'Swap original and mirror')} icon="arrow-swap" aria-pressed={swapped} />
      <Button {...tool('toggleBoxes', 'b', 'Toggle Boxes')} icon="surround-with" aria-pressed={boxes} />
      <Button
        {...tool('toggleGraph', 'g', 'Toggle scene graph')}
        icon="type-hierarchy-sub"
        aria-pressed={graph}
      />
    </>
  );
}
