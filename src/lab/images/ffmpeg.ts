import { execFile, type ExecFileException } from 'node:child_process';
import { basename } from 'node:path';
import { DataError } from '../datasets/data-error.ts';

/*
 * Runs the machine's ffmpeg in a separate process: no shell, no network, only containers with their own images.
 * Playlists would open further files.
 */

/** Returns the path of ffmpeg. A path that the user sets is not checked. */
const ffmpeg = (): string => process.env.CHIRALITY_FFMPEG || 'ffmpeg';

/** Maximum duration of one call of ffmpeg, in ms. */
const LIMIT_MS = 120_000;
/** Maximum size of the list of a video's frames, in bytes. At about 60 bytes per frame, a day of video. */
const MAX_LIST = 256 * 2 ** 20;
/** Options for every call of ffmpeg: prints only errors, and reads no standard input. */
export const QUIET = ['-hide_banner', '-nostdin', '-loglevel', 'error'];

export const damaged = (path: string, why: string): DataError =>
  new DataError('video-damaged', `Cannot read ${basename(path)} as a video: ${why}.`, {
    fix: 'Download or export the file again, or convert it to MP4.',
  });

/** Runs ffmpeg and returns its output. @param path file name for error messages. @throws DataError with a fix */
export function run(path: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      ffmpeg(),
      args,
      { timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_LIST, windowsHide: true },
      (error, stdout, stderr) => {
        if (error) reject(explained(path, error, stderr));
        else resolve(stdout);
      },
    );
  });
}

function explained(path: string, error: ExecFileException, output: string): Error {
  const name = basename(path);
  if (error.code === 'ENOENT' || error.code === 'EACCES')
    return new DataError(
      'no-ffmpeg',
      `Cannot read the video ${name}, because ffmpeg (${ffmpeg()}) does not start.`,
      {
        fix: 'Install ffmpeg (apt-get, brew or winget install ffmpeg), or set CHIRALITY_FFMPEG to its path.',
      },
    );
  if (error.killed || error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return new DataError('video-slow', `ffmpeg took longer than ${LIMIT_MS / 1000} s for ${name}.`, {
      fix: 'Cut out the part that the row uses, or reduce the size of the video.',
    });
  if (/unknown encoder/i.test(output))
    return new DataError('no-encoder', 'This ffmpeg cannot write H.264 (libx264).', {
      fix: 'Install another ffmpeg, or remove --video to send frames as images.',
    });
  if (/matches no streams|does not contain any stream/i.test(output))
    return new DataError('video-silent', `${name} contains no images.`, {
      fix: 'Use the file with the images.',
    });
  if (
    /not in allowed list|not on whitelist|Invalid data found|could not find codec|dimensions not set|moov atom not found/i.test(
      output,
    )
  )
    return damaged(path, 'the file is not a video, uses an unsupported format, or is truncated');
  return damaged(
    path,
    // Removes ffmpeg's prefix, which contains a component name and a memory address.
    output
      .trim()
      .split('\n')[0]
      ?.replace(/^\[[^\]]* @ 0x[^\]]*\] /, '')
      .replaceAll(`file:${path}`, name)
      .replace(/[.:]$/, '') || error.message,
  );
}
