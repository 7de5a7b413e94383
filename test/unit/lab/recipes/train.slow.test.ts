// The same runs, and every warning of a cluster.
import './train.test.ts';
