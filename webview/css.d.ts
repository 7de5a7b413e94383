/** Style sheets are bundled separately; their import has no value. */
declare module '*.css';

/** Pages of the documentation are bundled as text. */
declare module '*.md' {
  const text: string;
  export default text;
}
