// The same steps, and a file of 60 MB, a reload, the palette.
import './pair.test.ts';
