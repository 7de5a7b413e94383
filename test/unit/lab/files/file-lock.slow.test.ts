// The same locks, and one that is waited for to the end of patience.
import './file-lock.test.ts';
