// jansson and json-c export the same names, so this one is loaded by itself.
#include <dlfcn.h>
#include <jansson.h>

#include <cstdlib>

#include "reader.hpp"

namespace minerwall::differential {
namespace {

struct Jansson {
    decltype(&json_loadb) load;
    decltype(&json_dumps) dump;
    decltype(&json_delete) remove;
};

template <typename Function>
void find(void* library, const char* name, Function& out) {
    out = reinterpret_cast<Function>(dlsym(library, name));
    if (out == nullptr) {
        std::abort();
    }
}

const Jansson& jansson() {
    static const Jansson one = [] {
        void* library = dlopen("libjansson.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
        Jansson found{};
        find(library, "json_loadb", found.load);
        find(library, "json_dumps", found.dump);
        find(library, "json_delete", found.remove);
        return found;
    }();
    return one;
}

}  // namespace

void read_jansson(const std::string& text, Values& out) {
    const Jansson& lib = jansson();
    for (const std::size_t flags :
         {std::size_t{0}, std::size_t{JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL | JSON_DECODE_ANY}}) {
        for (std::size_t at = 0; at < text.size();) {
            json_error_t error;
            json_t* value = lib.load(text.data() + at, text.size() - at, flags, &error);
            if (value == nullptr) {
                break;
            }
            if (char* again = lib.dump(value, JSON_COMPACT | JSON_ENCODE_ANY); again != nullptr) {
                out.emplace_back(again);
                std::free(again);
            }
            if (value->refcount != static_cast<std::size_t>(-1)) {
                lib.remove(value);  // ours is the only reference
            }
            if (flags == 0 || error.position <= 0) {
                break;
            }
            at += static_cast<std::size_t>(error.position);
        }
    }
}

}  // namespace minerwall::differential
