/** A key as it is printed, not as a manifest has it: `ctrl+enter` is Ctrl+Enter, and `shift+/` what makes a question mark. */
export const printed = (key: string): string =>
  key === 'shift+/'
    ? '?'
    : key.replace(/\w{2,}|(?<=\+)\w/g, (name) => name[0]!.toUpperCase() + name.slice(1));
