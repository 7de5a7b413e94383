import { plantObservers } from '../../support/planted-observers.ts';

plantObservers(['side', 'height', 'nearer']);
