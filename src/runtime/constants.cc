// Packed weights between sessions, and between them and packs.
#include "runtime/constants.h"

namespace tulle {

std::shared_ptr<Constants> make_constants() { return std::make_shared<Constants>(); }

Kept Constants::find_kept(const Key& key, uint64_t bytes) {
  const auto& [graph, node, kernels, layout] = key;
  std::shared_ptr<const Pack> pack;
  {
    const Lock lock(mutex_);
    if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
    if (pack_ != nullptr && kernels->name == target_.set) pack = pack_;
  }
  if (pack == nullptr) return {};
  const auto at = pack->find({graph, node, layout});
  if (!at || pack->block_bytes(*at) != bytes) return {};
  const auto block = pack->block(*at);
  if (block) return publish_kept(key, {std::shared_ptr<const std::byte>(pack, block->data()), bytes, true});
  const Lock lock(mutex_);
  damage_ = block.error().message;
  return {};
}

Kept Constants::publish_kept(const Key& key, Kept kept) {
  const Lock lock(mutex_);
  return kept_.emplace(key, std::move(kept)).first->second;
}

void Constants::use(std::shared_ptr<const Pack> pack, const PackTarget& target) {
  const Lock lock(mutex_);
  pack_ = std::move(pack);
  target_ = target;
}

std::string Constants::damage() const {
  const Lock lock(mutex_);
  return damage_;
}

Result<Constants::Written> Constants::write(const std::string& path, const PackTarget& target) const {
  std::map<Pack::Key, Kept> all;
  std::shared_ptr<const Pack> pack;
  {
    const Lock lock(mutex_);
    for (const auto& [key, kept] : kept_) {
      const auto& [graph, node, kernels, layout] = key;
      if (kernels->name == target.set) all.emplace(Pack::Key{graph, node, layout}, kept);
    }
    if (target_ == target) pack = pack_;
  }
  for (size_t i = 0; pack != nullptr && i < pack->size(); ++i) {
    if (all.contains(pack->key(i))) continue;
    if (const auto block = pack->block(i))
      all.emplace(pack->key(i), Kept{std::shared_ptr<const std::byte>(pack, block->data()), block->size(), true});
  }
  std::vector<Pack::Block> blocks;
  for (const auto& [key, kept] : all) blocks.push_back({key, {kept.data.get(), static_cast<size_t>(kept.bytes)}});
  TULLE_TRY(const uint64_t bytes, write_pack(path, target, blocks));
  return Written{blocks.size(), bytes};
}

}  // namespace tulle
