import type { Mapping, Row } from './mapping.ts';

/** Our own rows (docs/records.md). A parquet table keeps keys that records.md does not name under `chirality`. */
export const native: Mapping = {
  name: 'qa',
  about: 'qa.jsonl, or a parquet table written by convert',
  columns: ['id', 'question', 'answer'],
  sample({ chirality, ...row }) {
    return { ...row, ...(chirality as Row | null | undefined) };
  },
};
