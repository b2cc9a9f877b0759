// libevent's evhttp on a loopback port: a line of JSON for each request that it takes.
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

namespace {

void answer(evhttp_request* request, void*) {
    evbuffer* input = evhttp_request_get_input_buffer(request);
    std::string body(evbuffer_get_length(input), '\0');
    evbuffer_remove(input, body.data(), body.size());
    const char* host = evhttp_request_get_host(request);
    const nlohmann::json line = {{"host", host != nullptr ? host : ""}, {"body", body}};
    std::puts(line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str());
    std::fflush(stdout);
    evhttp_send_reply(request, 200, "OK", nullptr);
}

}  // namespace

int main(int argc, char** argv) {
    event_base* base = event_base_new();
    evhttp* server = evhttp_new(base);
    evhttp_set_allowed_methods(server, 0xffff);
    evhttp_set_gencb(server, answer, nullptr);
    if (argc != 2 || evhttp_bind_socket(server, "127.0.0.1",
                                        static_cast<std::uint16_t>(std::atoi(argv[1]))) != 0) {
        return 1;
    }
    return event_base_dispatch(base);
}
