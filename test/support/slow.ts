/** Whether the slow tests run. A `*.slow.test.ts` that imports another file tries with this what that file leaves out. */
export const isSlow = process.env.CHIRALITY_SLOW === '1';
