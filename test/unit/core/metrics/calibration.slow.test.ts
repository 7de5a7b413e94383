// The calibration of intervals and tests at all sizes, which prints the table of docs/answers-and-metrics.md.
import './calibration.test.ts';
