// A thousand corruptions of every container.
import './corrupt.test.ts';
import './trackio.test.ts';
