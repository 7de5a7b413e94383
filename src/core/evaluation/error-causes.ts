export const ERROR_CAUSES = ['format', 'graph', 'answer'] as const;

/** Whether a model's graph or its conclusion from it failed. */
export interface Attribution {
  /**
   * Implication of the model's graph for the right answer: right, wrong, or undecided (`silent`); `none`: no graph
   * could be read.
   */
  graph: 'right' | 'wrong' | 'silent' | 'none';
  /**
   * Cause of a wrong answer. `format`: the answer is unparsed, or there is no graph; `graph`: the graph does not lead
   * to the right answer; `answer`: it does, but the answer differs. Null if the answer is right.
   */
  error: (typeof ERROR_CAUSES)[number] | null;
}
