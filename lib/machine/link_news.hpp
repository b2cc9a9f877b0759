// The kernel's word that some network interface was made, changed or deleted (rtnetlink(7)).
//
// Control plane, one thread. It does not say what changed: whoever hears it looks at its
// interfaces.
#pragma once

namespace minerwall::machine {

class LinkNews {
  public:
    LinkNews() noexcept;
    ~LinkNews();
    LinkNews(const LinkNews&) = delete;
    LinkNews& operator=(const LinkNews&) = delete;

    // Readable when there is news; -1 if the kernel does not tell us.
    int descriptor() const noexcept { return fd_; }
    // Takes the news that wait, at most a few hundred at a time.
    void take() noexcept;

  private:
    int fd_;
};

}  // namespace minerwall::machine
