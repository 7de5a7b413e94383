// The plans as they are proposed, on all datasets.
import './wizard-learns.test.ts';
