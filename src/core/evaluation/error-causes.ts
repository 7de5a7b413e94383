export const ERROR_CAUSES = ['format', 'graph', 'answer'] as const;

/** Whether the model's scene graph failed, or its conclusion from the graph. */
export interface Attribution {
  /**
   * Answer that follows from the model's scene graph: right, wrong, or undecided (`silent`); `none`: graph unreadable.
   */
  graph: 'right' | 'wrong' | 'silent' | 'none';
  /**
   * Cause of a wrong answer. `format`: the answer is unparsed, or there is no scene graph; `graph`: the graph does not
   * lead to the right answer; `answer`: the graph does, but the model answers differently. Null if the answer is right.
   */
  error: (typeof ERROR_CAUSES)[number] | null;
}
