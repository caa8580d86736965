import { renderAnnotation } from '../action/protocol.ts';
import { writeAll } from '../io/descriptor.ts';
import { removeJobFolder } from '../io/job-folder.ts';
import { tell } from './action-files.ts';

/** The end of a job, also of one that failed: nothing of ours stays on the runner. */

const { RUNNER_TEMP: temp = '', STATE_folder: folder = '', STATE_before: before } = process.env;
try {
  // The ends of earlier steps come after this one: what they log out of is where it was.
  if (before !== undefined) tell('ENV', 'DOCKER_CONFIG', before);
  removeJobFolder(folder, temp);
} catch (error) {
  const { code } = error as NodeJS.ErrnoException;
  const what = `${folder}: cannot be removed (${code}); fix: remove it, because it holds logins`;
  writeAll(1, renderAnnotation('warning', 'registry-auth ACTION_NOT_REMOVED', what));
}
