// The same steps, and runs that outlive reloads, terminals and hosts.
import './launch.test.ts';
