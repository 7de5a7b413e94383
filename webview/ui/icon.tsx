import { ICONS, type IconName } from './icons.ts';
import './icons.css';

/** A codicon; what it means must be told beside it. */
export const Icon = ({ name }: { name: IconName }) => (
  <i class="codicon" aria-hidden="true">
    {ICONS[name]}
  </i>
);
