// The coverage of the estimate from judged answers at all sizes, which prints the table of docs/audit.md.
import './audit-coverage.test.ts';
