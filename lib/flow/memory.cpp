#include "flow/memory.hpp"

#include <sys/mman.h>

#include <new>

namespace minerwall::flow {

void* map_pages(std::size_t bytes) {
    constexpr std::size_t kHuge = std::size_t{2} << 20;
    const std::size_t length = bytes == 0 ? 1 : bytes;
    void* p = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        throw std::bad_alloc();
    }
    if (length >= kHuge) {
        // Advice only: without transparent huge pages the table runs on small ones.
        (void)madvise(p, length, MADV_HUGEPAGE);
    }
    return p;
}

void Unmap::operator()(void* p) const noexcept {
    munmap(p, bytes == 0 ? 1 : bytes);
}

}  // namespace minerwall::flow
