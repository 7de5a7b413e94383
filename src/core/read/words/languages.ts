import { partners, words } from './sets.ts';

/** Words that make a text unsafe to rewrite by rules: shorthand, and words of other languages; and words of English. */

/** Abbreviations with their partners; "btm" has none. */
export const SHORTHAND: ReadonlyMap<string, string | undefined> = new Map([
  ...partners('lft rgt, lhs rhs, lh rh, lt rt, lmost rmost'),
  ['btm', undefined],
]);

export const FOREIGN_SIDES = new Set(
  words(
    'rechts linke linken linker linkes rechte rechten rechter rechtes gauche droite izquierda izquierdo derecha derecho sinistra sinistro destra destro esquerda direita links lewo lewej prawo prawej vänster höger venstre højre høyre vasemmalla oikealla kiri kanan trái phải vlevo vpravo levo desno stânga dreapta sağ лево левый слева налево право правый справа направо',
  ),
);
/** Function words that do not exist in English; two different ones make a sentence foreign. */
export const FOREIGN_WORDS = new Set(
  words(`der das ist und wie viele welche welcher auf dem den eine einen sich wo steht neben zwischen nicht sind im zur von vom le les est une dans sur
   quel quelle combien où avec sont el los las es una en cuántos cuantos qué dónde está hay del il gli è nella
   quanti dove os uma quantos onde no het een zijn hoeveel waar van du au aux`),
);

export const ENGLISH = new Set(
  words(`a an the is are was were be been am do does did has have had can could will would should may might what which who
   whose whom where when why how there this that these those it its he she they we you i his her their our my your in
   on at to of for with from by and or not no yes if than as any some many much more most describe name list give tell
   find point show choose select true false count look`),
);
