/** Functions for the sets that patterns refer to as `<set>` (../patterns.ts), and for the format of word tables. */

export const words = (text: string): string[] => text.trim().split(/\s+/);

/** Returns a regular expression that ignores case, from the text of a template: sign`\b${PICTURE}`. */
export const sign = (text: TemplateStringsArray, ...parts: readonly string[]): RegExp =>
  new RegExp(String.raw(text, ...parts), 'i');

export const set = (text: string): ReadonlySet<string> => new Set(words(text));

const withoutRemarks = (table: string): string[] =>
  table.split('\n').filter((line) => /^\s*(?!\/\/ )\S/.test(line));

/** Returns the lines of a table without remarks after `//`. */
export const lines = (table: string): string[] => withoutRemarks(table).map((line) => line.trim());

/** Reads a table: a line indented by two spaces begins an entry, and lines with a larger indent belong to the entry. */
export function entries(table: string): { head: string; lines: string[] }[] {
  const list: { head: string; lines: string[] }[] = [];
  for (const line of withoutRemarks(table))
    if (/^ {2}\S/.test(line)) list.push({ head: line.trim(), lines: [] });
    else list.at(-1)!.lines.push(line.trim());
  return list;
}

/** Returns each pair of a list such as "up down, in out" in both directions. */
export const partners = (text: string): [string, string][] =>
  text.split(',').flatMap((pair): [string, string][] => {
    const [one, other] = words(pair) as [string, string];
    return [
      [one, other],
      [other, one],
    ];
  });

/**
 * Returns the forms of a regular verb: `turn` → turn, turns, turned, turning. Short verbs such as `bat` double their
 * last letter. Lists of irregular verbs must contain all forms.
 */
export function inflect(verb: string): string[] {
  const stem = verb.endsWith('e') ? verb.slice(0, -1) : verb;
  const short = /^[^aeiou]*[aeiou][bdgmnpt]$/.test(verb) ? verb + verb.at(-1)! : stem;
  return [verb, /(ch|sh|ss|x)$/.test(verb) ? `${verb}es` : `${verb}s`, `${short}ed`, `${short}ing`];
}
/** Flags of a word set. With a flag, the set also contains all forms of its verbs, or the plurals of its words. */
const FORMS: Readonly<Record<string, (word: string) => string[]>> = {
  verbs: inflect,
  plurals: (word) => [word, `${word}s`],
};

export const SETS: Readonly<Record<string, readonly string[]>> = setsOf(String.raw`
  // The genitive; what is short for "is" is none.
  possessive: /(?<!^(?:it|that|what|who|he|she|there|here|where|let|how|when|which|everyone|everybody|someone|somebody|nobody))'s$/
  // Verbs that need a direction: in "turn right at the corner" the direction is *right*.
  turn, verbs: turn veer swerve steer rotate shift swivel pan curve strafe merge fork scroll swipe twist
      spiral
  turn: banking banked bear bearing bend bends bent bending swing swings swung swinging
  // Verbs that may take a direction or a target: "facing right", but "facing right at the camera".
  face, verbs: face look point gaze glance stare peek lean tilt aim slant angle slope
  face: looking
  move, verbs: move walk step head travel push pull jump skate ski sail drag pass crawl march jog drift cross
      proceed continue nudge slide extend stretch throw kick roll stroll lunge reach shuffle position place
  move: go goes going gone went run runs running ran drive drives driving drove driven ride rides riding rode
      fly flies flying flew flown keep keeps keeping kept slid threw put puts putting swim swims swimming swam
      make makes making made take takes taking took
  // Verbs of rest: in "stands right behind", *right* means exactly.
  stay, verbs: stay rest park
  stay: lie lies lying sit sits sitting stand stands standing hang hangs hanging hung situated located
      positioned placed parked mounted attached appears
  // Determiners that cannot stand alone; after *these* or *both*, *left* may be a verb.
  article: the a an another my your his her its our their whose every
  det: <article> this these those each either both <possessive>
  preposition: to on at from in into onto toward towards off by near past of for with along across facing
      between behind under
  corner: top bottom upper lower far extreme center centre middle mid front back rear uppermost inner outer
      lowermost forward backward upward downward diagonal diagonally
  modifier: further farther farthest furthest slight sharp hard straight immediate extreme quick wide soft
      gentle tight
  // Places and manners that no verb takes as a particle: "forward and left", unlike "got up and left".
  place: top bottom above below front behind center centre middle forward forwards backward backwards straight
      upward downward upper lower
  or: or and / vs versus nor & than
  num: one two three four five six seven eight nine ten eleven twelve several zero no couple /^\d+$/
  letter: a b c d e f g h
  // After these, *left* is a side and not a verb.
  lead: <det> <preposition> <corner> <modifier> <or> <turn> <face> <move> <stay> then
  lr: left right lefts rights left's right's
  direction: <place> up down back upwards downwards under underneath
  degree: just directly immediately slightly somewhat exactly straight bit
  grip: raise raises raised raising hold holds held holding use uses using lift lifts lifted lifting show
      shows showing wave waves waving extend bends cover covers covering close closed open opened injured hurt
      touching behind
  animate: he she who i you we man woman boy girl person people child dog cat horse driver player rider baby
      lady guy bird
  ordinal: first second third fourth fifth next 1st 2nd 3rd 4th 5th
  be: is are was were be been being am isn't aren't wasn't weren't it's he's she's that's what's who's there's
      they're
  subject: he she they we i who everyone everybody someone somebody nobody
  object: it them him her me us everything everyone everybody something
  have: has have had having hasn't haven't hadn't i've we've they've you've
  // Nouns for things that come in pairs, or for parts of the picture.
  part: hand hands side sides arm arms leg legs foot feet eye eyes ear ears shoulder shoulders knee knees
      elbow wrist ankle thumb finger handed handedness hander handers footed aligned justified hip cheek shoe
      boot glove sock sleeve wing wings edge edges border corner corners half halves third quarter portion end
      lane turn turns door window wall headlight taillight wheel blinker bank boundary margin column image
      picture photo panel frame paw paws hoof horn tusk claw breast lung kidney bumper fender mirror drive
      field section area region center centre
  // Words beside a side that make no name of it, even with a capital: "Left Side", but "the Left Bank".
  sidenoun: side hand arm leg foot eye ear door corner arrow button key half part lane turn of front rear back
      top bottom center middle and or to edge wall window the on
  // Units of a displacement: "two steps left".
  unit: m meter meters metre metres cm mm px pixel pixels degree degrees ° foot feet inch inches yard yards
      step steps block blocks square squares space spaces cell cells place places position positions row rows
      seat seats
  picture: image images picture pictures photo photos photograph pic pics frame scene view screen
  // Words before which *right* is intensifying: "right behind".
  target: now away before after behind in next beside above below under underneath beneath at on over by near
      here there up down across through into onto out outside inside off back between against along alongside
      around opposite past overhead beyond close adjacent where when then as until to ahead home atop amid
      among within for from
  // Nouns that *right* describes as correct.
  correct: answer answers key word words thing things time times size sizes order amount number kind type
      choice choices decision name spelling reason reasons idea fit temperature moment mood conditions term
      terms solution conclusion proportion proportions balance response label category statement statements
      caption captions sentence sentences claim description explanation format way
  // Nouns that *right* may describe as correct, or as being on the right.
  either: one ones option options tool tools place places position positions direction directions track path
      spot ways match combination color colour shape level pair item items gear candidate figure people
  // Words that follow a complete phrase such as "the right answer".
  after: of to for from in on at by with is are was were and or that given based below above according about
      would should
  contact: next behind in beside above below under before after by against at over
  choose: choose pick select identify find guess chose picked selected
  particle: behind over out off alone aside open closed empty blank vacant standing hanging lying running
      parked exposed bare intact ajar early late together without because while earlier recently already yet
      yesterday today home town work school abandoned /^un\w{3,}(?:ed|en|ble)$/
  rest: in on at to over for by with until till after before inside outside under near from beside between
      when during
  remaining: nothing anything something everything none much little few some enough
  quantity: half most all
  adverb: just never already recently suddenly finally once not
  // What is done to a thing, as opposed to where it is; and other verbs by their forms, such as "holding".
  doing, verbs: press open pick order serve grab
  doing: bring brings brought take takes took choose chooses chose get gets got hold holds held wear wears
      wore
      /^\p{L}{2,}(?:ing|ed)$(?<!^(?:being|facing|touching|leaning|pointing|turning|looking|including|located|placed|positioned|thing|something|nothing|everything|anything))/
  // Verbs that can end the subject of a question.
  finite: is are was were has have appear appears lie lies stand stands sit sits look looks seem seems come
      comes rest rests hang hangs occupies contain contains hold holds
  // Prepositions before which a noun phrase may end.
  before: on in at of to from near by with behind above below under than beside inside outside between and for
      toward towards around against over
  placing: located positioned placed situated found seen shown visible set
  posture: standing sitting lying resting hanging leaning parked kneeling floating hovering walking running
      moving flying
  // Adverbs of degree or certainty.
  graded: directly immediately just right slightly far much way exactly significantly considerably clearly
      somewhat even partially partly mostly completely fully entirely noticeably physically actually also
      still well
  determiner: the a an this that these those its his her their my your our /['’]s$/c
  ordinals: first second third fourth fifth sixth seventh eighth ninth tenth /^\d+(?:st|nd|rd|th)$/
  question: ?
  menulead: is are more to on at in the its it they
  // Words with which a noun phrase neither begins nor continues.
  nonoun: the a an my your this that to from than of or and in on at is are does do compared when if as away
      among amongst between out with by for which who
  // Words before which the noun of a name stands: "the man in a red shirt".
  headend: of in on at with from under above behind near by to for that which who wearing holding next closest
      nearest
  // Words that begin a remark before the question: "In the image, …".
  preamble: in from looking considering based given according judging with as if when assuming relative
      suppose please and so then now
  // Words that may come between "that is" and its predicate.
  placed: located positioned placed situated standing sitting the a more /ly$/
  owner: the its his her their my your our
  // Verbs after which *left* and *right* are directions: "turn left", "look to your right".
  motion: turn turns turned turning move moves moved rotate rotates rotated go going look looks looked looking
      walk walks walked walking step steps shift shifts shifted shifting drive drives steer steers steered
      steering lean leans leaned leaning head heads headed heading bend bends bending face faces faced
  // Things for which *shorter* means length.
  long, plurals: length rope string ribbon pencil pen road street path route river line rod stick cable wire
      hair hallway corridor bridge train snake scarf sleeve queue ruler knife worm tail belt hose track trip
      arrow noodle banana cucumber carrot shadow chain cord thread needle skirt side segment edge cigarette
      straw boat ship airplane
  // Words that may follow a side that is not an adjective; in "on the left shelf" it only says which shelf.
  sideend: ? . , ; : ! ) ] — than or and but yet in on at from compared according when if as to with relative
      while that which who is are was were does do has have after before looking seen
  // Words next to which an arrow is a direction and not a link in a chain.
  pointing: and or is are was to the arrow arrows point points pointing move go turn press toward towards of
      show shows direction symbol sign at with this that which one
  // Words that make a following hour a bearing.
  facing: my your his her its our their toward towards facing heading /^\p{L}+'s$/
  nth: first second third fourth fifth sixth seventh last /^\d(?:st|nd|rd|th)$/
  // Nouns counted by *less*.
  mass: water milk juice coffee tea wine beer liquid food rice sand snow grass space room light traffic
      furniture bread cheese butter sugar salt soup smoke ice dirt paint paper fruit luggage greenery
      vegetation clutter hair land sky shade area
  // Words that come before a quantity and never before a graded adjective: "is there more", "which has the
  // most".
  having: there has have had contain contains containing hold holds holding show shows get gets receive
      receives need needs use uses carry carries occupy occupies cover covers cast casts
  // Words before which an adjective ends its clause: it says how the thing is, not which thing.
  joint: ? . , ; : ! ) and or but than in on at to for with enough yet too now today here
  // What somebody or something does, as opposed to how it is turned; and what was done to it.
  acting: /^(?!(?:point|slant|slop|tilt|curv|coil|wind|twist|spiral|rotat|turn|noth|someth|anyth|everyth|ceil|build|wax|wan)ing$)\p{L}{2,}ing$/
  participle: /^(?!(?:slant|slop|tilt|curv|coil|twist|revers|invert|mirror|rotat|turn|point|orient|handed|flipp|arch|bent|r|b|sh|sl|n|f|w|s)ed$)\p{L}{2,}(?:ed|worn|held|made|taken|broken|hidden|cut|built|put|kept|written|drawn|left|lost|found|won|sold|caught|worn|eaten|frozen|stolen|torn|fallen)$/ left made cut built put kept lost
  superlative: /^\p{L}{2,}(?:est|most)$/
  // Kinds of words and marks by their spelling; a lone letter is that of an option, and x the coordinate, not a capital.
  mark: /^[^\p{L}\p{N}]$/c
  integer: /^\d+$/c
  hour: /^\d\d?$/c
  minute: /^[0-5]\d$/c
  capitals: /^[A-Z]{3,}$/c
  code: /^[A-Z\d]+$/c
  lone: /^[a-z]$/
  capitalised: /^[A-Z]/c
  name: /^\p{Lu}\p{Ll}+/c
  negated: /n't$/
  manner: /ly$/
  x: /^x$/c
`);

/**
 * Reads word sets from a table: "name: words". <name> stands for the members of a previous set, and /…/ tests other
 * words (../patterns.ts).
 */
function setsOf(table: string): Record<string, readonly string[]> {
  const sets: Record<string, readonly string[]> = {};
  for (const { head, lines: more } of entries(table)) {
    const [, name = '', forms = '', first = ''] = /^(\w+)(?:, (\w+))?: (.*)$/.exec(head)!;
    const listed = words([first, ...more].join(' ')).flatMap((word) =>
      word.startsWith('<') ? sets[word.slice(1, -1)]! : (FORMS[forms]?.(word) ?? word),
    );
    sets[name] = [...(sets[name] ?? []), ...listed];
  }
  return sets;
}
