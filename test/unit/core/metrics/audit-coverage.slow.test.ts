// The coverage of the estimate from judged answers at all sizes, which prints the table of audit-coverage.md.
import './audit-coverage.test.ts';
