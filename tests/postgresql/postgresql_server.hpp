// A PostgreSQL server of the test's own: in a temporary folder, reached by a socket in it and not by the network. It
// ends with the program, however that ends.
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>

namespace calypte::journal::history_test {

class PostgresqlServer {
 public:
  /// Makes a cluster and starts it. Throws `std::runtime_error` with the server's own words if that fails.
  PostgresqlServer();
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  void start();
  /// Cuts every connection.
  void stop();
  /// Of a database of the server.
  [[nodiscard]] std::string url(const std::string& database = "postgres") const;
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  std::filesystem::path folder_;
  pid_t process_ = 0;
};

}  // namespace calypte::journal::history_test
