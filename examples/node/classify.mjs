// Says what is in a picture: node classify.mjs MODEL PICTURE [LABELS]; LABELS names the classes, one a line from class 0.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Tulle } from 'tulle';
import { labelOf, parseLabels } from '../shared/labels.mjs';
import { classes } from '../shared/outputs.mjs';
import { feed, preparation } from '../shared/prepare.mjs';
import { readPicture } from './picture.mjs';

const [modelFile, pictureFile, labelsFile] = process.argv.slice(2);
if (!pictureFile) {
  console.error('usage: node classify.mjs MODEL PICTURE [LABELS]');
  process.exit(2);
}

try {
  const model = await Tulle.load(modelFile);
  const how = preparation(model);
  const labels = labelsFile ? parseLabels(await readFile(labelsFile, 'utf8')) : how.labels;
  const [input, output] = [model.inputs[0], model.outputs[0]];
  const data = feed(await readPicture(pictureFile), model.inputs, how);

  const start = performance.now();
  const outputs = await model.run({ [input.name]: data });
  const ms = performance.now() - start;

  const [{ index, score }] = classes(outputs[output.name], output);
  console.log(`Inference: ${basename(pictureFile)}`);
  console.log(`Took ${Math.round(ms)} ms`);
  console.log(`${index} ${labelOf(labels, index)} ${score.toFixed(2)}`);
  model.dispose();
} catch (error) {
  console.error(`classify: ${error.message}`);
  process.exitCode = 3;
}
