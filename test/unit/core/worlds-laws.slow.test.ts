// The laws of worlds on many more.
import './worlds-laws.test.ts';
