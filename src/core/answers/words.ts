/** The words that the readers of free text know, by what they do in a sentence or say of each other. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

export const DETERMINERS = set('the a an this that these those his her its their my your our some one');
export const PREPOSITIONS = set(
  'of to in on at from with by near under over above below behind beside between inside outside beneath underneath ' +
    'against along among around next across through toward towards into onto for than within relative compared ' +
    'opposite front left right top bottom upper lower out about',
);
/** Prepositions of several words are read as the last of them: "in front of", "to the left of". */
export const BE = set("is are am was were be been being isn't aren't wasn't weren't");
export const VERBS = set(
  'has have had shows show see seems seem looks look appears appear stands stand sits sit lies lie holds hold rests ' +
    'rest hangs hang wears wear contains contain faces face touches touch carries carry turn turns go goes move moves walk walks drive drives does do can could would will ' +
    'should may might must depicts know think believe count say find notice observe spot reads says',
);
export const PRONOUNS = set('it he she they there we i you here this that these those him them');
export const NEGATIONS = set(
  "not no never isn't aren't wasn't weren't doesn't don't neither nor without cannot can't instead rather hardly scarcely barely",
);
/** Verbs that a question begins with, or that stand before its subject. */
export const AUXILIARY = /^(?:is|are|was|were|do|does|did|has|have|can|could|would|should|will)$/;
/** What denies a clause. */
export const NEGATION =
  /\b(?:not|no|never|neither|nor|nothing|nobody|none|without|cannot|hardly|scarcely|barely|rather than|instead of)\b|n't\b/i;
export const FILLERS = set(
  'drawn depicted displayed located positioned placed situated visible shown seen standing sitting lying hanging leaning resting parked mounted attached painted held taken captured photographed pictured color shade colored hue clearly ' +
    'definitely directly just also probably likely perhaps maybe made facing holding side hand position direction ' +
    'picture scene photo object item thing way very slightly currently actually simply like looking several various many different some other',
);

export const NOUNS_IN_LY = set('family fly butterfly dragonfly lily jelly belly bully gully ally assembly');

/** One word for several that say the same: the first of each group. */
const ALIKE =
  'gray grey, sofa couch settee, bicycle bike, television tv telly, picture photo photograph image, ' +
  'color colour, wood wooden timber, metal metallic, refrigerator fridge, car automobile, ' +
  'plane airplane aeroplane, phone cellphone smartphone, woman lady women, man men, ' +
  'child children kid, person people, center middle centre, bookshelf bookcase, ' +
  'backpack rucksack knapsack, faucet tap, sweater jumper pullover, curtain drape, first 1st, ' +
  'second 2nd, third 3rd, fourth 4th, fifth 5th, cabinet cupboard, wardrobe closet, taxi cab, ' +
  'elevator lift, cloudy overcast, tire tyre, small little, large big, truck lorry, sidewalk pavement, ' +
  'pants trousers';
const NUMBERS = 'two three four five six seven eight nine ten eleven twelve'.split(' ');
export const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ...ALIKE.split(', ').flatMap((group) => {
    const [plain, ...others] = group.split(' ') as [string, ...string[]];
    return others.map((word) => [word, plain] as const);
  }),
  ...NUMBERS.map((word, i) => [word, String(i + 2)] as const),
]);

/** Several words, or words of another kind, for the same thing; read before the words one by one. */
export const PHRASES = (
  [
    ['police ?(?:officer|man|men|woman|women)s?|cops?', 'policeman'],
    ['fire ?(?:fighters?|man|men)', 'fireman'],
    ['motor ?(?:bikes?|cycles?)', 'motorcycle'],
    ['traffic signals?|stop ?lights?', 'traffic light'],
    ['(?:cell|mobile) phones?', 'phone'],
    ['(?:trash|garbage|rubbish|waste|dust|litter) ?(?:cans?|bins?|baskets?)', 'bin'],
    ['(?:tv|television) sets?', 'television'],
    ['navy(?: blue)?', 'dark blue'],
    ['towards', 'toward'],
    ['coffee machines?', 'coffee maker'],
    ['lounges?|sitting rooms?', 'living room'],
    ['stand(?:ing|ard) lamps?', 'floor lamp'],
    ['trainers|running shoes|tennis shoes|gym shoes', 'sneakers'],
    ['(?:notebook|laptop) computers?', 'laptop'],
    ['(?:computer|pc) (?:screen|monitor|display)s?', 'monitor'],
    ['bedside tables?|night tables?', 'nightstand'],
    ['(?:zebra|pedestrian) crossings?', 'crosswalk'],
    ['street ?lights?|street lamps?|lamp ?posts?', 'street lamp'],
    // "a deep, dark shade of brown"
    ['(light|dark|pale|bright|deep|rich|soft|vivid), (?=light|dark|pale|bright|deep|rich|soft|vivid)', '$1 '],
    ['(\\p{L}+) (?:shade|tone|hue|tint) of', '$1'],
    ['(oct|hex|pent)agonal', '$1agon'],
    ['circular|circles?|rounded', 'round'],
    ['rectangular', 'rectangle'],
    ['triangular', 'triangle'],
    ['spherical', 'sphere'],
    ['cylindrical', 'cylinder'],
    ['cubic', 'cube'],
    ['(farther|further|farthest|furthest) (?:away|off)', '$1'],
    ['more distant', 'farther'],
    ['towers? (?:over|above)', 'is taller than'],
    ['dwarfs?', 'is bigger than'],
    ['outnumbers?', 'are more than'],
    // "a flock of birds"
    ['(?:flock|herd|group|pair|couple|bunch|pile|stack|row|set|piece|cluster|collection|crowd)s? of', ''],
    ['far (left|right|top|bottom|corner|end|side|wall)', '$1'],
    ['(is|are|was|were|be) made (?:up |out )?of', '$1'],
    // "a wall made of brick"
    [
      '(?!(?:is|are|was|were|be|been|it|they|that)\\b)(\\p{L}+)(?: which is)? made (?:out )?of (\\p{L}+)',
      '$2 $1',
    ],
  ] as const
).map(([words, as]): [RegExp, string] => [
  new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'giu'),
  as,
]);

/** Words that hold of so many things that another name may mean the same. */
export const WIDE = new Set(
  (
    'person human man woman boy girl child adult baby animal pet bird creature fruit vegetable food meal dish plant tree flower ' +
    'vehicle machine device tool toy furniture container structure building clothing garment utensil instrument ' +
    'something anything stuff one figure shape holder stand rack'
  ).split(' '),
);
/** These exclude each other, wide as they are. */
export const RIVALS: readonly ReadonlySet<string>[] = [
  new Set(['man', 'woman', 'boy', 'girl']),
  new Set(['adult', 'child', 'baby']),
];

/** Prepositions of which only one can hold between two things, each with the others that mean the same. */
export const SAME_PLACES: readonly (readonly string[])[] = [
  ['on', 'atop', 'onto'],
  ['under', 'below', 'beneath', 'underneath'],
  ['behind'],
  ['between'],
  ['front'],
  ['above', 'over'],
  ['inside', 'in', 'into', 'within'],
  ['next', 'beside', 'near', 'by', 'alongside', 'close', 'adjacent'],
];

/** Colours, materials and numbers: of two things of a kind, those that differ in these are two. */
export const COLOR =
  /^(?:red|orange|yellow|green|blue|purple|violet|pink|brown|black|white|gray|beige|golden|silver)$/;
export const KINDS: readonly RegExp[] = [
  COLOR,
  /^(?:wood|metal|plastic|glass|stone|brick|leather|paper|rubber|concrete)$/,
  /^\d+$/,
  /^(?:left|right|top|bottom|upper|lower|front|back|rear|middle|center)$/,
  /^(?:large|small|tall|short|long)$/,
];

/** Words that may be said of the same thing. */
export const NEAR: readonly ReadonlySet<string>[] = (
  'heater radiator, cup mug, hat cap beanie, jacket coat hoodie parka, shoe sneaker boot trainer, ' +
  'desk table counter, rug carpet mat, picture painting poster artwork print, ' +
  'bag backpack handbag purse satchel, car suv sedan hatchback van minivan jeep, truck van pickup, ' +
  'cabinet wardrobe dresser sideboard drawer, monitor screen display television computer, ' +
  'boat ship ferry yacht, path trail road street lane alley, ' +
  'metal steel iron aluminum aluminium brass copper chrome, stone rock marble granite cobblestone, ' +
  'wood oak pine plywood bamboo parquet, fabric cloth cotton linen textile, forest wood woodland park, ' +
  'light lamp lantern bulb, water river lake sea ocean pond, field grass lawn meadow, ' +
  'shirt blouse top tee, sofa armchair loveseat, stool chair seat, bin basket bucket, ' +
  'pot pan saucepan, jar bottle flask, bowl dish plate, shop store market, ' +
  'house building home cottage, sunny clear bright, cloudy gray foggy, ' +
  'ball football soccer basketball, phone mobile, paper document letter, curtain blind, ' +
  'cow cattle bull calf ox, sheep lamb goat, hen chicken rooster, horse pony, brown tan beige, ' +
  'purple violet, blue turquoise teal cyan, pink magenta, white cream ivory, gray silver, ' +
  'yellow gold golden'
)
  .split(', ')
  .map(set);

/** Words with which any answer may be put: they deny nothing, weaken nothing, and name no thing. */
export const CLOSED: ReadonlySet<string> = set(
  'the a an this that these those it he she they there here we i you one ones them him me us itself its some both all ' +
    'is are am was were taken be been being do does did have has had can will would d s must such of in on at to with by as and ' +
    'also just only very quite fully completely noticeably considerably much fact really clearly definitely certainly surely exactly directly immediately slightly simply ' +
    'precisely currently actually mostly mainly about approximately around roughly so then therefore thus hence indeed ' +
    'likely probably apparently clear obvious visible located situated positioned placed set mounted stand sit seated ' +
    'lie lying rest hang hanging lean park hide perch face find found seen shown depicted drawn displayed captured given ' +
    'appear seem like wear see observe notice count show think believe say guess estimate choose correspond answer ' +
    'correct option choice statement final result yes sure absolutely picture scene photo frame view camera viewer ' +
    'object item thing side hand position relation relative labeled called compare compared hold person which who what where bit little much up',
);

/** What is told of a thing without saying which it is. */
export const MODIFIER =
  /^(?:small|large|tiny|huge|tall|short|long|wide|narrow|thin|thick|round|square|rectangle|old|new|young|elderly|modern|vintage|typical|traditional|cozy|colorful|framed|painted|wireless|empty|full|open|single|lone|light|dark|pale|bright|deep|vivid|shiny|solid|medium|sized|striped|plain|adult|color|brick|stone|metal|wood|plastic|leather|ceramic|cardboard|wicker|woven)$/;

/** Words for where a thing is: what a side, a number, or one of several alternatives may be told of. */
export const PLACE =
  /^(?:part|half|corner|edge|end|area|portion|section|region|direction|toward|from|point|next|than|turned|go|going|drives?|driving|moves?|moving|heads?|heading|leads?|takes?|makes?|directed)$/;
/** Words that go with numbers and lengths. */
export const MEASURE =
  /^(?:total|altogether|number|for|sum|equal|plus|degree|value|range|estimated|measure|minimum|maximum|less|more|than|few|any|no|none|\d.*|(?:milli|centi|kilo)?(?:meter|metre)|foot|feet|inch|yard|mile|[cmk]?m|ft|in|yd|zero|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|dozen|half|quarter)$/;
/** Words of one dimension: a length with those of another is not what is asked. */
export const DIMENSIONS = [
  /^(?:high|tall|height|above)$/,
  /^(?:wide|width|across|broad|gap)$/,
  /^(?:long|length)$/,
  /^(?:deep|depth)$/,
  /^(?:thick|thickness)$/,
  /^(?:far|farther|away|apart|distance|between|from|off|gap|space|separated|separation|close)$/,
];

export const DENIES =
  /^(?:not|no|never|neither|nor|without|cannot|hardly|scarcely|barely|nothing|nobody|none|almost|nearly|partly|partially|less|rather|lacks?)$|n't$/;
