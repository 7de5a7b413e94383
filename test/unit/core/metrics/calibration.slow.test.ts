// The calibration of intervals and tests at all sizes, which prints calibration-table.md.
import './calibration.test.ts';
