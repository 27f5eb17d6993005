#include "cli/replay/recording.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "calypte/decimal.hpp"

#include "cli/replay/lines.hpp"
#include "venue/json.hpp"

namespace calypte::cli {

using venue::json::Document;
using venue::json::Value;

namespace {

/// Which files are recordings of what. The first row that fits counts; an empty folder fits all.
struct FileRow {
  std::string_view folder;
  std::string_view prefix;
  RecordingFormat format;
  std::string_view venue;
};
constexpr std::array kFiles = {
    FileRow{"binance_spot", "cryptofeed_", RecordingFormat::cryptofeed, "binance"},
    FileRow{"binance_usdm", "cryptofeed_", RecordingFormat::cryptofeed, "binance_perpetual"},
    FileRow{"cryptocom", "cryptofeed_v2api_", RecordingFormat::cryptofeed, "crypto_com_v2"},
    FileRow{"kraken", "cryptofeed_", RecordingFormat::cryptofeed, "kraken_v1"},
    FileRow{"okx", "cryptofeed_", RecordingFormat::cryptofeed, "okx_2022"},
    FileRow{"binance_spot", "hftbacktest_spot_", RecordingFormat::hftbacktest, "binance"},
    FileRow{"binance_usdm", "hftbacktest_usdm_", RecordingFormat::hftbacktest, "binance_perpetual"},
    FileRow{"kraken", "depthcharge_v2_", RecordingFormat::depthcharge, "kraken"},
    FileRow{"cryptocom", "v1_wire_capture_", RecordingFormat::frames, "crypto_com"},
    FileRow{"", "cryptofeed_", RecordingFormat::cryptofeed, ""},
    FileRow{"", "hftbacktest_", RecordingFormat::hftbacktest, ""},
};

/// Folders of single messages. What they hold of other interfaces (another market of the house, what a client sends, a
/// part of a message) is left out by name; of REST only what the decoder can be asked for is read.
struct FixtureFolder {
  std::string_view folder;
  std::string_view frame_prefix;  ///< "-": no frames
  std::array<std::string_view, 2> not_frames;
  std::string_view venue;
};
constexpr std::array kFixtureFolders = {
    FixtureFolder{"binance_spot/nautilus/http_json", "-", {}, "binance"},
    FixtureFolder{"binance_usdm/nautilus/market_data_json", "", {}, "binance_perpetual"},
    FixtureFolder{"kraken/nautilus", "ws_", {"ws_futures_", "_request"}, "kraken"},
    FixtureFolder{"okx/nautilus", "ws_", {"ws_opt_summary"}, "okx"},
};
struct FixtureReply {
  std::string_view file;
  std::string_view url;
};
constexpr std::array kFixtureReplies = {
    FixtureReply{"depth_response.json", "/api/v3/depth?symbol=ANY"},
    FixtureReply{"exchange_info_response.json", "/api/v3/exchangeInfo"},
    FixtureReply{"server_time_response.json", "/api/v3/time"},
    FixtureReply{"http_asset_pairs.json", "/0/public/AssetPairs"},
    FixtureReply{"http_server_time.json", "/0/public/Time"},
    FixtureReply{"http_get_instruments_spot.json", "/api/v5/public/instruments"},
    FixtureReply{"http_get_order_book.json", "/api/v5/market/books?instId=ANY"},
};

bool in_folder(const std::filesystem::path& folder, std::string_view tail) {
  const std::string text = "/" + folder.generic_string();
  return tail.empty() || text.ends_with("/" + std::string(tail));
}

bool is_plain_or_gzip(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".gz") || name.ends_with(".jsonl") || name.ends_with(".ndjson");
}

/// A JSON text and what keeps it alive.
class Line {
 public:
  Result<Value> parse(std::string_view text) { return document_.parse(buffer_.assign(text)); }

 private:
  Document document_;
  venue::PaddedBuffer buffer_;
};

Status bad_line(std::size_t number, std::string_view why) {
  return {StatusCode::malformed, "line " + std::to_string(number) + ": " + std::string(why)};
}

/// Seconds since the epoch with a fraction, without a detour over floating point.
std::optional<Time> read_seconds(Value value) {
  const auto seconds = value.decimal();
  if (!seconds || seconds->is_negative() || *seconds > Decimal(9'000'000'000)) return std::nullopt;
  const Decimal ns = seconds->rescaled(9, Rounding::toward_zero);
  return from_unix_ns(static_cast<std::int64_t>(ns.coefficient()));
}

Status read_cryptofeed(LineReader& lines, std::vector<RecordedEvent>& events) {
  Line parsed;
  std::string text;
  for (std::size_t number = 1; lines.next(text); ++number) {
    const auto row = parsed.parse(text);
    if (!row) return bad_line(number, row.status().message());
    const std::string_view type = (*row).find("t").string();
    if (type == "config" || type == "send") continue;
    RecordedEvent event;
    const auto at = read_seconds((*row).find("ts"));
    if (!at) return bad_line(number, "there is no time");
    event.at = *at;
    event.connection = (*row).find("conn").string();
    event.text = (*row).find("data").string();
    if (type == "connect") {
      event.kind = RecordedEvent::Kind::connected;
    } else if (type == "http") {
      event.kind = RecordedEvent::Kind::reply;
      event.request = request_of_url((*row).find("url").string());
      if (!event.request) continue;
    } else if (type != "recv" || !(*row).find("data").is_string()) {
      return bad_line(number, "neither a frame of text nor a reply");
    }
    events.push_back(std::move(event));
  }
  return lines.status();
}

Status read_hftbacktest(LineReader& lines, std::vector<RecordedEvent>& events) {
  Line parsed;
  std::string text;
  std::string symbol;
  for (std::size_t number = 1; lines.next(text); ++number) {
    std::int64_t time = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), time);
    if (read.ec != std::errc{} || time <= 0 || *read.ptr != ' ') return bad_line(number, "there is no time");
    RecordedEvent event;
    constexpr std::int64_t kFirstNanosecond = 100'000'000'000'000'000;  // smaller ones are microseconds
    event.at = time < kFirstNanosecond ? from_unix_us(time) : from_unix_ns(time);
    event.text = text.substr(static_cast<std::size_t>(read.ptr - text.data()) + 1);
    const auto root = parsed.parse(event.text);
    if (!root) return bad_line(number, root.status().message());
    if (const auto stream = (*root).find("stream").string(); !stream.empty()) {
      symbol = (*root).find("data").find("s").string();
    } else if ((*root).find("lastUpdateId").exists()) {
      // These recordings are of one symbol, which the answer does not name.
      event.kind = RecordedEvent::Kind::reply;
      event.request = venue::QueryDepth{Symbol(symbol)};
    }
    events.push_back(std::move(event));
  }
  return lines.status();
}

Status read_depthcharge(LineReader& lines, std::vector<RecordedEvent>& events) {
  Line parsed;
  std::string text;
  for (std::size_t number = 1; lines.next(text); ++number) {
    const auto row = parsed.parse(text);
    if (!row) return bad_line(number, row.status().message());
    if (number == 1 || (*row).find("dir").string() == "tx") continue;
    const auto at = (*row).find("rx_ns").integer();
    const Value frame = (*row).find("frame");
    if (!at || !frame.exists()) return bad_line(number, "there is no time or no frame");
    RecordedEvent event;
    event.at = from_unix_ns(*at);
    event.text = frame.text();
    events.push_back(std::move(event));
  }
  return lines.status();
}

Status read_frames(LineReader& lines, std::vector<RecordedEvent>& events) {
  Line parsed;
  std::string text;
  for (std::size_t number = 1; lines.next(text); ++number) {
    const auto row = parsed.parse(text);
    if (!row) return bad_line(number, row.status().message());
    if ((*row).find("dir").string() != "recv") continue;
    RecordedEvent event;
    event.text = (*row).find("data").string();
    events.push_back(std::move(event));
  }
  return lines.status();
}

Status read_fixtures(const std::filesystem::path& path, std::vector<RecordedEvent>& events) {
  const auto row = std::find_if(kFixtureFolders.begin(), kFixtureFolders.end(),
                                [&](const FixtureFolder& r) { return in_folder(path, r.folder); });
  if (row == kFixtureFolders.end()) return {StatusCode::malformed, "not a folder of fixtures"};
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  if (error) return {StatusCode::unavailable, error.message()};
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const std::string name = file.filename().string();
    const auto reply = std::find_if(kFixtureReplies.begin(), kFixtureReplies.end(),
                                    [&](const FixtureReply& r) { return r.file == name; });
    RecordedEvent event;
    if (reply != kFixtureReplies.end()) {
      event.kind = RecordedEvent::Kind::reply;
      event.request = request_of_url(reply->url);
    } else {
      const auto left_out = [&](std::string_view word) {
        return !word.empty() && name.find(word) != std::string::npos;
      };
      if (!name.starts_with(row->frame_prefix)) continue;
      if (std::any_of(row->not_frames.begin(), row->not_frames.end(), left_out)) continue;
    }
    LineReader lines(file);
    for (std::string line; lines.next(line);) event.text.append(line).append("\n");
    if (!lines.status().ok()) return lines.status();
    event.connection = name;
    events.push_back(std::move(event));
  }
  return {};
}

}  // namespace

std::vector<FoundRecording> find_recordings(const std::filesystem::path& folder) {
  std::vector<FoundRecording> found;
  std::error_code error;
  const auto root = std::filesystem::canonical(folder, error);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root, error)) {
    const auto& path = entry.path();
    const std::string name = path.lexically_relative(root).generic_string();
    if (entry.is_directory()) {
      for (const FixtureFolder& row : kFixtureFolders) {
        if (in_folder(path, row.folder)) found.push_back({name, path, RecordingFormat::fixtures, row.venue});
      }
      continue;
    }
    if (!is_plain_or_gzip(path)) continue;
    const auto row = std::find_if(kFiles.begin(), kFiles.end(), [&](const FileRow& r) {
      return in_folder(path.parent_path(), r.folder) && path.filename().string().starts_with(r.prefix);
    });
    if (row != kFiles.end()) found.push_back({name, path, row->format, row->venue});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return found;
}

std::optional<venue::Request> request_of_url(std::string_view url) {
  const std::string_view path = url.substr(0, url.find('?'));
  const std::string_view query = path.size() < url.size() ? url.substr(path.size() + 1) : std::string_view{};
  const auto parameter = [&](std::string_view name) -> std::string_view {
    for (std::size_t at = 0; at < query.size();) {
      const std::size_t end = std::min(query.find('&', at), query.size());
      const std::string_view item = query.substr(at, end - at);
      if (item.size() > name.size() && item.starts_with(name) && item[name.size()] == '=') {
        return item.substr(name.size() + 1);
      }
      at = end + 1;
    }
    return {};
  };
  if (path.ends_with("/depth")) return venue::QueryDepth{Symbol(parameter("symbol"))};
  if (path.ends_with("/market/books")) return venue::QueryDepth{Symbol(parameter("instId"))};
  if (path.ends_with("/exchangeInfo") || path.ends_with("/AssetPairs") || path.ends_with("/instruments") ||
      path.ends_with("/get-instruments")) {
    return venue::QueryInstruments{};
  }
  if (path.ends_with("/time") || path.ends_with("/Time")) return venue::QueryServerTime{};
  return std::nullopt;
}

Result<Recording> read_recording(const FoundRecording& found) {
  Recording recording;
  recording.name = found.name;
  recording.venue = found.venue;
  Status status;
  if (found.format == RecordingFormat::fixtures) {
    recording.conversation = false;
    status = read_fixtures(found.path, recording.events);
  } else {
    LineReader lines(found.path);
    status = lines.status();
    if (status.ok()) {
      switch (found.format) {
        case RecordingFormat::cryptofeed:
          status = read_cryptofeed(lines, recording.events);
          break;
        case RecordingFormat::hftbacktest:
          status = read_hftbacktest(lines, recording.events);
          break;
        case RecordingFormat::depthcharge:
          status = read_depthcharge(lines, recording.events);
          break;
        case RecordingFormat::frames:
          recording.conversation = false;
          status = read_frames(lines, recording.events);
          break;
        case RecordingFormat::fixtures:
          break;
      }
    }
  }
  if (status.ok() && recording.events.empty()) status = {StatusCode::malformed, "it holds nothing"};
  if (!status.ok()) return status;
  return recording;
}

}  // namespace calypte::cli
