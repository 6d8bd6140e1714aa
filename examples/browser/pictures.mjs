// Pictures from files, URLs and the camera, and their pixels.

const canvas = document.createElement('canvas');
const context = canvas.getContext('2d', { willReadFrequently: true });

/** Decodes a picture as the command does: turned by its Exif orientation, its colours taken as they are. */
export async function decode(blob, name) {
  try {
    return await createImageBitmap(blob, { colorSpaceConversion: 'none' });
  } catch (cause) {
    throw new Error(`${name}: not a picture that this browser can read`, { cause });
  }
}

/** The RGBA pixels of a bitmap or of a video's frame. What is transparent is white. */
export function pixels(source) {
  const width = source.videoWidth ?? source.width;
  const height = source.videoHeight ?? source.height;
  Object.assign(canvas, { width, height });
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, data };
}

const kRefused = {
  NotAllowedError: 'it was not allowed',
  NotFoundError: 'there is none',
  NotReadableError: 'another program uses it',
};

/** The camera as a video that plays; `stop` lets the camera go. */
export class Camera {
  #stream;
  video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });

  /** Starts it; `whenGone` is called where it ends by itself. */
  async start(whenGone) {
    try {
      if (!navigator.mediaDevices) throw new Error('it needs https, or localhost');
      const video = { facingMode: 'environment', width: { ideal: 640 }, height: { ideal: 480 } };
      this.#stream = await navigator.mediaDevices.getUserMedia({ video });
      for (const track of this.#stream.getTracks()) track.onended = whenGone;
      this.video.srcObject = this.#stream;
      await this.video.play();
    } catch (cause) {
      this.stop();
      throw new Error(`the camera can't be used: ${kRefused[cause.name] ?? cause.message}`, { cause });
    }
  }

  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = this.video.srcObject = null;
  }
}
