#include "postgresql/postgresql_server.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <pwd.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace calypte::journal::history_test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const std::string kPrograms = POSTGRESQL_PROGRAMS;
constexpr auto kPatience = 60s;

/// The server refuses to be root's. `setpriv` becomes the program, so its process is the one that was started, and the
/// kernel ends it when we die.
pid_t spawn(const std::vector<std::string>& command, const fs::path& output) {
  std::vector<std::string> all = {"setpriv", "--pdeathsig", "QUIT"};
  if (::getuid() == 0) {
    for (const char* word : {"--reuid", "postgres", "--regid", "postgres", "--clear-groups"}) all.emplace_back(word);
  }
  all.insert(all.end(), command.begin(), command.end());
  std::vector<char*> words;
  words.reserve(all.size() + 1);
  for (std::string& word : all) words.push_back(word.data());
  words.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  if (::chdir("/") == 0) ::execvp(words[0], words.data());
  ::_exit(127);
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

PostgresqlServer::PostgresqlServer() {
  std::string pattern = (fs::temp_directory_path() / "calypte-postgresql-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  if (::getuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("there is no user postgres to run the server as");
    }
  }
  const pid_t made = spawn({kPrograms + "/initdb", "--pgdata", (folder_ / "data").string(), "--username", "calypte",
                            "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"},
                           folder_ / "initdb.log");
  int result = 0;
  if (::waitpid(made, &result, 0) != made || result != 0) {
    throw std::runtime_error("initdb: " + text_of(folder_ / "initdb.log"));
  }
  start();
}

PostgresqlServer::~PostgresqlServer() {
  stop();
  std::error_code error;
  fs::remove_all(folder_, error);
}

void PostgresqlServer::start() {
  // Durability is not what is tested, the power does not fail here.
  process_ = spawn({kPrograms + "/postgres", "-D", (folder_ / "data").string(), "-k", folder_.string(), "-c",
                    "listen_addresses=", "-c", "fsync=off", "-c", "port=5432"},
                   folder_ / "server.log");
  const fs::path ready = folder_ / "data" / "postmaster.pid";
  for (const auto until = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < until;) {
    if (text_of(ready).find("ready") != std::string::npos) return;
    if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
    std::this_thread::sleep_for(20ms);
  }
  process_ = 0;
  throw std::runtime_error("the server did not start: " + text_of(folder_ / "server.log"));
}

void PostgresqlServer::stop() {
  if (process_ == 0) return;
  ::kill(process_, SIGQUIT);
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

std::string PostgresqlServer::url(const std::string& database) const {
  return "postgresql://calypte@/" + database + "?host=" + folder_.string();
}

}  // namespace calypte::journal::history_test
