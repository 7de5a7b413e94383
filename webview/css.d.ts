/** Style sheets are bundled beside the script; importing one gives nothing. */
declare module '*.css';

/** Pages of the documentation are bundled as their text. */
declare module '*.md' {
  const text: string;
  export default text;
}
