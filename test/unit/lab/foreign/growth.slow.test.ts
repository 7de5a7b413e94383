// Sixty cuts of every file that grows.
import './growth.test.ts';
