import { partners, set } from './sets.ts';

/** Words without a meaning of their own, by their role in a sentence. */
export const FUNCTION_WORDS = {
  /** Words at the start of an inverted question: "Is the cup …?" */
  auxiliaries: set('is are was were does do did would will can could should has have'),
  /** Auxiliaries at the start of an inverted question about several objects. */
  inverted: set('is are was were does do would will'),
  /** Verbs that locate their subject. */
  locatives: set('appear look seem lie come stand sit have rest hang occupy remain stay contain hold be'),
  /** Words at the start of a question that cannot start a list of alternatives. */
  openings: set(
    'is are was were do does did can could will would has have which what who whose where how if in given',
  ),
  /** Words that lose their capital after "In the image as shown, ". */
  openers: set(
    'is are was were do does did can could has have which what who where how on in to from at the a an there looking name',
  ),
  /** Words that must follow the noun that "more" counts. */
  uncounted: set(
    'than or and in on at to of is are was does do has its as the a an between around with near by',
  ),
  /** Words without information in a sentence of names, a predicate and the question's words. */
  empty: set(`
    the a an is are was it its one that this which appears appear looks seems stands standing sits lies positioned
    located placed situated being with between among two three of these there as than compared to from in on
    at image picture photo scene viewer's viewer perspective side other object you'll you will can see find has have
    person who`),
};

/** Nouns that questions ask about, and the words around these nouns (../lettering.ts). */
export const NOUNS = {
  /** Objects that people recognise without reading. The list contains singular nouns. */
  seen: set(`
  side direction way half third quarter part corner edge end middle top bottom left right front back rear center centre region area zone
  quadrant section position location place placement spot point order sequence arrangement alignment layout relation relationship
  orientation pose posture stance angle bearing perspective viewpoint viewer frame step turn move movement motion action activity
  estimation estimate measurement distance height width depth length breadth thickness size dimension radius diameter gap spacing separation offset clearance
  proportion percentage ratio count quantity difference extent sense
  color colour hue shade tone shape form outline pattern texture material fabric surface finish look appearance condition
  feature detail attribute property characteristic structure
  kind type sort category thing object item stuff element entity one two three four five rest other pair group set
  person people man woman men women boy girl child baby adult kid figure pedestrian rider runner animal bird fish insect pet dog cat horse creature
  fruit vegetable food dish meal ingredient topping filling plant tree flower furniture appliance device tool instrument utensil container
  vehicle toy weapon equipment piece clothing clothe garment outfit accessory hat footwear shoe sport weather season gesture emotion expression
  mood hand arm leg foot eye ear finger knee shoulder elbow hip head face body hair lane gender landmark room
  background foreground ground obstacle scene setting environment surrounding event
  box coordinate bbox x y pixel centroid midpoint mask polygon arrow
  option answer choice o'clock conclusion reason purpose function use role cause similarity image picture photo everything anything something nothing closest nearest farthest furthest opposite`),
  /** "Which caption fits?" offers a list of captions; "what is the caption?" asks to read the caption. */
  offered: set('statement sentence caption description'),
  /** In "What colour bag is it?" or "which side wall", the question asks for the first noun. */
  attributes: set('color colour kind type sort size shape style material pattern part side'),
  kinds: set('kind type sort category'),
  pronouns: set('it he she they we you i this that these those there'),
  auxiliaries: set('do does did can could will would shall should may might must has have had'),
  determiners: set('the a an his her its their your my our this that these those'),
  /** Prepositions in addition to the sets `before` and `preposition`. */
  prepositions: set('as during like into through up about'),
  /** Additional words at which a noun phrase ends. */
  stops:
    set(`which who whose what when where while if and or not than happens happened then belong belongs according regarding concerning including me him us them
    ahead directly relative compared took take takes brings brought leads led makes gets goes shows gives fits matches describes follows connects`),
  /** Imperatives that ask for a name. */
  order: set('name give tell state provide report identify specify'),
  /** "Which station is shown?" asks for the station's name, not for a choice between stations. */
  named: set(
    'called named labelled labeled numbered marked tagged titled entitled spelled spelt read written printed shown pictured depicted displayed visible seen',
  ),
  /** Additional words that distinguish one object from the rest, and function words. */
  telling:
    set(`one ones other both neither none all it they them he she that which who same equal equally closer closest nearer nearest farther
    farthest further furthest far near left leftmost right rightmost more most less least hand side next
    red blue green yellow black white brown orange purple pink gray grey big bigger biggest small smaller smallest large
    larger largest tall taller tallest short shorter shortest long dark light and or than option choice no not`),
  /** Objects that support other objects. All other objects might have writing on them. */
  support:
    set(`table desk floor shelf bed chair sofa couch roof ground street road grass counter bench tray rug carpet sill
  windowsill ledge stool left right side top bottom stove nightstand cabinet dresser lawn beach sand water`),
};

/** Words around the names of objects in a row, for comparisons of the names with scene graph labels. */
export const THING_WORDS = {
  /** Words that can precede a noun. Without a noun, they are no name: "the left", "the red". */
  beforeNoun: set(
    'left right top bottom upper lower leftmost rightmost topmost bottommost closest nearest farthest furthest ' +
      'largest biggest smallest tallest shortest highest lowest widest thinnest most closer nearer farther further ' +
      'larger bigger smaller taller shorter higher lower other same first second third fourth fifth last two three four ' +
      'five both real-world actual approximate estimated relative respective given following correct straight-line ' +
      'red green blue yellow orange purple violet pink brown black white gray grey cyan magenta beige golden silver',
  ),
  /** Nouns that stand for no separate object: the viewer, measures, places and parts of named objects, counts. */
  noThing: set(
    'half side sides front back way camera viewer observer photographer image picture photo photograph view scene point ' +
      'perspective viewpoint eyes distance distances depth depths size sizes height heights width widths length extent ' +
      'number answer place places position positions location locations order option options question edge edges end ends ' +
      'yes no none true false',
  ),
  anyThing: set('object objects thing things item items one ones'),
  noNoun: set(
    'of or and to in on at by from than with as for into over under above below behind between near next is are was were ' +
      'do does did has have that which who when where what if so but not it its than can could would will you your',
  ),
  /** Objects that are everywhere in a scene. */
  ground: set('floor ground'),
};

/** Words for yes at the start of an answer. "In fact" and "actually" begin denials in templates of datasets. */
export const YES =
  "yes, yeah, yep, true, correct, indeed, right, that is true, that's true, that's right, that is correct, that's correct, certainly, absolutely".split(
    ', ',
  );
export const NO =
  "no, nope, false, incorrect, wrong, in fact, actually, that is false, that's false, that is incorrect, not really".split(
    ', ',
  );

/** Verdicts other than yes and no, with their opposites. */
export const OPPOSITES: ReadonlyMap<string, string> = new Map(partners('true false, correct incorrect'));

/** Words that identify English, and words that make a text unsafe for rules: shorthand, other languages. */

/** Abbreviations of poles with their partners; "btm" has no partner. */
export const SHORTHAND: ReadonlyMap<string, string | undefined> = new Map([
  ...partners('lft rgt, lhs rhs, lh rh, lt rt, lmost rmost, acw cw, ccw cw'),
  ['btm', undefined],
]);

export const FOREIGN_SIDES = set(
  'rechts linke linken linker linkes rechte rechten rechter rechtes gauche droite izquierda izquierdo derecha derecho sinistra sinistro destra destro esquerda direita direito esquerdo links lewo lewej prawo prawej vänster höger venstre højre høyre vasemmalla oikealla kiri kanan trái phải vlevo vpravo levo desno stânga dreapta sağ лево левый слева налево право правый справа направо',
);
/** Function words that do not exist in English. Two different words of this list mark a sentence as foreign. */
export const FOREIGN_WORDS =
  set(`der das ist und wie viele welche welcher auf dem den eine einen sich wo steht neben zwischen nicht sind im zur von vom le les est une dans sur
   quel quelle combien où avec sont el los las es una en cuántos cuantos qué dónde está hay del il gli è nella
   quanti dove os uma quantos onde no het een zijn hoeveel waar van du au aux`);

/** Words that identify a text as English. */
export const ENGLISH =
  set(`a an the is are was were be been am do does did has have had can could will would should may might what which who
   whose whom where when why how there this that these those it its he she they we you i his her their our my your in
   on at to of for with from by and or not no yes if than as any some many much more most describe name list give tell
   find point show choose select true false count look`);
/** English words that also exist in another language, and are therefore weaker evidence of English. */
export const SHARED_WORDS = set(
  'a an am as at by can do for had has he her i in is list may me more most my name no of on or than to was we',
);
