import { plantObservers } from '../../support/planted-observers.ts';

// Of speeds, whose questions have four habits, lapses are held too rarely (docs/acuity-method.md).
plantObservers(['motion']);
