/** How a message begins that says why nothing is started; beside it, pages show the button that leads out. */
export const RESTRICTED = 'This folder is open in Restricted Mode';
