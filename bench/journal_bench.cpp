// What a round pays on the loop's thread before its requests may leave.
#include <benchmark/benchmark.h>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include "engine/journal_record.hpp"
#include "journal/log_writer.hpp"

namespace calypte::journal {
namespace {

/// An append of a record of so many bytes: an order intent has some 600. The folder is thrown away afterwards.
void journal_append(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / ("calypte-bench-" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  auto log = LogWriter::open(folder, {.segment_size = std::size_t{64} << 20U});
  if (!log.ok()) throw std::runtime_error(log.status().to_string());
  const std::string record(static_cast<std::size_t>(state.range(0)), 'x');
  std::uint64_t appended = 0;
  for (auto _ : state) {
    const auto sequence = (*log)->append(static_cast<std::uint32_t>(engine::RecordKind::round), record);
    if (!sequence.ok()) throw std::runtime_error(sequence.status().to_string());
    // Segments that nobody needs are removed by the log's own thread, so that the disk does not fill.
    if (++appended % 65'536 == 0) (*log)->release(*sequence);
  }
  log->reset();
  std::filesystem::remove_all(folder);
}
BENCHMARK(journal_append)->Arg(64)->Arg(600)->Arg(4096);

}  // namespace
}  // namespace calypte::journal
