import { execFile, type ExecFileException } from 'node:child_process';
import { basename } from 'node:path';
import { DataError } from '../datasets/data-error.ts';

/*
 * Videos by the machine's ffmpeg, as a program of its own: arguments as a list, no shell, no network, only containers
 * that hold their own images. A playlist would have it open other files.
 */

/** The program. Named by a person, it is taken as it is. */
const ffmpeg = (): string => process.env.CHIRALITY_FFMPEG || 'ffmpeg';

/** How long one call of ffmpeg may take, in ms. */
const LIMIT_MS = 120_000;
/** The list of a video's images: some 60 bytes each, so this is about a day. */
const MAX_LIST = 256 * 2 ** 20;
/** Options of every call: it says nothing but errors, and waits for nobody. */
export const QUIET = ['-hide_banner', '-nostdin', '-loglevel', 'error'];

export const damaged = (path: string, why: string): DataError =>
  new DataError('video-damaged', `Cannot read ${basename(path)} as a video: ${why}.`, {
    fix: 'Download or export the file again, or convert it to MP4.',
  });

/**
 * Runs ffmpeg and returns what it prints.
 * @param path the file that an error names. @throws DataError that says in one line what to do
 */
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
    return damaged(path, 'it is not a video, uses an unsupported format, or is truncated');
  return damaged(
    path,
    // Without the part of ffmpeg that says it, and where that lay in memory.
    output
      .trim()
      .split('\n')[0]
      ?.replace(/^\[[^\]]* @ 0x[^\]]*\] /, '')
      .replaceAll(`file:${path}`, name)
      .replace(/[.:]$/, '') || error.message,
  );
}
