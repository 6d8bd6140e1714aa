// What the functions of all doors are made of.
#pragma once

#include "host/guest_memory.h"

namespace tulle::host {

inline constexpr uint32_t kWord = 4;

/// What a function answers; where it failed the message is kept, for the context, too, where there is one.
int32_t answer(NnCall& call, const NnResult<void>& result, NnContext* context = nullptr);

std::unexpected<NnError> outside(std::string_view what);

/// The one part of a model, of a list of parts: address and size of each.
NnResult<std::span<const std::byte>> part_at(const NnCall& call, uint32_t parts, uint32_t count);

/// Puts bytes where the guest wants them; where there is not room enough it learns how many they are. Sizes in memory
/// count units of so many bytes.
NnResult<void> give(NnCall& call, std::span<const std::byte> bytes, uint32_t at, uint32_t most, uint32_t written,
                    uint32_t unit = 1);

/// Of wasi_ephemeral_nn, as other doors have them, too.
int32_t load_by_name(NnCall& call, const uint32_t* arguments);
int32_t init_execution_context(NnCall& call, const uint32_t* arguments);
int32_t compute(NnCall& call, const uint32_t* arguments);

/// Calls make() and puts the number it gives where the guest wants it; the place is looked at first, so that no handle
/// is lost.
template <class Make>
NnResult<void> give_number(NnCall& call, uint32_t out, Make&& make) {
  const auto place = bytes_at(call, out, kWord);
  if (!place) return outside("the place for the answer");
  const NnResult<uint32_t> made = make();
  if (!made) return std::unexpected(made.error());
  put_word(*place, *made);
  return {};
}

/// Calls work(context) for a context that there is and that nobody else works on.
template <class Work>
int32_t with_context(NnCall& call, uint32_t handle, Work&& work) {
  const auto context = call.nn.context(handle);
  if (!context) return answer(call, std::unexpected(context.error()));
  const auto use = (*context)->use();
  if (!use) return answer(call, std::unexpected(use.error()));
  return answer(call, work(**context), context->get());
}

/// The same where it is an error that the context's graph was unloaded.
template <class Work>
int32_t with_attached_context(NnCall& call, uint32_t handle, Work&& work) {
  return with_context(call, handle, [&](NnContext& context) -> NnResult<void> {
    if (auto attached = context.attached(); !attached) return attached;
    return work(context);
  });
}

}  // namespace tulle::host
