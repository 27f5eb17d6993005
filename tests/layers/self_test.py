"""The checks of this folder must be able to fail: each is shown things that are wrong, and things that are right."""
import unittest

import includes
import repository
import symbols


class Includes(unittest.TestCase):
    def wrong(self, path, quote, included):
        self.assertIsNotNone(includes.judge(path, quote, included), f"{path} {included}")

    def right(self, path, quote, included):
        self.assertIsNone(includes.judge(path, quote, included), f"{path} {included}")

    def test_arrows(self):
        self.wrong("src/venue/x.cpp", '"', "engine/y.hpp")
        self.wrong("src/connector/exchange/a/x.cpp", '"', "engine/y.hpp")
        self.wrong("src/engine/x.cpp", '"', "connector/y.hpp")
        self.wrong("src/sim/x.cpp", '"', "transport/y.hpp")
        self.wrong("src/kitchen/x.cpp", '"', "core/y.hpp")
        self.wrong("src/engine/x.cpp", '"', "../venue/y.hpp")
        self.right("src/engine/x.cpp", '"', "venue/y.hpp")
        self.right("src/engine/x.cpp", '"', "engine/y.hpp")
        self.right("src/cli/x.cpp", '"', "core/y.hpp")

    def test_public_headers(self):
        self.wrong("include/calypte/x.hpp", '"', "core/y.hpp")
        self.wrong("include/calypte/x.hpp", "<", "boost/asio.hpp")
        self.wrong("include/calypte/x.hpp", "<", "unistd.h")
        self.right("include/calypte/x.hpp", "<", "vector")
        self.right("include/calypte/x.hpp", '"', "calypte/y.hpp")

    def test_venues_do_not_know_each_other(self):
        self.wrong("src/connector/exchange/a/x.cpp", '"', "connector/exchange/b/y.hpp")
        self.wrong("src/connector/derivative/a/x.cpp", '"', "connector/exchange/a/y.hpp")
        self.right("src/connector/exchange/a/x.cpp", '"', "connector/exchange/a/y.hpp")
        self.right("src/connector/exchange/a/x.cpp", '"', "connector/house/a/y.hpp")
        self.right("src/connector/registry.cpp", '"', "connector/exchange/a/y.hpp")

    def test_libraries(self):
        self.wrong("src/engine/x.cpp", "<", "boost/asio.hpp")
        self.wrong("src/engine/x.hpp", "<", "fmt/format.h")
        self.wrong("src/engine/x.cpp", "<", "simdjson.h")
        self.wrong("src/engine/x.cpp", "<", "thread")
        self.wrong("src/sim/x.cpp", "<", "sys/socket.h")
        self.right("src/engine/x.cpp", "<", "fmt/format.h")
        self.right("src/transport/x.cpp", "<", "boost/asio.hpp")
        self.right("src/runtime/x.cpp", "<", "thread")

    def test_certificates(self):
        self.assertTrue(includes.unverified("socket.set_verify_mode(ssl::verify_none);"))
        self.assertTrue(includes.unverified("SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);"))
        self.assertFalse(includes.unverified("socket.set_verify_mode(ssl::verify_peer);"))

    def test_arrows_of_cmake(self):
        text = "calypte_room(core)\ncalypte_room(venue DEPENDS core LIBRARIES a::b c)\ncalypte_room(x DEPENDS venue)\n"
        self.assertEqual(includes.arrows_of_cmake(text), {"core": set(), "venue": {"core"}, "x": {"venue", "core"}})


class Symbols(unittest.TestCase):
    def test_the_world_outside(self):
        self.assertEqual(symbols.judge("socket"), "socket")
        self.assertEqual(symbols.judge("clock_gettime@GLIBC_2.17"), "clock")
        self.assertEqual(symbols.judge("std::chrono::_V2::steady_clock::now()"), "clock")
        self.assertEqual(symbols.judge("std::basic_ifstream<char, std::char_traits<char> >::basic_ifstream()"), "file")
        self.assertEqual(symbols.judge("std::filesystem::status(std::filesystem::path const&)"), "file")
        self.assertEqual(symbols.judge("std::thread::_M_start_thread(std::unique_ptr<int>)"), "thread")
        self.assertEqual(symbols.judge("getenv"), "environment")
        self.assertEqual(symbols.judge("RAND_bytes"), "randomness")

    def test_what_is_fine(self):
        for symbol in ["EVP_MAC_init", "__assert_fail", "abort", "memcpy", "calypte::engine::Session::send(int)",
                       "calypte::time_of_day()", "std::__throw_length_error(char const*)"]:
            self.assertIsNone(symbols.judge(symbol), symbol)


class Repository(unittest.TestCase):
    def test_findings(self):
        self.assertTrue(repository.judge("a.md", b"see /wor" + b"k/shared"))
        self.assertTrue(repository.judge("a.md", b"-B /tmp/b" + b"-me"))
        self.assertTrue(repository.judge("a.json", b'"https://registry.npm' + b'js.org/x"'))
        self.assertTrue(repository.judge("a.cpp", b"// na\xc3\xafve"))
        self.assertTrue(repository.judge("a.cpp", b"\xff\xfe"))
        self.assertTrue(repository.judge("a.cpp", b"x\n" * 801))

    def test_what_is_fine(self):
        self.assertFalse(repository.judge("a.cpp", b"x\n" * 800))
        self.assertFalse(repository.judge("tests/venues/x/talk.json", b'"na\xc3\xafve"'))
        self.assertFalse(repository.judge("a.md", b"src/work/x, a framework/x, ${root}/work/x, https://host/exchange/v1"))


if __name__ == "__main__":
    unittest.main()
