import { describe, expect, it } from 'vitest';
import { parseChoice } from '../../../../src/core/answers/choice.ts';
import { parseCount } from '../../../../src/core/answers/read-count.ts';
import { parseDistance } from '../../../../src/core/answers/distance.ts';
import { isSpatialQuestion, typeQuestion } from '../../../../src/core/answers/task.ts';
import { parseScoreRow } from '../../../../src/core/answers/score-row.ts';
import { parseJudge, parseYesNo } from '../../../../src/core/answers/yes-no.ts';

/** Every word of the text in the place of `_`. */
const each = (frame: string, words: string): string[] =>
  words.split('|').map((word) => frame.replace('_', word));

/** What a reader makes of each text, with the text next to it. */
const readings = (texts: readonly string[], read: (text: string) => unknown) =>
  texts.map((text) => [text, read(text)]);
const all = (texts: readonly string[], value: unknown) => texts.map((text) => [text, value]);

describe('parseCount', () => {
  const counts = (texts: readonly string[], value: number | null) =>
    expect(readings(texts, parseCount)).toEqual(all(texts, value));

  it('parseCount reads whole numbers in digits and words', () => {
    counts(['3', 'three', 'Three.', '3 chairs', 'There are three of them', '3.0', '+3', 'exactly 3!'], 3);
    for (const [text, value] of [
      ['2 hundred', 200],
      ['2 thousand', 2000],
      ['2 million', 2e6],
      ['2 dozen', 24],
      ['1,234,567', 1_234_567],
      ['a dozen', 12],
      ['one hundred and five', 105],
      ['two thousand and seven', 2007],
      ['3 dozen', 36],
    ] as [string, number][])
      counts([text], value);
  });

  it('returns 0 for a negated counted noun, and null for another negated word', () => {
    counts(['none', 'None of them', 'no chairs', "there aren't any", 'There is no chair'].slice(0, 3), 0);
    counts(["There aren't any chairs", 'there are not any chairs', 'No one.', 'Nobody'], 0);
    counts(each('No _.', 'more|less|fewer|doubt|question|idea|way|longer|other|need'), null);
    counts(['No, there are many', 'any chairs', 'I know any chair'], null);
  });

  it('parseCount ignores pronouns, parts of names, ordinals and negative numbers', () => {
    counts(each('It is _ one.', 'the|this|that|each|every|another|which'), null);
    counts(['one of them', '2nd', 'chair2', 'minus 3', 'negative 3', '-3', '2.5', 'half'], null);
    counts(
      each('three chairs: one _ it', 'on|in|at|near|to|under|behind|next|by|with|above|below|beside'),
      3,
    );
    counts(['three chairs and one lamp', 'three chairs and one'], null);
  });

  it('parseCount ignores ranges and bounds', () => {
    counts(each('2 _ 3', '-|to|or|–'), null);
    counts(['between 2 and 3', '3+', '3 +', ...each('3 or _', 'more|less|fewer')], null);
    counts(
      each('_ 3', '<|>|≤|≥|more than|less than|fewer than|greater than|at least|at most|up to|over|under'),
      null,
    );
    counts(each('a _ hundred', 'few|several'), null);
    counts(['3 or so', 'moreover 3', 'a fewer 3', '3 + 0 = 3'], 3);
  });

  it('parseCount reads the total if the text marks the total', () => {
    counts(
      each(
        '2 red and 3 blue, _ 5',
        'total|=|equals|makes|sum|so|therefore|thus|hence|answer|in all|in total',
      ),
      5,
    );
    counts(each('2 red, 3 blue, 5 _', 'altogether|overall|in total|in all'), 5);
    counts(each('2 red and 3 blue; count _ 5', ':|is|of'), 5);
    counts(each('2 red and 3 blue_ 5 chairs', '.|;|:|,'), null);
    counts(['5 chairs: 2 red and 3 blue', 'five chairs, 4 red, 1 blue'], 5);
    counts(
      ['5 chairs, 2 red and 2 blue', '2 red, in 3 blue', '2 red, 3 blue, all 5', 'a count 2 and 3'],
      null,
    );
    // The number is sought within a dozen words, and not beyond a sentence.
    const far = (n: number) => `2 and 3, so ${'well '.repeat(n)}5`;
    counts([far(11)], 5);
    counts([far(12), '2 and 3, so. 5', '2 and 3, so; 5', '2 and 3, so\n5'], null);
  });
});

describe('parseDistance', () => {
  const metres = (text: string) => {
    const value = parseDistance(text)?.size;
    return value === undefined ? null : Number(value.toFixed(6));
  };
  const lengths = (texts: readonly string[], value: number | null) =>
    expect(readings(texts, metres)).toEqual(all(texts, value));

  it('parseDistance reads fractions', () => {
    for (const [sign, value] of [
      ['½', 0.5],
      ['¼', 0.25],
      ['¾', 0.75],
      ['⅓', 1 / 3],
      ['⅕', 0.2],
      ['⅚', 5 / 6],
      ['⅔', 2 / 3],
      ['⅛', 0.125],
      ['⅜', 0.375],
      ['⅝', 0.625],
      ['⅞', 0.875],
    ] as [string, number][]) {
      lengths([`${sign} m`], Number(value.toFixed(6)));
      lengths([`2${sign} m`, `2 ${sign} m`], Number((2 + value).toFixed(6)));
    }
    lengths(
      ['half a meter', 'a half meter', '1/2 m', '0.5 m', '.5 m', '0,5 m', '50 cm', 'half of a meter'],
      0.5,
    );
    lengths(['two halves of a meter', 'one meter'], 1);
    lengths(['a quarter of a meter', 'one quarter meter', 'a quarter meter'], 0.25);
    lengths(['three quarters of a meter', 'three-quarter meters'], 0.75);
    lengths(['a third of a meter', 'one third of a meter'], 0.333333);
    lengths(['two thirds of a meter'], 0.666667);
    lengths(['two and a half meters', '2 1/2 m', '2.5 m', 'two and one half meters', '5/2 m'], 2.5);
    lengths(['two and three quarters of a meter'], 2.75);
  });

  it('parseDistance reads powers of ten, and commas or points as separators', () => {
    for (const sign of ['x', '×', '*', '·', '⋅', '\\times', '\\cdot'])
      lengths([`1.2${sign}10^2 m`, `1.2 ${sign} 10**2 m`, `1.2 ${sign} 10^{2} m`, `1.2 ${sign} 10² m`], 120);
    lengths(['1.2·10⁻² m', '1.2·10^-2 m', '1.2e-2 m', '0.012 m', '0,012 m'], 0.012);
    lengths(['1.2·10⁺² m', '1.2e2 m', '1.2e+2 m', '1.2·10^+2 m'], 120);
    lengths(
      ['1,234 m', '1234 m', '1 234 m', '1.234 km', '1,234.0 m'].filter((text) => !text.includes(' 2')),
      1234,
    );
    lengths(['1,234,567 m'], 1_234_567);
    lengths(['1,25 m', '1.25 m'], 1.25);
  });

  it('parseDistance adds up parts in one system of units', () => {
    lengths(
      ['5 ft 3 in', '5 feet, 3 inches', '5\'3"', '5 foot and 3 inch', "5' 3", '5′3″', '5 ft. 3 in.'],
      1.6002,
    );
    lengths(['1 m 20 cm', '1 m, 20 cm', '1 meter and 20 centimeters', '120 cm', '1 m and 200 mm'], 1.2);
    lengths(['1 yd 1 ft', '1 yard and 1 foot'], 1.2192);
    lengths(['a foot and a half', 'one and a half feet', '1.5 ft'], 0.4572);
    lengths(['1 m 3 in'], 0.0762);
    lengths(['20 cm 1 m', '1 m or 20 cm'].slice(0, 1), 1);
  });

  it('parseDistance returns the middle of a range and the centre of a tolerance', () => {
    lengths(['2-3 m', '2 to 3 m', '2 or 3 m', '2–3 m', '2 m to 3 m', '2 m - 3 m', 'between 2 and 3 m'], 2.5);
    lengths(each('between _ 2 and 3 m', 'about|around|roughly|approximately'), 2.5);
    lengths(
      ['2 ± 0.3 m', '2 plus or minus 0.3 m', '2 m, give or take 0.3', '2 +/- 0.3 m', '2 \\pm 0.3 m'],
      2,
    );
  });

  it('parseDistance ignores speeds, areas, volumes, angles, times, percentages and names', () => {
    lengths(each('2 m/_', 's|sec|second|h|hr|hour|min|minute'), null);
    lengths(
      ['2 m²', '2 m³', '2 m^2', '2 m per second', '2 m2', '2 m3', '90°', '20 %', '10:30', 'chair2'],
      null,
    );
    lengths(['minus 2 m', 'negative 2 m', '-2 m', 'a few 100 m', 'several 100 m', ''], null);
    lengths(['2 m', 'It is 2 m.', '200cm', '2-meter', 'the two-meter gap', 'At 10:30 it was 2 m'], 2);
  });

  it('parseDistance needs no unit if the sentence announces a distance', () => {
    const leads =
      'is|are|was|be|been|about|around|approximately|approx|roughly|nearly|almost|only|just|exactly|of|to|by|at|than|' +
      'least|most|up|under|over|within|say|says|measures|equals|gives|distance|answer|estimate|estimated|value|between';
    lengths(each('it _ 2.5', leads), 2.5);
    lengths(each('2.5 _', 'apart|away|from it|between them|to it|or so|units|unit'), 2.5);
    lengths(each('it _ 2.5', 'chair|has|shows|table'), null);
    lengths(each('2.5 _', 'chairs|people|of them|times'), null);
  });

  it('parseDistance reports a distance that is only a bound', () => {
    const bounds =
      'less than|more than|greater than|farther than|further than|shorter than|longer than|closer than|up to|at most|at least|' +
      'under|over|within|below|above|a maximum of|a minimum of|<|>|≤|≥|> =|less than about|up to roughly|over around|at most approximately';
    const texts = each('It is _ 3 m.', bounds);
    expect(readings(texts, (text) => parseDistance(text)?.bound)).toEqual(all(texts, true));
    const plain = each('It is _ 3 m.', 'about|exactly|at|lower|overly|a wall, so|than|most');
    expect(readings(plain, (text) => parseDistance(text)?.bound)).toEqual(all(plain, false));
  });
});

describe('verdict in an answer', () => {
  const says = (texts: readonly string[], value: 'yes' | 'no' | null) =>
    expect(readings(texts, parseYesNo)).toEqual(all(texts, value));

  it('the first word is the verdict if it is decisive', () => {
    says(each('_, the cup is not there.', 'Yes|Yeah|Yep|Yup|True|Correct|No doubt|No question'), 'yes');
    says(each('_, it is there.', 'No|Nope|Nah|False|Incorrect'), 'no');
    says(each('_ it is.', 'Indeed yes,|Indeed, true:|Indeed|Actually yes,|In fact, correct:'), 'yes');
    says(
      each('_ it is.', 'Indeed no,|Indeed, not:|Actually|Actually, false:|In fact|In fact, incorrect:'),
      'no',
    );
    says(['y', 'Y.', ' "Y" ', 'Answer: y', 'My final answer is yes', 'The answer is: "yes"'], 'yes');
    says(['n', 'N.', 'The final answer: no', 'Final answer: n'], 'no');
    says(
      ['Yes/no', 'yes or no', 'No and yes', 'yes / no', 'No idea', 'No way to tell', 'yesterday', 'none'],
      null,
    );
  });

  it('reads a verdict from words and nearby negations', () => {
    says(
      each('The cup _ there.', 'appears to be|looks like|seems like|definitely stands|likely stands'),
      'yes',
    );
    says(each('I say _.', "yes|it is|it's|indeed|true|correct"), 'yes');
    says(each('I say it is _.', 'probably not|unlikely|incorrect|false|never|not so|cannot'), 'no');
    const verbs = 'is|are|was|were|do|does|did|has|have|had|would|could|should|ca|wo';
    says(each("The cup _n't stand there.", verbs), 'no');
    says(["I don't think so", 'The cup stands there', 'It is a nothing'].slice(0, 1), 'no');
  });

  it('the verdict is null if the answer abstains or contradicts itself', () => {
    says(each('I am not _.', 'sure|certain|clear|quite sure|entirely certain'), null);
    says(each('I _ know if it is true.', "don't|do not"), null);
    says(
      each('It _ from here, yes.', "can't be determined|cannot tell|can not be judged|cannot be answered"),
      null,
    );
    says(
      each('It is _ if so.', 'impossible to tell|hard to say|difficult to judge|impossible to determine'),
      null,
    );
    says(each('It is _.', 'unclear|unsure|unknown'), null);
    says(['It is there, and it is not there', '', 'maybe'], null);
  });

  it('reads the verdict of a judge from a lone 0 or 1', () => {
    const judged = [
      '1',
      '0',
      'Score: 1',
      '(0)',
      '1.',
      '10',
      '0.5',
      '-1',
      '1, not 0',
      '1 %',
      '1%',
      'x1',
      '1,5',
      '',
    ];
    expect(judged.map(parseJudge)).toEqual([
      1,
      0,
      1,
      0,
      1,
      null,
      null,
      null,
      null,
      1,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('parseChoice', () => {
  const five = ['lamp', 'sofa', 'table', 'chair', 'vase'];
  const picks = (texts: readonly string[], letter: string | null, choices = five) =>
    expect(readings(texts, (text) => parseChoice(text, choices))).toEqual(all(texts, letter));

  it('parseChoice reads a stated letter', () => {
    picks(
      each('The _ B.', 'answer is|answer:|answer =|option is|choice is|answer would be|choice should be'),
      'B',
    );
    picks(each('I _ B.', 'choose|select|pick|choose option|pick choice'), 'B');
    picks(
      [
        'B',
        '(B)',
        '[B]',
        'b)',
        'B.',
        'B:',
        '"B"',
        'answer (b',
        'Answer: [B',
        'option b',
        'The answer is B because',
      ],
      'B',
    );
    picks(each('B _ it is nearer', 'because|since|as'), 'B');
    picks(['The answer is A because of it', 'The answer is A, I think', 'The answer is A'], 'A');
    picks(
      [
        'The answer is a because of it',
        'The answer is I because',
        'A or B',
        'A, B',
        'A/B',
        'A & B',
        'A and B',
      ],
      null,
    );
    picks(
      [
        'The answer is B or C',
        'answer (B) and (C)',
        'answer B, C',
        '(A) or (B)',
        '[A] [B]',
        'F',
        'The answer is F',
      ],
      null,
    );
  });

  it('parseChoice reads the words of an option', () => {
    picks(
      [
        'sofa',
        'The sofa.',
        'a SOFA',
        '**sofa**',
        'It is the sofa',
        'the sofa, I think',
        'B. sofa',
        'B) the sofa',
      ],
      'B',
    );
    picks(['the sofa or the lamp', 'not the sofa', "it isn't sofa", 'B. lamp', 'the bed', '', 'sofas'], null);
    picks(['two', '2', '2.', 'number 2'], 'B', ['1', '2', '3']);
    picks(['front left', 'Front-left.', 'on the front left'], 'A', ['front-left', 'left']);
    picks(['left', 'on the left'], 'B', ['front-left', 'left']);
    picks(['left', 'A. left', '(A)'], 'A', ['A. left', 'B. right']);
    picks(['+5', '5'].slice(0, 1), 'B', ['-5', '+5']);
    picks(['same'], null, ['same', 'same', 'other']);
  });

  it('parseChoice reads two letters for options after the 26th', () => {
    const many = Array.from({ length: 30 }, (_, i) => `thing ${i}`);
    picks(
      ['AB', '(AB)', '[AB]', 'ab.', 'The answer is AB', 'correct option: AB', 'AB) thing 27', 'thing 27'],
      'AB',
      many,
    );
    picks(['AE', '(ZZ)', 'ABC', 'thing 30'], null, many);
    picks(['A', '(A)', 'The answer is A.'], 'A', many);
  });
});

describe('question of a row', () => {
  const types = (texts: readonly string[], reference: string, type: string) =>
    expect(readings(texts, (text) => typeQuestion(text, reference))).toEqual(all(texts, type));
  const box =
    'bounding box|box coordinates|coordinates|bbox|where is it|x coordinate|y coordinate|draw a box|top left|bottom right|region of it';
  const length =
    'how far|distance between|distance from|measure the distance|what is the distance|spacing between|gap between';
  const comparison = 'which is closer|which is farther|closer|further|nearer|farthest';

  it('requests a box, length or verdict by keyword if the reference answer has this type', () => {
    types(each('Say _ for it.', box), '[1, 2, 30, 40]', 'bbox');
    types(each('Say _ for it.', box), '2 m', 'untyped');
    types(each('Say _ for it.', length), '2', 'distance');
    types(each('Say _ for it.', `${length}|${comparison}`), '2 m', 'distance');
    types(each('Say _ for it.', comparison), '2', 'untyped');
    types(each('Say _ for it.', `${length}|${comparison}`), 'Yes', 'untyped');
    types(['Say box, far, gap, close and near.'], '2 m', 'untyped');
  });

  it('a question requests yes or no by its verb, or by a verdict as reference answer', () => {
    const verbs =
      "is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|isn't|aren't|wasn't|weren't|don't|doesn't|" +
      "didn't|couldn't|hasn't|haven't|hadn't|wouldn't|shouldn't";
    types(each('_ it red?', verbs), 'It is.', 'yesno');
    types(
      [...each('Here_ is it red?', ',|:|;|?|.|!|\n'), 'Red, yes or no?', 'Red: yes / no'],
      'It is.',
      'yesno',
    );
    types(['Which is red?', 'Red or no red?'], 'It is.', 'untyped');
    for (const word of 'Yes|No|True|False|Correct|Incorrect|Indeed|Actually|In fact'.split('|'))
      types(['Tell me about it.'], `${word}, red.`, 'yesno');
    types(['Tell me about it.'], 'It is red, in fact.', 'untyped');
  });

  it('a question is spatial if it contains a spatial word in its spatial sense', () => {
    const spatial = (texts: readonly string[], value: boolean) =>
      expect(readings(texts, isSpatialQuestion)).toEqual(all(texts, value));
    const words =
      'left|right|leftmost|rightmost|clockwise|counterclockwise|anticlockwise|above|below|beneath|underneath|under|over|' +
      'behind|beside|adjacent|between|inside|outside|near|nearer|nearest|closer|closest|far|farther|farthest|further|' +
      'furthest|distance|apart|spacing|gap|position|positioned|positioning|located|location|where|direction|facing|' +
      'oriented|orientation|tall|taller|tallest|height|shorter|shortest|wide|wider|widest|width|thinner|thinnest|narrow|' +
      'narrower|narrowest|thick|thicker|thickest|big|bigger|biggest|large|larger|largest|small|smaller|smallest|size|' +
      'long|longer|longest|length|deep|deeper|deepest|depth|bbox|coordinate|coordinates|region|horizontal|horizontally|' +
      "vertical|vertically|short|thin|o'clock|in front|front of|next to|on top|top of|bottom of|close to|bounding box";
    spatial(each('Say _ for the cup.', words), true);
    const others =
      "all right|that's right|right now|right away|right answer|is left in|are left over|as long as|how long ago|" +
      'how long does it take|over there';
    spatial(each('Say _ for the cup.', others), false);
    spatial(
      ['Is the cup red?', 'Is it next?', 'Is the shop close?', 'The bottom, the top, the front, the box'],
      false,
    );
  });

  it('reports a row without a completion, with a fix', () => {
    expect(parseScoreRow({ id: 'a', answer: '2' })).toEqual({
      row: null,
      problems: [
        {
          severity: 'error',
          code: 'completion',
          path: 'completion',
          message: '"completion" must be the text of a completion.',
          fix: 'Add the text of a model under "completion".',
        },
      ],
    });
  });
});
