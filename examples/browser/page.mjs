// The page: pictures from files, samples, the clipboard and the camera go to the worker, its answers to stage and panel.
// ?model=URL&labels=URL&build=simd128|relaxed choose what it begins with.
import { parseLabels } from '../shared/labels.mjs';
import { Engine } from './engine.mjs';
import { clear, ofDetector, showError, showFound, showModel, showTime } from './panel.mjs';
import { Camera, decode, pixels } from './pictures.mjs';
import { Stage } from './stage.mjs';

const kRoot = new URL('../../', import.meta.url);
const kDigits = new URL('models/digits/', kRoot);
const kTimes = 15; // of the camera's last runs, for their median

const byId = (id) => document.getElementById(id);
const engine = new Engine();
const stage = new Stage(byId('picture'));
const camera = new Camera();
let model; // {source, labels, choice}, once there is one
let asked; // {source, labels} of the model asked for last
let loading; // a promise of it
let turn = 0; // counts what was asked for, so that answers that come late are dropped
let live = 0; // which start of the camera is on, counted from 1; 0 where it is off
let starts = 0;

/** Does something, and says what went wrong with it. */
async function attempt(act) {
  const mine = ++turn;
  try {
    await act(mine);
  } catch (error) {
    if (mine !== turn) return;
    stage.mark();
    showError(error);
  }
}

const textOf = async (source) => {
  if (typeof source !== 'string') return source.text();
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source}: HTTP status ${response.status}`);
  return response.text();
};

/** Loads a model from a URL or a file, with its own labels or those of a URL or file. */
function load(source, labels) {
  const choice = byId('choice').value;
  const act = async () => {
    const names = labels && parseLabels(await textOf(labels));
    const name = typeof source === 'string' ? decodeURIComponent(new URL(source).pathname.split('/').pop()) : source.name;
    const loaded = await engine.load({ source, name, build: choice === 'auto' ? undefined : choice });
    model = { source, labels: names ?? loaded.labels, choice };
    showModel({ ...loaded, name });
  };
  asked = { source, labels };
  return (loading = act());
}

function show(found, size) {
  const labels = found.kind === 'boxes' ? ofDetector(model.labels) : model.labels;
  stage.mark(found, labels);
  showFound(found, labels, size);
}

/** Asks the model about the picture on the stage, if there is one. */
async function look(mine) {
  if (!model) await loading;
  if (!stage.source || live || mine !== turn) return;
  const { width, height } = stage.source;
  const found = await engine.look(pixels(stage.source));
  if (mine !== turn) return;
  show(found, { width, height });
  showTime(found.ms);
}

/** Puts a picture on the stage and asks about it. */
async function see(blob, name, mine) {
  const bitmap = await decode(blob, name);
  if (mine !== turn) return bitmap.close();
  if (live) {
    stopCamera();
    clear();
  }
  byId('invite').hidden = true;
  byId('picture').ariaLabel = `Picture: ${name}`;
  stage.show(bitmap);
  await look(mine);
}

const isModel = async (file) =>
  /\.(tflite|lite|tfl)$/i.test(file.name) || (await file.slice(4, 8).text()) === 'TFL3';
const isText = (file) => /\.(txt|labels)$/i.test(file.name);

/** Files that were dropped, chosen or pasted: a model, labels, a picture. */
function take(files) {
  if (files.length === 0) return;
  clear();
  void attempt(async (mine) => {
    const kinds = await Promise.all(files.map(async (file) => ((await isModel(file)) ? 'model' : isText(file) ? 'labels' : 'picture')));
    const [newModel, labels, picture] = ['model', 'labels', 'picture'].map((kind) => files[kinds.indexOf(kind)]);
    if (newModel) await load(newModel, labels);
    else if (labels && model) model.labels = parseLabels(await textOf(labels));
    if (!picture) return look(mine);
    press();
    return see(picture, picture.name, mine);
  });
}

/** Marks the sample that was chosen, or none. */
function press(chosen) {
  for (const button of byId('samples').children) button.ariaPressed = String(button === chosen);
}

function choose(button) {
  clear();
  press(button);
  return attempt(async (mine) => {
    const { src, alt } = button.firstElementChild;
    const response = await fetch(src);
    if (!response.ok) throw new Error(`${src}: HTTP status ${response.status}`);
    await see(await response.blob(), alt, mine);
  });
}

/** Ends the camera where it is on; its last frame stays. */
function stopCamera() {
  if (!live) return;
  live = 0;
  stage.freeze();
  camera.stop();
  byId('camera').textContent = 'Camera';
  byId('camera').ariaPressed = 'false';
  byId('label').ariaLive = 'polite';
}

/** One frame after the other: each is shown, and asked about when the answer to the one before is there. */
function watch() {
  const mine = live;
  const times = [];
  let seen;
  let isBusy = false;
  const frame = async () => {
    if (mine !== live) return;
    requestAnimationFrame(frame);
    stage.draw();
    const { video } = camera;
    if (isBusy || video.currentTime === seen || !video.videoWidth) return;
    isBusy = true;
    seen = video.currentTime;
    try {
      const found = await engine.look(pixels(video));
      if (mine !== live) return;
      times.push(found.ms);
      if (times.length > kTimes) times.shift();
      show(found, { width: video.videoWidth, height: video.videoHeight });
      showTime([...times].sort((a, b) => a - b)[times.length >> 1]);
    } catch (error) {
      if (mine !== live) return;
      stopCamera();
      showError(error);
    } finally {
      isBusy = false;
    }
  };
  void frame();
}

function toggleCamera() {
  if (live) {
    stopCamera();
    return;
  }
  clear();
  press();
  byId('camera').disabled = true;
  void attempt(async (mine) => {
    if (!model) await loading;
    await camera.start(stopCamera);
    if (mine !== turn) return camera.stop();
    live = ++starts;
    byId('camera').textContent = 'Stop';
    byId('camera').ariaPressed = 'true';
    byId('label').ariaLive = 'off'; // it changes with every frame
    byId('invite').hidden = true;
    stage.show(camera.video);
    watch();
  }).finally(() => (byId('camera').disabled = false));
}

function listen() {
  byId('files').addEventListener('change', ({ target }) => {
    take([...target.files]);
    target.value = ''; // so that the same file can be chosen again
  });
  byId('camera').addEventListener('click', toggleCamera);
  byId('choice').addEventListener('change', () => {
    clear();
    const before = model;
    void attempt(async (mine) => {
      await (before ? load(before.source) : load(asked.source, asked.labels)).catch((error) => {
        if (before) byId('choice').value = before.choice;
        throw error;
      });
      if (before) model.labels = before.labels;
      await look(mine);
    });
  });
  document.addEventListener('paste', ({ clipboardData }) => take([...clipboardData.files]));
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!relatedTarget) document.body.classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    take([...event.dataTransfer.files]);
  });
}

function addSamples() {
  for (let digit = 0; digit <= 9; ++digit) {
    const image = Object.assign(new Image(64, 64), { src: new URL(`images/${digit}.png`, kDigits).href, alt: `a handwritten ${digit}` });
    const button = Object.assign(document.createElement('button'), { type: 'button', ariaPressed: 'false' });
    button.append(image);
    button.addEventListener('click', () => void choose(button));
    byId('samples').append(button);
  }
}

async function start() {
  const query = new URLSearchParams(location.search);
  const given = (key) => query.get(key) && new URL(query.get(key), location).href;
  if (query.get('build')) byId('choice').value = query.get('build');
  addSamples();
  listen();
  const kFirst = 3; // what the page shows before anything is chosen
  const isDefault = !given('model');
  await attempt((mine) => load(given('model') ?? new URL('digits_int8.tflite', kDigits).href, given('labels')).then(() => look(mine)));
  if (isDefault && model && turn === 1) await choose(byId('samples').children[kFirst]);
}

void start();
