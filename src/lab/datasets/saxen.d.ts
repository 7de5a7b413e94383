declare module 'saxen' {
  type Place = () => { line: number; column: number };

  /** Used methods of saxen's parser. @see https://github.com/nikku/saxen */
  export class Parser {
    on(
      event: 'openTag',
      handle: (
        name: string,
        attributes: () => Record<string, string> | false,
        decode: (text: string) => string,
        isSelfClosing: boolean,
        place: Place,
      ) => void,
    ): this;
    on(event: 'closeTag', handle: () => void): this;
    on(event: 'text' | 'cdata' | 'attention', handle: (text: string) => void): this;
    on(event: 'error' | 'warn', handle: (error: Error, place: Place) => void): this;
    write(xml: string): this;
    end(): unknown;
  }
}
