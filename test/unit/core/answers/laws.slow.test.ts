// All laws of answers, and those of noise in evaluations, with four times as many cases.
import './choice-laws.test.ts';
import './laws.test.ts';
import './measure-laws.test.ts';
import './place-laws.test.ts';
import './sentence-laws.test.ts';
import './several-laws.test.ts';
import './turn-laws.test.ts';
import '../evaluation/box-fit.test.ts';
import '../metrics/evaluation-alarms.test.ts';
