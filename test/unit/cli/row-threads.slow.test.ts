// With every view.
import './row-threads.test.ts';
