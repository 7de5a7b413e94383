import { plantObservers } from '../../support/planted-observers.ts';

plantObservers(['motion', 'speed', 'order']);
