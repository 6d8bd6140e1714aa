// Unpacking of weights.
#include "ops/weights.h"

#include "ops/packed.ref.h"

namespace tulle::ops {

Weights::Weights(Site& site, int index)
    : index_(index),
      bits_(bits(site.in(index).dtype)),
      count_(site.in(index).elements()),
      data_(site.in(index).as<int8_t>()) {
  if (bits_ >= 8) return;
  const Value& value = site.model->graphs[site.graph_index].values[site.node->inputs[index]];
  if (site.model->data(value).empty()) {
    scratch_ = site.scratch(static_cast<uint64_t>(count_));
    return;
  }
  unpacked_.resize(count_);
  tulle_unpack(site.in(index).as<uint8_t>(), bits_, count_, unpacked_.data());
}

const int8_t* Weights::at(const Io& io) const {
  if (bits_ >= 8) return io.in<int8_t>(index_);
  if (scratch_ < 0) return unpacked_.data();
  auto* out = reinterpret_cast<int8_t*>(io.scratch[scratch_]);
  tulle_unpack(io.in<uint8_t>(index_), bits_, count_, out);
  return out;
}

}  // namespace tulle::ops
