// The laws of worlds on eight times as many.
import './worlds-laws.test.ts';
