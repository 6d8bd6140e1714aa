// What the verbs share: opening models, printing, decoration.
#include "cli/verb.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "formats/tflite.h"
#include "vision/utf8.h"

namespace tulle::cli {

OptionList pack_options(RunOptions& options) {
  return {excludes(
              {"--pack", &options.packs.file, "Take packed weights out of this file, which `tulle pack` wrote", "FILE"},
              "--no-cache"),
          {"--no-cache", &options.packs.no_cache, "Leave the cache of packed weights alone"}};
}
Option threads_option(RunOptions& options) {
  return {"--threads", &options.threads, "Threads that work on one inference, 1 to 1024 (default 1)", "N",
          between(1, 1024)};
}
Option json_option(bool& json) { return {"--json", &json, "Print the result as JSON"}; }
Check assignment() {
  return [](const std::string& text) {
    return text.find('=') == std::string::npos ? text + " is not NAME=FILE" : std::string();
  };
}

Result<Opened> open(const RunOptions& options, SessionOptions session) {
  TULLE_TRY(auto model, in_file(options.model, tflite::load(options.model)));
  Opened opened{nullptr, Packs(options.packs, *model)};
  session.constants = opened.packs.constants();
  session.signature = options.signature;
  session.threads = options.threads;
  TULLE_TRY(opened.session, in_file(options.model, Session::create(std::move(model), std::move(session))));
  return opened;
}

std::string to_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }
void print_json(const Json& json) { print_text(to_text(json)); }

void print_text(std::string_view text) {
  const std::string safe = harmless(text, "\n");
  std::fwrite(safe.data(), 1, safe.size(), stdout);
}

std::string harmless(std::string_view text, std::string_view keep) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t length = character(text, i);
    const auto lead = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters, too.
    const bool control =
        lead < 0x20 || lead == 0x7F || (lead == 0xC2 && length == 2 && static_cast<unsigned char>(text[i + 1]) < 0xA0);
    if (length == 0 || (control && keep.find(text[i]) == std::string_view::npos))
      out += '?';
    else
      out += text.substr(i, length);
    i += length == 0 ? 1 : length;
  }
  return out;
}

bool decorated(int stream) {
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(stream) != 0 && (no_color == nullptr || *no_color == '\0');
}

std::string amount(int64_t number, std::string_view unit) {
  constexpr std::pair<double, const char*> kScales[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  for (const auto& [scale, prefix] : kScales)
    if (static_cast<double>(number) >= scale)
      return fmt::format("{:.2f} {}{}{}", static_cast<double>(number) / scale, prefix, unit == "B" ? "" : " ", unit);
  return fmt::format("{} {}", number, unit);
}

Json to_json(const Shape& shape) {
  Json dims = Json::array();
  for (int32_t dim : shape) dims.push_back(dim);
  return dims;
}

}  // namespace tulle::cli
