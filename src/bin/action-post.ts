import { renderAnnotation } from '../action/protocol.ts';
import { writeAll } from '../io/files/descriptor.ts';
import { removeJobFolder } from '../io/job-folder.ts';
import { tell } from './action-files.ts';

/** Runs at the end of a job, even a failed one: leaves nothing of ours on the runner. */

const { RUNNER_TEMP: temp = '', STATE_folder: folder = '', STATE_before: before } = process.env;
try {
  // Post steps of earlier steps run later, and log out in the old DOCKER_CONFIG.
  if (before !== undefined) tell('ENV', 'DOCKER_CONFIG', before);
  removeJobFolder(folder, temp);
} catch (error) {
  const { code } = error as NodeJS.ErrnoException;
  const what = `${folder}: cannot be removed (${code}); fix: remove it, because it holds logins`;
  writeAll(1, renderAnnotation('warning', 'registry-auth ACTION_NOT_REMOVED', what));
}
