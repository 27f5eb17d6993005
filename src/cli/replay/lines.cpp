#include "cli/replay/lines.hpp"

#include <vector>
#include <zlib.h>

namespace calypte::cli {

struct LineReader::Impl {
  gzFile file = nullptr;
  std::vector<char> buffer = std::vector<char>(std::size_t{1} << 16U);
  std::size_t at = 0;
  std::size_t size = 0;
};

LineReader::LineReader(const std::filesystem::path& path) : impl_(std::make_unique<Impl>()) {
  impl_->file = gzopen(path.c_str(), "rb");  // reads what is not compressed as it is
  if (impl_->file == nullptr) status_ = {StatusCode::unavailable, "cannot open " + path.string()};
}

LineReader::~LineReader() {
  if (impl_->file != nullptr) gzclose(impl_->file);
}

bool LineReader::fill() {
  if (impl_->file == nullptr || !status_.ok()) return false;
  const int read = gzread(impl_->file, impl_->buffer.data(), static_cast<unsigned>(impl_->buffer.size()));
  impl_->at = 0;
  impl_->size = read > 0 ? static_cast<std::size_t>(read) : 0;
  if (read > 0) return true;
  // A file that was cut off ends without a failed read; only the error code tells.
  int code = Z_OK;
  const char* text = gzerror(impl_->file, &code);
  if (code != Z_OK && code != Z_STREAM_END) status_ = {StatusCode::malformed, std::string("gzip: ") + text};
  return false;
}

bool LineReader::next(std::string& line) {
  line.clear();
  for (;;) {
    if (impl_->at == impl_->size && !fill()) return status_.ok() && !line.empty();
    const char* begin = impl_->buffer.data() + impl_->at;
    const char* end = impl_->buffer.data() + impl_->size;
    const char* at = begin;
    while (at != end && *at != '\n') ++at;
    line.append(begin, at);
    impl_->at += static_cast<std::size_t>(at - begin);
    if (at == end) continue;
    ++impl_->at;
    return true;
  }
}

}  // namespace calypte::cli
