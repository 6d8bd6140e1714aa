// Models by name.
#include "host/models.h"

#include <algorithm>
#include <utility>

#include "formats/tflite.h"

namespace tulle::host {

Result<void> Models::add(const std::string& name, const std::string& path) {
  if (models_.contains(name)) return fail(ErrorCode::kInvalidArgument, "model {:?} is given twice", shown(name));
  TULLE_TRY(const auto model, within(tflite::load(path), "model {:?}", shown(name)));
  const auto same = std::ranges::find_if(models_, [&](const auto& entry) {
    return std::ranges::equal(entry.second->model->origin.bytes, model->origin.bytes);
  });
  models_[name] = same != models_.end() ? same->second : std::make_shared<const Loaded>(model);
  return {};
}

std::shared_ptr<const Loaded> Models::find(std::string_view name) const {
  const auto found = models_.find(name);
  return found == models_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<const Loaded>> load(std::vector<std::byte> bytes) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  TULLE_TRY(Model model, tflite::read(*owner, owner));
  return std::make_shared<const Loaded>(std::make_shared<const Model>(std::move(model)));
}

}  // namespace tulle::host
