// The same runs, those that train one stage alone, and one that is stopped and resumed.
import './two-stages.test.ts';
