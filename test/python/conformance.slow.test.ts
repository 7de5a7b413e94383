// The same, and other precisions and weights.
import './conformance.test.ts';
