/**
 * Content of yes/no questions with the same answer in every image of a scene, in any orientation. Other questions do
 * not count as unchanged. The patterns are in the pattern language (../patterns.ts), one per line.
 */
export const LASTING = {
  presence: `
    there @is|are|was|were
    is|are|was|were|isn't|aren't @there
    you|we|i|one|anybody|anyone @see|find|spot|notice|identify|recognize|recognise|detect|tell|say|call
    @visible|present|absent|missing|hidden|seen|shown|pictured|depicted|occluded|obscured|recognizable|available
    any|some|anything|something|anybody|anyone|somebody|someone|nobody|nothing|none|everything|everybody|everyone`,
  having: `
    @have|has|had !been|<participle>
    contain|contains|contained|include|includes|hold|holds|wear|wears|own|owns|carry|carries|carried|lack|lacks|need|needs|support|supports|use|uses|bear|bears
    consist|consists|composed of
    with|without`,
  number: `
    how @many
    more|fewer|less|most|fewest|all|both|each|every|only|several|many|few|enough|exactly|alone|least
    one|two|three|four|five|six|seven|eight|nine|ten|<integer>`,
  comparison: `
    than|same|equal|equally|congruent|identical|similar|different|alike|symmetric|symmetrical|parallel|perpendicular|opposite|matching
    as _ @as
    each|one @other|another
    <superlative>`,
  place: `
    on|in|at !{ the|this <picture> ,|?|.|$ } !{ the usual }
    under|underneath|beneath|below|above|over|behind|beside|besides|alongside|beyond|down|up|between|among|inside|outside|within|near|nearby|against|around|through|by|across|along|atop|amid|into|onto|off|towards|toward|past|opposite|indoors|outdoors|inside|ahead|together|apart|away|far|close|adjacent|next
    in @front
    at|in|on|to the @front|back|end|top|bottom|middle|center|centre`,
  size: `
    small|little|tiny|big|large|huge|tall|short|long|wide|narrow|thick|thin|deep|shallow|high|low|heavy|light|round|square|rectangular|circular|oval|flat|thinner|bigger|taller $|<joint>`,
  colour: `
    red|orange|yellow|green|blue|purple|violet|pink|brown|black|white|gray|grey|beige|golden|silver|colorful|colourful|striped|spotted|checkered|plain|patterned|transparent|bright|dark|shiny|wooden|metal|metallic|plastic|glass|leather|concrete|brick|paper|stone $|<joint>`,
  state: `
    open|closed|shut|empty|full|wet|dry|clean|dirty|broken|intact|on|off|lit|asleep|awake|alive|dead|busy|free|occupied|vacant|new|old|young|modern|ripe|fresh|raw|cooked|hot|cold|warm|cool|sunny|cloudy|rainy|windy|foggy|snowy|bare|bald|naked|barefoot|clear|crowded|quiet|calm|happy|sad|angry|tired|hungry|hurt|injured|safe|dangerous|healthy|domestic|wild|male|female|human|adult|real|fake|possible|likely|upright|sharp|blunt|soft|hard|smooth|rough|furry|hairy|cluttered|tidy|untidy|neat|messy|filthy|spotless|muddy|dusty|stormy|overcast|gloomy|dim|pale|azure|khaki|sparse|dense|lush|barren|leafless|thriving|withered|calm|turbulent|choppy|still|motionless|stationary|complete|incomplete|solid|hollow|straight|curved|bent|regular|irregular|pointed|vast|spacious|prominent|rare|common|delicious|tasty|sweet|sour|lively|monochromatic|unoccupied|unlit|unlocked|serious|surprised|scared|bored|excited|blurry|foreign|formal|casual|elderly|pregnant|thirsty|sleepy|slippery|steep|fluffy|shaggy|rusty|wrinkled|ornate|edible|electric $|<joint>
    daytime|nighttime|day|night|winter|summer|spring|autumn|outdoors|indoors`,
  action: `
    <acting>
    <participle>
    does|do|did|can|could|would|will|should|has|have|had|is|are … @touch|fit|form|face|look|lie|stand|sit|hang|rest|eat|drink|play|ride|drive|walk|run|jump|sleep|smile|meet|match|belong|reach|pass|enter|leave|close|open|block|cover|cross|follow|move|stop|exist|appear|seem|lean|exit|go|come|overlap|intersect|connect|separate|surround|share|get|help|work|fly|swim|see|hear|live|grow|make|take|give|climb|write|surf|park|bite|scratch|raise|lower|release|perform|glide|slide|throw|catch|kick|hit|push|pull|carry|cook|read|talk|speak|sing|dance|ski|skate|cry|laugh|bark|graze|wait|land|crawl|kneel|squat|dive|float|roll|shine|burn|bloom|chase|hug|kiss|feed|pour|lick|chew|yawn|wave|clap|paint|draw|cut|wash|clean|dry|drop|lift|hide`,
  identity: `
    is|are|was|were this|that|it|these|those|he|she|they|you @a|an|the|_
    is|are|was|were … a|an _ _? _? @?
    @kind|type|sort|made|part|out of`,
} as const;
