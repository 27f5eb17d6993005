#include "journal/postgresql_database.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <pqxx/pqxx>
#include <stdexcept>
#include <utility>
#include <vector>

#include "engine/stored_json.hpp"

namespace calypte::journal {
namespace {

// NUMERIC without a precision keeps every digit and trailing zero, and can be summed by a query.
constexpr SqlDialect kPostgresqlDialect = {
    .id = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", .integer = "BIGINT", .decimal = "NUMERIC"};

/// Waits of libpq and of the server. A dead link shall cost seconds, not the hours that TCP would take.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kLimits = {{
    {"connect_timeout", "10"},
    {"tcp_user_timeout", "10000"},
    {"keepalives_idle", "10"},
    {"application_name", "calypte"},
}};
constexpr std::string_view kStatementTimeoutMs = "10000";
/// Any number, as long as it is always the same.
constexpr std::string_view kAdvisoryLock = "SELECT pg_advisory_xact_lock(7218635940127)";

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// libpq repeats what it cannot read in its messages, which may be part of a password. So it gets nothing of that kind.
Status check(std::string_view url) {
  const auto bad = [](std::string_view why) {
    return Status(StatusCode::malformed, fmt::format("history: the connection string cannot be read: {}", why));
  };
  for (std::size_t at = 0; at < url.size(); ++at) {
    if (static_cast<unsigned char>(url[at]) <= ' ') return bad("it holds a space or a control character");
    if (url[at] == '%' && (at + 2 >= url.size() || !is_hex(url[at + 1]) || !is_hex(url[at + 2]))) {
      return bad("a % is not followed by two hexadecimal digits");
    }
  }
  const std::string_view rest = url.substr(url.find("//") + 2);
  if (std::ranges::count(rest, '@') > 1) return bad("an @ inside a name or password is written %40");
  const std::size_t at = rest.find('@');
  if (at != std::string_view::npos && rest.find_first_of("/?#") < at) {
    return bad("a /, ? or # inside a name or password is written %2F, %3F or %23");
  }
  return {};
}

/// The passwords in a connection string, as they stand there and without their percent signs.
std::vector<std::string> passwords_of(std::string_view url) {
  std::vector<std::string> found;
  const auto add = [&found](std::string_view raw) {
    std::string plain;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == '%' && i + 2 < raw.size() && is_hex(raw[i + 1]) && is_hex(raw[i + 2])) {
        plain += static_cast<char>(std::stoi(std::string(raw.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        plain += raw[i];
      }
    }
    for (const std::string& one : {std::string(raw), plain}) {
      if (!one.empty()) found.push_back(one);
    }
  };
  const std::string_view rest = url.substr(url.find("//") + 2);
  const std::string_view user = rest.substr(0, rest.find('@'));
  if (user.size() < rest.size() && user.find(':') != std::string_view::npos) add(user.substr(user.find(':') + 1));
  for (std::size_t at = rest.find("password="); at != std::string_view::npos; at = rest.find("password=", at + 1)) {
    const std::string_view value = rest.substr(at + std::string_view("password=").size());
    add(value.substr(0, value.find('&')));
  }
  return found;
}

class PostgresqlDatabase final : public SqlDatabase {
 public:
  explicit PostgresqlDatabase(std::string url) : url_(std::move(url)), passwords_(passwords_of(url_)) {
    for (const auto& [name, value] : kLimits) {
      if (url_.find(std::string(name) + "=") != std::string::npos) continue;
      url_ += fmt::format("{}{}={}", url_.find('?') == std::string::npos ? '?' : '&', name, value);
    }
  }

  [[nodiscard]] const SqlDialect& dialect() const noexcept override { return kPostgresqlDialect; }

  Status begin() override {
    rollback();
    if (connection_ && !connection_->is_open()) disconnect();
    return guarded("cannot connect", [this] {
      if (!connection_) connect();
      transaction_ = std::make_unique<pqxx::work>(*connection_);
      if (!encoding_checked_) check_encoding();
      transaction_->exec("SET LOCAL search_path TO calypte");
      // libpqxx would print what the server remarks.
      transaction_->exec("SET LOCAL client_min_messages TO error");
      transaction_->exec(fmt::format("SET LOCAL statement_timeout TO {}", kStatementTimeoutMs));
    });
  }

  Status commit() override {
    Status status = guarded("cannot commit", [this] { transaction().commit(); });
    transaction_.reset();
    return status;
  }

  void rollback() noexcept override {
    // Its destructor aborts, and swallows what goes wrong with that.
    transaction_.reset();
  }

  Status run(std::string_view sql, std::span<const SqlValue> values, const SqlVisitor& visit) override {
    return guarded("cannot run a statement", [&] {
      (void)transaction();
      auto known = statements_.find(sql);
      if (known == statements_.end()) {
        std::string name = fmt::format("calypte_{}", statements_.size());
        connection_->prepare(name, std::string(sql));
        known = statements_.emplace(std::string(sql), std::move(name)).first;
      }
      texts_.assign(values.begin(), values.end());
      std::vector<const char*> pointers;
      pointers.reserve(texts_.size());
      for (SqlValue& text : texts_) {
        if (text) text = storable(std::move(*text));
        pointers.push_back(text ? text->c_str() : nullptr);
      }
      const pqxx::result rows =
          transaction().exec_prepared(known->second, pqxx::prepare::make_dynamic_params(pointers));
      if (!visit) return;
      for (const auto& row : rows) {
        row_.assign(row.size(), std::nullopt);
        for (pqxx::row_size_type i = 0; i < row.size(); ++i) {
          if (!row[i].is_null()) row_[i].emplace(row[i].c_str(), row[i].size());
        }
        visit(row_);
      }
    });
  }

  Status lock() override {
    return guarded("cannot lock", [this] { transaction().exec(std::string(kAdvisoryLock)); });
  }

  Result<bool> has_table(std::string_view name) override {
    bool found = false;
    const std::vector<SqlValue> values = {std::string(name)};
    Status status = run("SELECT 1 FROM pg_tables WHERE schemaname = 'calypte' AND tablename = $1", values,
                        [&found](SqlRow) { found = true; });
    if (!status.ok()) return status;
    return found;
  }

 private:
  void connect() {
    connection_ = std::make_unique<pqxx::connection>(url_);
    encoding_checked_ = false;
  }

  void check_encoding() {
    const std::string encoding = transaction_->exec1("SHOW server_encoding")[0].c_str();
    if (encoding != "UTF8") {
      throw std::runtime_error("the database has the encoding " + encoding + "; the history needs UTF8");
    }
    // Only if it is missing, because a user who may write to it need not have the right to make one.
    if (transaction_->exec("SELECT 1 FROM pg_namespace WHERE nspname = 'calypte'").empty()) {
      transaction_->exec(std::string(kAdvisoryLock));
      transaction_->exec("CREATE SCHEMA IF NOT EXISTS calypte");
    }
    encoding_checked_ = true;
  }

  pqxx::work& transaction() {
    if (!transaction_) throw std::runtime_error("the transaction was undone");
    return *transaction_;
  }

  void disconnect() noexcept {
    transaction_.reset();
    statements_.clear();
    connection_.reset();
  }

  /// PostgreSQL takes neither a zero byte nor what is no UTF-8; one such text must not hold up all others.
  static std::string storable(std::string text) {
    std::ranges::replace(text, '\0', ' ');
    return stored::made_utf8(text);
  }

  template <typename Body>
  Status guarded(std::string_view what, Body&& body) {
    try {
      body();
      return {};
    } catch (const pqxx::in_doubt_error& error) {
      disconnect();
      return failure(StatusCode::outcome_unknown, what, error);
    } catch (const pqxx::broken_connection& error) {
      disconnect();
      return failure(StatusCode::unavailable, what, error);
    } catch (const std::exception& error) {
      const bool open = connection_ && connection_->is_open();
      transaction_.reset();
      if (!open) disconnect();
      return failure(StatusCode::unavailable, what, error);
    }
  }

  [[nodiscard]] Status failure(StatusCode code, std::string_view what, const std::exception& error) const {
    std::string words = error.what();
    for (const std::string& password : passwords_) {
      for (std::size_t at = words.find(password); at != std::string::npos; at = words.find(password, at + 3)) {
        words.replace(at, password.size(), "***");
      }
    }
    std::ranges::replace(words, '\n', ' ');
    while (words.ends_with(' ')) words.pop_back();
    return {code, fmt::format("history: PostgreSQL: {}: {}", what, words)};
  }

  std::string url_;
  std::vector<std::string> passwords_;
  std::unique_ptr<pqxx::connection> connection_;
  std::unique_ptr<pqxx::work> transaction_;                     // of the connection
  std::map<std::string, std::string, std::less<>> statements_;  // the names that they are prepared under
  std::vector<SqlValue> texts_;
  std::vector<SqlValue> row_;
  bool encoding_checked_ = false;
};

}  // namespace

Result<std::unique_ptr<SqlDatabase>> postgresql_database(const std::string& url) {
  if (Status status = check(url); !status.ok()) return status;
  return std::unique_ptr<SqlDatabase>(std::make_unique<PostgresqlDatabase>(url));
}

}  // namespace calypte::journal
