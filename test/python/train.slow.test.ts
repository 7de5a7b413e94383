// The same runs, what they export, one in bfloat16, and one whose worker is killed.
import './train.test.ts';
