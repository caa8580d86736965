// node pull.cjs PROGRAM IMAGE…: pulls, or builds upon, each image; what is sent is for the engine.
const { mkdtempSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const Dockerode = require('dockerode');
const { GenericContainer } = require('testcontainers');

const [, , program, ...images] = process.argv;

const programs = {
  testcontainers: (image) => new GenericContainer(image).start(),
  'testcontainers-build': (image) => {
    const context = mkdtempSync(join(process.env.HOME, 'context-'));
    writeFileSync(join(context, 'Dockerfile'), `FROM ${image}\n`);
    return GenericContainer.fromDockerfile(context).build('built', { deleteOnExit: false });
  },
  dockerode: (image) => new Dockerode().pull(image),
};

async function main() {
  for (const image of images) {
    // The engine has no containers: what comes after the pull fails.
    await programs[program](image).catch((error) => console.error(image, error.message));
  }
  process.exit(0);
}

void main();
