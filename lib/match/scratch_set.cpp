#include "match/scratch_set.hpp"

#include <hs.h>

#include <new>
#include <stdexcept>
#include <string>

namespace minerwall::match {
namespace {

void check(hs_error_t error, const char* what) {
    if (error == HS_NOMEM) {
        throw std::bad_alloc();
    }
    if (error != HS_SUCCESS) {
        throw std::runtime_error(std::string(what) + ": Hyperscan error " + std::to_string(error));
    }
}

}  // namespace

ScratchSet::~ScratchSet() {
    for (hs_scratch* scratch : scratches_) {
        hs_free_scratch(scratch);
    }
    hs_free_scratch(prototype_);
}

void ScratchSet::fit(const hs_database* database) {
    check(hs_alloc_scratch(database, &prototype_), "hs_alloc_scratch");
}

void ScratchSet::clone(unsigned workers) {
    workers_ = workers;
    if (prototype_ == nullptr) {
        return;
    }
    scratches_.resize(workers, nullptr);
    for (hs_scratch*& scratch : scratches_) {
        check(hs_clone_scratch(prototype_, &scratch), "hs_clone_scratch");
    }
}

}  // namespace minerwall::match
