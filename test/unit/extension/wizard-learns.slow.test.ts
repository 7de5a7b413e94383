// The plans as they are proposed, on all data sets.
import './wizard-learns.test.ts';
