import { renderAnnotation } from '../action/protocol.ts';
import { writeAll } from '../io/descriptor.ts';
import { removeJobFolder } from '../io/job-folder.ts';

/** The end of a job, also of one that failed: nothing of ours stays on the runner. */

const { RUNNER_TEMP: temp = '', STATE_folder: folder = '' } = process.env;
try {
  removeJobFolder(folder, temp);
} catch (error) {
  const { code } = error as NodeJS.ErrnoException;
  const what = `${folder}: cannot be removed (${code}); fix: remove it, for it holds logins`;
  writeAll(1, renderAnnotation('warning', 'registry-auth ACTION_NOT_REMOVED', what));
}
