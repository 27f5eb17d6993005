"""The rules of the house that a program can check. ARCHITECTURE.md says why; this is the one place that says what."""

# Which rooms a room may include. The build has the same arrows in its include paths; includes.py compares the two.
ARROWS = {
    "core": set(),
    "venue": {"core"},
    "evm": {"venue", "core"},
    "engine": {"evm", "venue", "core"},
    "connector": {"evm", "venue", "core"},
    "transport": {"venue", "core"},
    "sim": {"engine", "evm", "venue", "core"},
    "journal": {"engine", "evm", "venue", "core"},
    "runtime": {"journal", "engine", "connector", "transport", "evm", "venue", "core"},
    "cli": {"runtime", "sim", "journal", "engine", "connector", "transport", "evm", "venue", "core"},
}

# Rooms that are fed and drained: they reach no socket, clock, thread, file or environment.
PURE_ROOMS = ["core", "venue", "evm", "engine", "connector", "sim"]

# Third-party headers, and the rooms that may see them. {fmt/} moreover belongs in .cpp files only.
THIRD_PARTY = {
    "boost/multiprecision/": {"evm"},
    "boost/": {"transport"},
    "secp256k1": {"evm"},
    "cryptopp/": {"evm"},
    "openssl/": {"venue", "transport"},
    "simdjson.h": {"venue"},
    "fmt/": {"venue", "evm", "engine", "connector", "transport", "journal", "runtime", "sim", "cli"},
    "xxhash.h": {"journal"},
    "sqlite3.h": {"journal"},
    "pqxx/": {"journal"},
    "spdlog/": {"runtime"},
    "CLI/": {"cli"},
    "zlib.h": {"venue", "engine", "cli"},
    "ncurses.h": {"cli"},
    "curses.h": {"cli"},
    "sodium.h": {"runtime"},
}

# Ways to let a certificate pass unverified. No source may name one: tests/unit/transport shows that verification works,
# this shows that there is nothing to switch off.
UNVERIFIED = ["verify_none", "SSL_VERIFY_NONE"]

# Headers of the standard library and the system whose mere presence says that a pure room is not pure.
IMPURE_HEADERS = [
    "thread", "mutex", "shared_mutex", "condition_variable", "future", "fstream", "iostream", "filesystem", "ctime",
    "time.h", "unistd.h", "fcntl.h", "poll.h", "netdb.h", "pthread.h", "signal.h", "csignal", "sys/", "netinet/", "arpa/",
]

# Symbols that a pure room must not need. C names are whole names; C++ names are beginnings of what nm -C prints.
IMPURE_SYMBOLS = {
    "socket": "socket socketpair connect bind listen accept accept4 shutdown send sendto sendmsg recv recvfrom recvmsg "
              "setsockopt getsockopt getaddrinfo gethostbyname poll ppoll select pselect epoll_create1 epoll_ctl "
              "epoll_wait BIO_new_connect BIO_new_socket SSL_new SSL_CTX_new",
    "clock": "time clock clock_gettime clock_nanosleep gettimeofday ftime timespec_get nanosleep usleep sleep alarm "
             "localtime localtime_r mktime setitimer timer_create timerfd_create",
    "thread": "pthread_create pthread_mutex_lock pthread_cond_wait pthread_rwlock_wrlock pthread_rwlock_rdlock "
              "sem_wait fork vfork execve system popen kill signal sigaction",
    "file": "open open64 openat openat64 creat fopen fopen64 freopen fdopen read write pread pwrite readv writev fread "
            "fwrite fputs fputc fputs_unlocked puts putchar putc printf fprintf vfprintf vprintf __printf_chk "
            "__fprintf_chk fgets fgetc getline stat fstat lstat mkdir unlink rename remove mmap mmap64 opendir ioctl "
            "BIO_new_file BIO_s_file",
    "environment": "getenv secure_getenv setenv putenv unsetenv gethostname getpid getuid uname sysconf",
    "randomness": "rand srand rand_r random srandom drand48 getrandom getentropy RAND_bytes RAND_priv_bytes",
}
IMPURE_CPP_SYMBOLS = {
    "clock": ["std::chrono::_V2::system_clock::now", "std::chrono::_V2::steady_clock::now",
              "std::chrono::_V2::high_resolution_clock::now"],
    "thread": ["std::thread::", "std::jthread::", "std::this_thread::", "std::condition_variable", "std::__future_base"],
    "file": ["std::basic_ifstream", "std::basic_ofstream", "std::basic_fstream", "std::basic_filebuf",
             "std::filesystem", "std::cout", "std::cerr", "std::clog", "std::cin", "fmt::v9::print",
             "fmt::v9::vprint", "fmt::v9::detail::print"],
    "randomness": ["std::random_device"],
}

# A file with one subject is shorter than this.
MAX_LINES = 800
