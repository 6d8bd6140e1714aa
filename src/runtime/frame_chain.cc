// Chains of a frame: which steps form one, and their run.
#include <algorithm>
#include <cstring>

#include "runtime/frame.h"

namespace tulle {
namespace {

using Clock = std::chrono::steady_clock;

/// Values of so many bytes for each worker are written and read again beyond its second cache; below, chains gain
/// nothing.
constexpr uint64_t kFar = 1 << 20;
/// What a worker keeps of the values of a chain, and the most weights that a step reads again for each band.
constexpr int64_t kNear = 384 << 10;
constexpr uint64_t kWeights = 256 << 10;

}  // namespace

std::optional<Link> Frame::link(const Step& step, const Step* before) const {
  if (step.dynamic || step.outputs.size() != 1 || step.outputs[0] == nullptr) return std::nullopt;
  const Tensor& output = *step.outputs[0];
  const Storage storage = slots_[index_of(output)].storage;
  if (output.shape.rank() != 4 || output.shape[0] != 1 || output.shape[1] < 1 || storage != Storage::kArena)
    return std::nullopt;
  const int64_t row_bytes = static_cast<int64_t>(output.bytes) / output.shape[1];
  const bool by_rows = step.rows.has_value() && step.rows->out_rows == output.shape[1] && step.kept.bytes <= kWeights;
  if (before == nullptr) return by_rows ? std::optional(Link{*step.rows, row_bytes}) : std::nullopt;

  const Tensor& made = *before->outputs[0];
  if (follows(step, *before)) return Link{{.in_rows = made.shape[1], .out_rows = made.shape[1]}, row_bytes};
  const bool fits = by_rows && step.inputs[0] == &made && step.rows->in_rows == made.shape[1];
  const uint64_t far = kFar * static_cast<uint64_t>(workers());
  return fits && uses_[index_of(made)] == 1 && made.bytes >= far ? std::optional(Link{*step.rows, row_bytes})
                                                                 : std::nullopt;
}

void Frame::link_chains() {
  if (shared_.options.keep_all_values) return;
  std::vector<int32_t> steps;
  std::vector<Link> links;
  int convolutions = 0;
  const auto close = [&] {
    if (convolutions > 1) make_chain(std::move(steps), std::move(links));
    steps.clear();
    links.clear();
    convolutions = 0;
  };
  for (const Step& step : steps_) {
    if (!step.kernel && !step.dynamic) continue;
    auto linked = steps.empty() ? std::nullopt : link(step, &steps_[static_cast<size_t>(steps.back())]);
    if (linked.has_value()) {  // bands of one row are too thin for what they need around them
      links.push_back(*linked);
      if (plan_chain(links, 2, kNear).band < 2) links.pop_back(), linked.reset();
    }
    if (!linked.has_value()) {
      close();
      linked = link(step, nullptr);
      if (!linked.has_value()) continue;
      links.push_back(*linked);
    }
    steps.push_back(step.node);
    convolutions += step.rows.has_value();
  }
  close();
}

void Frame::make_chain(std::vector<int32_t> steps, std::vector<Link> links) {
  const size_t count = steps.size();
  Step& last = steps_[static_cast<size_t>(steps.back())];
  auto chain = std::make_unique<Chain>();
  chain->plan = plan_chain(links, links.back().rows.out_rows, kNear);
  const int workers = this->workers();
  for (size_t i = 0; i < count; ++i) {
    Step& step = steps_[static_cast<size_t>(steps[i])];
    const Tensor& output = *step.outputs[0];
    step.chain = last.node;
    chain->row_elements.push_back(output.elements() / output.shape[1]);
    if (i + 1 < count) slots_[index_of(output)].storage = Storage::kNone;
    for (const Tensor* input : step.inputs)
      if (input != nullptr) last_use_[index_of(*input)] = std::max(last_use_[index_of(*input)], last.node);
  }
  chain->workers.resize(static_cast<size_t>(workers));
  for (Chain::Worker& worker : chain->workers) {
    worker.made.resize(count - 1);
    worker.held.resize(count);
    worker.needed.resize(count);
    worker.times.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const Step& step = steps_[static_cast<size_t>(steps[i])];
      worker.inputs.push_back(step.inputs);
      worker.outputs.push_back(step.outputs);
      if (i > 0)
        std::ranges::replace(worker.inputs[i], steps_[static_cast<size_t>(steps[i - 1])].outputs[0],
                             &worker.made[i - 1]);
      if (i + 1 < count) {
        worker.made[i] = *step.outputs[0];
        worker.outputs[i][0] = &worker.made[i];
      }
    }
  }
  chain->steps = std::move(steps);
  chain->links = std::move(links);
  last.scratch_sizes.push_back(chain->plan.bytes * static_cast<uint64_t>(workers));
  last.links = std::move(chain);
}

void Frame::run_chain(Step& last) {
  Chain& chain = *last.links;
  const bool timed = !timings_.empty();
  const Clock::time_point start = timed ? Clock::now() : Clock::time_point();
  const int threads = shared_.pool == nullptr ? 1 : shared_.pool->threads();
  const int32_t rows = chain.links.back().rows.out_rows;
  // Parts see the rows between them twice, so they are few.
  const int32_t parts = std::min(threads == 1 ? 1 : 2 * threads, rows);
  parallel(shared_.pool, parts, [&](int part, int number) {
    Chain::Worker& worker = chain.workers[static_cast<size_t>(number)];
    std::byte* memory = last.scratch.back() + chain.plan.bytes * number;
    std::ranges::fill(worker.held, ops::RowReach::Range{});
    const auto edge = [&](int64_t i) { return static_cast<int32_t>(rows * i / parts); };
    for (int32_t row = edge(part), end; row < edge(part + 1); row = end) {
      end = std::min(row + chain.plan.band, edge(part + 1));
      rows_needed(chain.links, {row, end}, worker.needed);
      run_band(chain, worker, memory, number);
    }
  });
  if (!timed) return;
  // Each step's share of the time that all workers took together.
  const Clock::duration all = Clock::now() - start;
  double sum = 0;
  for (const Chain::Worker& worker : chain.workers)
    for (const Clock::duration time : worker.times) sum += static_cast<double>(time.count());
  for (size_t i = 0; i < chain.steps.size(); ++i)
    for (Chain::Worker& worker : chain.workers) {
      const double share = sum > 0 ? static_cast<double>(worker.times[i].count()) / sum : 0;
      timings_[static_cast<size_t>(chain.steps[i])].time +=
          Clock::duration(static_cast<int64_t>(share * static_cast<double>(all.count())));
      worker.times[i] = {};
    }
}

void Frame::run_band(const Chain& chain, Chain::Worker& worker, std::byte* memory, int number) {
  for (size_t i = 0; i < chain.steps.size(); ++i) {
    Step& step = steps_[static_cast<size_t>(chain.steps[i])];
    ops::RowReach::Range make = worker.needed[i];
    if (i + 1 < chain.steps.size()) {
      // Rows that the band before had in common with this one move to the front.
      ops::RowReach::Range& held = worker.held[i];
      std::byte* rows = memory + chain.plan.offsets[i];
      const int64_t row_bytes = chain.links[i].row_bytes;
      if (held.last > make.first) {
        std::memmove(rows, rows + (make.first - held.first) * row_bytes,
                     static_cast<size_t>((held.last - make.first) * row_bytes));
        held.first = make.first;
        make.first = held.last;
      } else {
        held.first = make.first;
      }
      held.last = worker.needed[i].last;
      // Row 0 would lie before this memory: kernels count rows from the first of the image.
      worker.made[i].data = reinterpret_cast<std::byte*>(reinterpret_cast<uintptr_t>(rows) -
                                                         static_cast<uintptr_t>(held.first * row_bytes));
    }
    if (make.first >= make.last) continue;
    const bool timed = !timings_.empty();
    const Clock::time_point start = timed ? Clock::now() : Clock::time_point();
    ops::Io io{worker.inputs[i], worker.outputs[i], step.scratch, this};
    io.first = make.first * chain.row_elements[i];
    io.count = (make.last - make.first) * chain.row_elements[i];
    io.worker = number;
    (void)step.kernel(io);  // what goes by rows or pieces does not fail
    if (timed) worker.times[i] += Clock::now() - start;
  }
}

}  // namespace tulle
