// Memory that is allocated once, at start, and never on the path: zeroed pages, huge ones where the
// kernel has them. With small pages, a million flows miss the TLB at every look-up.
#pragma once

#include <cstddef>
#include <memory>

namespace minerwall::flow {

struct Unmap {
    std::size_t bytes = 0;
    void operator()(void* p) const noexcept;
};

void* map_pages(std::size_t bytes);  // throws std::bad_alloc; control plane only

template <typename T>
class Pages {
  public:
    explicit Pages(std::size_t count)
        : memory_(map_pages(count * sizeof(T)), Unmap{count * sizeof(T)}), count_(count) {}
    T* data() noexcept { return static_cast<T*>(memory_.get()); }
    const T* data() const noexcept { return static_cast<const T*>(memory_.get()); }
    T& operator[](std::size_t i) noexcept { return data()[i]; }
    const T& operator[](std::size_t i) const noexcept { return data()[i]; }
    std::size_t size() const noexcept { return count_; }

  private:
    std::unique_ptr<void, Unmap> memory_;
    std::size_t count_;
};

}  // namespace minerwall::flow
