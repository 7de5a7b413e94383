// The same locks, and one whose heart is waited for.
import './lock.test.ts';
