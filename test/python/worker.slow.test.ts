// The same, and its types.
import './worker.test.ts';
