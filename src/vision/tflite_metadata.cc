// Reading TensorFlow Lite's metadata through FlatBuffers' verifier.
#include "vision/tflite_metadata.h"

#include <cmath>

#include "tflite_metadata_generated.h"

namespace tulle {
namespace {

/// The label file to read: what an output's list names, English before others.
const metadata::File* label_file(const metadata::Subgraph& graph) {
  const metadata::File* found = nullptr;
  if (graph.outputs() == nullptr) return found;
  for (const metadata::Tensor* output : *graph.outputs()) {
    if (output->files() == nullptr) continue;
    for (const metadata::File* file : *output->files()) {
      const bool labels =
          file->kind() == metadata::FileKind::AXIS_LABELS || file->kind() == metadata::FileKind::VALUE_LABELS;
      if (!labels || file->name() == nullptr) continue;
      if (file->locale() != nullptr && file->locale()->string_view() == "en") return file;
      if (found == nullptr) found = file;
    }
  }
  return found;
}

std::vector<float> numbers(const flatbuffers::Vector<float>* list) {
  std::vector<float> out;
  for (flatbuffers::uoffset_t i = 0; list != nullptr && i < list->size(); ++i) out.push_back(list->Get(i));
  return out;
}

void read_normalization(const metadata::Subgraph& graph, TfliteMetadata& to) {
  if (graph.inputs() == nullptr || graph.inputs()->size() == 0 || graph.inputs()->Get(0)->process() == nullptr) return;
  for (const metadata::Process* process : *graph.inputs()->Get(0)->process()) {
    const metadata::Normalization* step = process->step_as_Normalization();
    if (step == nullptr) continue;
    const std::vector<float> mean = numbers(step->mean()), std = numbers(step->std());
    const auto fits = [](const std::vector<float>& list) {
      bool good = list.size() == 1 || list.size() == 3;
      for (float x : list) good = good && std::isfinite(x);
      return good;
    };
    bool divides = true;
    for (float x : std) divides = divides && x != 0;
    if (fits(mean) && fits(std) && divides) to.mean = mean, to.std = std;
  }
}

}  // namespace

TfliteMetadata read_tflite_metadata(const Model& model) {
  TfliteMetadata out;
  const auto bytes = model.find_metadata("TFLITE_METADATA");
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(data, bytes.size());
  if (bytes.size() < 8 || !metadata::VerifyModelBuffer(verifier)) return out;
  const metadata::Model* root = metadata::GetModel(data);
  if (root->subgraphs() == nullptr || root->subgraphs()->size() == 0) return out;
  const metadata::Subgraph& graph = *root->subgraphs()->Get(0);
  read_normalization(graph, out);
  if (const metadata::File* named = label_file(graph)) out.labels_file = named->name()->string_view();
  return out;
}

}  // namespace tulle
