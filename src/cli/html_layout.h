// Where the boxes and lines of a drawn graph go, in rows and lanes.
#pragma once

#include <cstddef>
#include <vector>

#include "graph/graph.h"

namespace tulle::cli {

/// A node, or with node -1 an input or output of the graph.
struct Box {
  int node = -1;
  int32_t value = -1;  ///< the input or output; of a node its first result, or kAbsent
  int row = 0, lane = 0;
};

/// A line from the box that makes a value to a box that reads it. One that passes over rows runs in a channel to the
/// right of the maker's lane; lines of one value share it.
struct Line {
  size_t from = 0, to = 0;
  int channel = -1;
};

struct Layout {
  std::vector<Box> boxes;
  std::vector<Line> lines;
  int rows = 0;
  std::vector<int> channels;  ///< how many each lane has
};

/// Lays out the first `count` nodes: each in the row below the lowest that it reads, in that one's lane where free.
Layout lay_out(const Graph& graph, size_t count);

}  // namespace tulle::cli
