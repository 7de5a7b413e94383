// The same, of all configs.
import './equations.test.ts';
