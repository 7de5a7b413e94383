import { words } from './sets.ts';

/** What questions ask for, and the words around it (../wanted.ts, ../lettering.ts). */
export const NOUNS = {
  /** Things that people recognise without reading, in the singular. A question for one of these does not need reading. */
  seen: words(`
  side direction way half third quarter part corner edge end middle top bottom left right front back rear center centre region area zone
  quadrant section position location place placement spot point order sequence arrangement alignment layout relation relationship
  orientation pose posture stance angle bearing perspective viewpoint viewer frame step turn move movement motion action activity
  distance height width depth length breadth thickness size dimension radius diameter gap spacing separation offset clearance
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
  option answer choice conclusion reason purpose function use role cause similarity image picture photo everything anything something nothing closest nearest farthest furthest opposite`),
  /** In "Which caption fits?" some are offered; "what is the caption?" asks to read it. */
  offered: words('statement sentence caption description'),
  /** In "What colour bag is it?" or "which side wall", the first noun is what is asked for. */
  attributes: words('color colour kind type sort size shape style material pattern part side'),
  kinds: words('kind type sort category'),
  pronouns: words('it he she they we you i this that these those there'),
  auxiliaries: words('do does did can could will would shall should may might must has have had'),
  determiners: words('the a an his her its their your my our this that these those'),
  /** Prepositions besides those of `before` and `preposition`. */
  prepositions: words('as during like into through up about'),
  /** Further words at which a noun phrase ends. */
  stops:
    words(`which who whose what when where while if and or not than happens happened then belong belongs according regarding concerning including me him us them
    ahead directly relative compared took take takes brings brought leads led makes gets goes shows gives fits matches describes follows connects`),
  /** Imperatives that ask for a name. */
  order: words('name give tell state provide report identify specify'),
  /** "Which station is shown?" asks for its name, not which of several it is. */
  named: words(
    'called named labelled labeled numbered marked tagged titled entitled spelled spelt read written printed shown pictured depicted displayed visible seen',
  ),
  /** Further words that distinguish one thing from others, and function words. */
  telling:
    words(`one ones other both neither none all it they them he she that which who same equal equally closer closest nearer nearest farther
    farthest further furthest far near left leftmost right rightmost more most less least hand side next
    red blue green yellow black white brown orange purple pink gray grey big bigger biggest small smaller smallest large
    larger largest tall taller tallest short shorter shortest long dark light and or than option choice no not`),
  /** Things on which other things stand or lie. On anything else, something may be written. */
  support:
    words(`table desk floor shelf bed chair sofa couch roof ground street road grass counter bench tray rug carpet sill
  windowsill ledge stool left right side top bottom stove nightstand cabinet dresser lawn beach sand water`),
} as const satisfies Record<string, readonly string[]>;
