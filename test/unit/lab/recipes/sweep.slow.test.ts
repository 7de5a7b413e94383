// The same sweep, and those that are killed, stopped, watched or fail.
import './sweep.test.ts';
