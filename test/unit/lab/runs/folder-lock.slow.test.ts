// The same locks, and one whose heart is waited for.
import './folder-lock.test.ts';
