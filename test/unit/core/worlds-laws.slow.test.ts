// The laws of worlds on many more.
import './worlds-acuity-clips.test.ts';
import './worlds-laws.test.ts';
