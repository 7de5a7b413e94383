// The calibration of intervals and tests at all sizes, which prints the table of docs/evaluation.md.
import './calibration.test.ts';
