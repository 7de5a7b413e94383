export const ERROR_CAUSES = ['format', 'graph', 'answer'] as const;

/** Whether a model's graph or its conclusion from it failed. */
export interface Attribution {
  /**
   * What the model's graph implies about the right answer: that it is right, that it is wrong, or nothing (`silent`);
   * `none`: no graph could be read.
   */
  graph: 'right' | 'wrong' | 'silent' | 'none';
  /**
   * The cause of a wrong answer. `format`: the answer could not be read, or there was no graph; `graph`: the graph does
   * not lead to the right answer; `answer`: it does, but was not followed. Null if the answer is right.
   */
  error: (typeof ERROR_CAUSES)[number] | null;
}
