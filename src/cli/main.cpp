#include <cstdio>

int main() {
  std::puts("calypte");
  return 0;
}
