// The same calls, over files in which every text is marked.
import './hostile-text.test.ts';
