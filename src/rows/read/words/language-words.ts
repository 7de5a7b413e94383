import { inCaseOf } from '../tokens.ts';

/**
 * Language in which the rules read questions about sides, as complete forms. All other questions are deferred. In a
 * form, `<N>` is the name of an object, and other letters are lists of the language. The kind of answer is after the
 * slash: Y for yes or no, S for a side, N for an object, C for a colour or a number.
 */
export interface LanguageTable {
  parts: Readonly<Record<string, string>>;
  /** Letters of a name, maximum length of a name, and forbidden content: writing, anatomy, maps, mirrors, sides. */
  name: string;
  most: number;
  never: string;
  /** Words for sides. The preceding words can determine the partner of a side. */
  sides: RegExp;
  turn: (side: string, before: string) => string;
  questions: readonly string[];
  answers: Readonly<Record<string, readonly string[]>>;
  /** Words of answers, by their English words. "Yes" and "no" count only at the start of an answer. */
  english: Readonly<Partial<Record<'no' | 'yes' | 'left' | 'right' | 'not', string>>>;
}

const exchanged = (one: string, other: string) => (side: string) =>
  inCaseOf(
    side,
    side.toLowerCase().replace(new RegExp(`${one}|${other}`), (stem) => (stem === one ? other : one)),
  );

const GERMAN: LanguageTable = {
  parts: {
    S: '(?:links|rechts)',
    A: '(?:linken|rechten)',
    V: '(?:ist|sind|steht|stehen|liegt|liegen|sitzt|sitzen|hängt|befindet sich)',
    B: '(?: (?:von|vom|neben) <N>)?',
    D: '(?:schaut|blickt|fährt|geht|läuft)',
  },
  name: "[\\p{L} '-]",
  most: 40,
  never:
    'link|recht|spiegel|karte|röntgen|lunge|niere|herz|leber|rippe|tumor|fraktur|bruch|läsion|patient|hirn|zahn|zeiger|schatten|schild|schrift|wort|buchstabe|zahl|nummer|westen|osten|norden|süden|\\bman\\b|hier|partei',
  sides: /(?:link|recht)(?:s|en)/gi,
  turn: exchanged('link', 'recht'),
  questions: [
    '<V> <N> <S><B>/Y',
    '<V> <N> auf der <A> Seite(?: (?:des|der|vom|von) <N>)?/Y',
    '<V> <S> (?:ein|eine|einen) <N>/Y',
    'gibt es <S><B> (?:ein|eine|einen) <N>/Y',
    '<V> <S><B> (?:ein|eine|einen) <N>/Y',
    '<V> <N> <S> oder <S><B>/S',
    'wo <V> <N>/S',
    'auf welcher Seite (?:(?:des|der|vom) <N> )?<V> <N>/S',
    '(?:was|wer|welches <N>) <V> <S><B>/N',
    'was ist weiter <S>, <N> oder <N>/N',
    'was ist (?:oben|unten|ganz) <S>(?: im Bild)?/N',
    'wie viele <N> <V> (?:<S><B>|auf der <A> Seite)/C',
    'welche Farbe hat <N> <S>/C',
    'hält <N> in der <A> Hand/Y',
    'was hält <N> in der <A> Hand/N',
    'mit welcher Hand hält <N>/S',
    '<D> <N> nach <S>/Y',
    '(?:in welche Richtung|wohin) <D> <N>/S',
  ],
  answers: {
    Y: ['ja', 'nein'],
    S: ['(?:nach )?<S><B>', 'auf der <A> Seite', 'mit der <A> Hand'],
    N: ['(?:ein|eine|einen|der|die|das) [\\p{L}-]+'],
    C: ['\\d\\d?', '(?:ein|zwei|drei|vier|fünf|sechs)', '[\\p{Ll}]+'],
  },
  english: { no: 'nein', yes: 'ja', left: 'linke?[ns]?', right: 'rechte?[ns]?', not: 'nicht|keine?' },
};

const SPANISH: LanguageTable = {
  parts: {
    S: '(?:izquierda|derecha)',
    M: '(?:izquierdo|derecho)',
    V: '(?:está|están|se encuentra|hay)',
    B: '(?: (?:del|de la|de) <N>)?',
    D: '(?:mira|va|camina|corre)',
  },
  name: "[\\p{L} '-]",
  most: 40,
  never:
    'izquierd|derech|espejo|mapa|radiograf|pulm|riñón|coraz|hígado|costilla|tumor|fractura|lesión|paciente|cerebro|diente|sombra|cartel|letrero|letra|palabra|número|oeste|este\\b|norte|sur\\b|partido|columna',
  sides: /(?:izquierd|derech)[ao]/gi,
  turn: exchanged('izquierd', 'derech'),
  questions: [
    '¿<V> <N> a la <S><B>/Y',
    '¿<N> <V> a la <S><B>/Y',
    '¿(?:<V> <N>|<N> <V>) (?:en el|al) lado <M>(?: de (?:la )?<N>)?/Y',
    '¿<N> <V> en la parte <S> de la imagen/Y',
    '¿hay <N> (?:a la <S><B>|en la esquina (?:superior|inferior) <S>)/Y',
    '¿(?:<V> <N>|<N> <V>) a la <S> o a la <S><B>/S',
    '¿dónde <V> <N>/S',
    '¿(?:en|de) qué lado (?:de la <N> )?<V> <N>/S',
    '¿(?:qué|quién|qué <N>) <V> (?:más )?a la <S><B>/N',
    '¿(?:qué|qué <N>) <V> (?:más )?a la <S>, <N> o <N>/N',
    '¿qué hay en la parte (?:superior|inferior) <S>/N',
    '¿cuántas <N> hay (?:a la <S><B>|en el lado <M>)/C',
    '¿de qué color es <N> (?:de|que está a) la <S>/C',
    '¿sostiene <N> con la mano <S>/Y',
    '¿qué tiene <N> en la mano <S>/N',
    '¿con qué mano sostiene <N>/S',
    '¿<D> <N> hacia la <S>/Y',
    '¿hacia dónde <D> <N>/S',
  ],
  answers: {
    Y: ['sí', 'no'],
    S: ['(?:(?:a|hacia) la )?<S><B>', '(?:en el|del) lado <M>', '<M>', 'con la mano <S>'],
    N: ['(?:un|una|el|la) [\\p{L}-]+', 'el (?:rojo|azul)'],
    C: ['\\d\\d?', '[\\p{Ll}]+'],
  },
  english: { no: 'no', yes: 'sí|si', left: 'izquierd[ao]', right: 'derech[ao]' },
};

const FRENCH: LanguageTable = {
  parts: {
    S: '(?:gauche|droite)',
    M: 'côté (?:gauche|droit)',
    P: '(?:est|sont|se trouve|se trouvent)',
    V: '(?:-t)?-(?:il|elle)s?',
    B: "(?: (?:du|de la|de l'|de)(?:(?<=')| )<N>)?",
  },
  name: "[\\p{L} '-]",
  most: 40,
  never:
    'gauche|droit|miroir|\\bcarte|radio|poumon|\\brein|c(?:œ|oe)ur|foie|ventricule|\\bcôte|tumeur|fracture|lésion|patient|cerveau|dent|ombre|panneau|affiche|lettre|\\bmot|numéro|chiffre|ouest|\\best\\b|\\bnord|\\bsud|parti\\b|colonne|point|\\bmal\\b|\\bon\\b',
  sides: /gauche|droite?/gi,
  turn: (side, before) =>
    inCaseOf(side, /^g/i.test(side) ? (/côté $/.test(before) ? 'droit' : 'droite') : 'gauche'),
  questions: [
    '<N> (?:est|se trouve)<V> à <S><B>/Y',
    "est-ce (?:que |qu')<N> <P> à <S><B>/Y",
    '<N> est<V> (?:du|sur le) <M>(?: de l.image)?/Y',
    "<N> est<V> dans la partie <S> de l'image/Y",
    '<N> est<V> à <S> ou à <S><B>/S',
    'où <P> <N>/S',
    'de quel côté (?:de la <N> )?<P> <N>/S',
    "qu'y a-t-il (?:à <S><B>|en (?:haut|bas) à <S>)/N",
    "qu'est-ce qui <P> (?:plus )?à <S>(?:<B>|, <N> ou <N>)/N",
    'qui <P> à <S><B>/N',
    'quel <N> <P> à <S><B>/N',
    'de quelle couleur est <N> (?:de|à) <S>/C',
    '<N> tient<V> <N> de la main <S>/Y',
    'que tient <N> dans la main <S>/N',
    'de quelle main tient<V> <N>/S',
    '<N> (?:regarde|va)<V> vers la <S>/Y',
    'vers où (?:regarde|va) <N>/S',
    'combien de <N> (?:y a-t-il à <S><B>|sont du <M>)/C',
    'y a-t-il <N> (?:à <S><B>|en (?:haut|bas) à <S>)/Y',
  ],
  answers: {
    Y: ['oui', 'non'],
    S: ['(?:à )?<S><B>', 'vers la <S>', 'du <M>', 'de la main <S>'],
    N: ['(?:un|une|le|la) [\\p{L}-]+'],
    C: ['\\d\\d?', '[\\p{Ll}]+'],
  },
  english: { no: 'non', yes: 'oui', left: 'gauche', right: 'droite?', not: 'pas' },
};

const CHINESE: LanguageTable = {
  parts: {
    S: '[左右](?:边|侧|面|方)',
    E: '[左右]',
    B: '(?:<N>的?)?',
  },
  name: '\\p{Script=Han}',
  most: 8,
  never:
    '[左右写字牌镜图肺肾肝骨影钟时名价钱标号姓东西南北螺转派心读词书屏国歌病瘤脑牙针]|单词|方向|顺序|位置',
  sides: /[左右]/g,
  turn: (side) => (side === '左' ? '右' : '左'),
  questions: [
    '<N>(?:是否)?[在位]于?<B><S>吗?/Y',
    '<N>在<B><S>还是<S>/S',
    '<N>在哪里/S',
    '<N>在<N>的哪一?[边侧]/S',
    '<B><S>(?:是|有)什么(?:动物)?/N',
    '(?:图中|图片|画面)最?<S>(?:是|有)什么/N',
    '图片的<E>[上下]角(?:是|有)什么/N',
    '(?:图片|画面)?<S>有几[只个]<N>/C',
    '哪个物体在<S>/N',
    '<S>的<N>是什么颜色/C',
    '<S>有(?:没有)?<N>吗?/Y',
  ],
  answers: {
    Y: ['是的?', '不是', '否', '对', '有', '没有', '不在'],
    S: ['(?:在<N>的)?<S>'],
    N: ['<N>'],
    C: ['\\d\\d?', '\\p{Script=Han}{1,3}'],
  },
  english: {
    no: '不是|否|没有|不在|不对',
    yes: '是的?|对的?|有',
    left: '左[边侧面方]?',
    right: '右[边侧面方]?',
    not: '不|没',
  },
};

export const LANGUAGES: Readonly<Record<string, LanguageTable>> = {
  de: GERMAN,
  es: SPANISH,
  fr: FRENCH,
  zh: CHINESE,
};
