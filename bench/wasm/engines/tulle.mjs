// Tulle as its users have it: the package `tulle`, one of its two builds.
let lib, build;

export async function load(host, chosen) {
  lib = await host.tulle();
  build = chosen;
}

export async function open(host, bytes) {
  const model = await lib.Tulle.load(bytes, {build}), [input] = model.inputs, [output] = model.outputs;
  const feeds = {};
  return {
    set(values) {
      feeds[input.name] = model.view(input.name);
      feeds[input.name].set(values);
    },
    async run() {
      const answers = await model.run(feeds);
      return answers[output.name].data;
    },
  };
}
