import { percentText } from '../../src/base/format.ts';
import { massAt, shareAt } from '../../src/core/insight/map-shares.ts';
import type { Look } from '../../src/core/insight/look.ts';
import { PAIR } from '../../src/rows/view-list.ts';
import { queryIn, whichOf, type MapChoice } from '../../src/core/insight/map-choice.ts';
import { MapControls, LookedHeat } from '../ui/look-controls.tsx';
import { Pair } from '../ui/pair.tsx';
import { Small } from './scene-picture.tsx';
import type { SandboxLook, SandboxModel } from './sandbox-model.ts';

export function LookControls({ sandbox }: { sandbox: SandboxModel }) {
  const { looks, choice } = sandbox.state;
  const look = sandbox.models.map(({ id }) => looks[id]?.look).find((shown) => shown);
  if (!look || !choice) return null;
  return (
    <section class="sandbox-look stack" aria-label="Attention">
      <MapControls look={look} choice={choiceIn(look, choice)} change={(change) => sandbox.choose(change)} />
      <p class="quiet">
        Attention maps show the image parts that the model reads, not the pixels that affect the answer.
      </p>
    </section>
  );
}

interface LookedProps {
  looked: SandboxLook;
  choice: MapChoice;
  swapped: boolean;
  /** Id that is unique in the page's document. */
  id: string;
}

/** Scene with the model's attention over both views, as it was at the analysis. */
export function Looked({ looked: { scene, look }, choice, swapped, id }: LookedProps) {
  if (!look) return null;
  const chosen = choiceIn(look, choice);
  const view = (v: number) =>
    look.views[v] && (
      <figure>
        <div class="frame" style={{ '--aspect': scene.size.w / scene.size.h }}>
          <Small
            scene={scene}
            name={`Attention on the ${v === 0 ? 'scene' : 'mirrored scene'}`}
            view={PAIR[v]!}
          />
          <LookedHeat look={look} choice={chosen} view={v} id={`${id}-${v}`} />
        </div>
        <figcaption class="quiet">{inWords(look, chosen, v)}</figcaption>
      </figure>
    );
  return <Pair original={view(0)} mirror={view(1)} flipped={swapped} />;
}

/** Returns the choice of a map with an existing query: another scene might lack the word, but always has an answer. */
const choiceIn = (look: Look, choice: MapChoice): MapChoice =>
  queryIn(look, 0, choice.query) < 0 ? { ...choice, query: 'answer' } : choice;

/** Returns a text such as "41% of attention on the image, of which 12% on red cube, 3% on blue ball". */
function inWords(look: Look, choice: MapChoice, v: number): string {
  const view = look.views[v]!;
  const which = whichOf(look, choice);
  const query = queryIn(look, v, choice.query);
  if (!which || query < 0) return '';
  const here = { ...which, query };
  const masses = view.objects.map(({ label }, i) => `${percentText(massAt(view, here, i))} on ${label}`);
  const whole = `${percentText(shareAt(view, here))} of attention on the image`;
  return masses.length === 0 ? whole : `${whole}, of which ${masses.join(', ')}`;
}
