#include "sim/dialects/binance/answer.hpp"

#include <fmt/format.h>
#include <utility>

#include "venue/json_writer.hpp"

namespace calypte::sim::binance {

Answer success(std::string body) {
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Answer failure(int code, std::string message, int status) {
  Answer answer;
  answer.status = status;
  answer.code = code;
  answer.message = std::move(message);
  return answer;
}

Answer mandatory(std::string_view parameter) {
  return failure(code::kMandatoryParameter,
                 fmt::format("Mandatory parameter '{}' was not sent, was empty/null, or malformed.", parameter));
}

Answer illegal(std::string_view parameter, std::string_view legal_range) {
  return failure(
      code::kIllegalCharacters,
      fmt::format("Illegal characters found in parameter '{}'; legal range is '{}'.", parameter, legal_range));
}

Answer not_required(std::string_view parameter) {
  return failure(code::kParameterNotRequired, fmt::format("Parameter '{}' sent when not required.", parameter));
}

Answer bad_value(std::string_view parameter) {
  return failure(code::kBadValue, fmt::format("Data sent for parameter '{}' is not valid.", parameter));
}

Answer unknown_order() { return failure(code::kCancelRejected, "Unknown order sent."); }

Answer invalid_symbol() { return failure(code::kInvalidSymbol, "Invalid symbol."); }

std::string error_body(const Answer& answer) {
  std::string text;
  venue::json::Writer out(text);
  out.begin_object().key("code").integer(std::int64_t{answer.code});
  out.field("msg", answer.message);
  if (!answer.data.empty()) out.key("data").raw(answer.data);
  out.end_object();
  return text;
}

}  // namespace calypte::sim::binance
