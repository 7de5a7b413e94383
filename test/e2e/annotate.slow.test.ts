// The same steps, and every text field, other writers, unsaved edits, two windows.
import './annotate.test.ts';
