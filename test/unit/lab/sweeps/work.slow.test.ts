// The same sweep, and those that are killed, stopped, watched or fail.
import './work.test.ts';
