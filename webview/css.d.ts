/** Style sheets are bundled separately, so importing a style sheet gives no value. */
declare module '*.css';

/** Pages of the documentation, which are bundled as text. */
declare module '*.md' {
  const text: string;
  export default text;
}
