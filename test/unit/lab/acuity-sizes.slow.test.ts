import { plantObservers } from '../../support/planted-observers.ts';

plantObservers(['size', 'number', 'own-side']);
