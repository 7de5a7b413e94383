import { ICONS, type IconName } from './icons.ts';
import './icons.css';

/** A codicon; its meaning must be in words beside it. */
export const Icon = ({ name }: { name: IconName }) => (
  <i class="codicon" aria-hidden="true">
    {ICONS[name]}
  </i>
);
