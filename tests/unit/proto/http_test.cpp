#include "proto/http/http.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace minerwall::proto {
namespace {

// A parser's events as text: one line per event, content in <>.
std::string describe(const HttpHead& h, HttpRole role) {
    std::string s = role == HttpRole::request
                        ? std::string{h.method.view()} + " " + std::string{h.target.view()}
                        : std::to_string(h.status);
    s += " host=" + std::string{h.host.view()};
    s += h.port != 0 ? ":" + std::to_string(h.port) : "";
    s += h.other_host.empty() ? "" : " other=" + std::string{h.other_host.view()};
    s += h.user_agent.empty() ? "" : " agent=" + std::string{h.user_agent.view()};
    s += h.stratum_url.empty() ? "" : " stratum=" + std::string{h.stratum_url.view()};
    s += h.has_content_length ? " length=" + std::to_string(h.content_length) : "";
    s += h.chunked ? " chunked" : "";
    s += h.framing_error ? " error" : "";
    s += h.host_in_target ? " in-target" : "";
    s += h.upgrade ? " upgrade" : "";
    s += h.content_type_json ? " json" : "";
    s += h.mining_extensions ? " mining" : "";
    s += h.long_polling ? " longpoll" : "";
    s += h.roll_ntime ? " rolltime" : "";
    return s;
}

std::string run(const std::string& in, HttpRole role, const std::vector<std::size_t>& cuts = {},
                bool connect = false) {
    HttpParser parser{role};
    if (connect) {
        parser.expect_connect_answer();
    }
    std::string log;
    bool in_body = false;
    std::size_t begin = 0;
    std::vector<std::size_t> ends = cuts;
    ends.push_back(in.size());
    for (const std::size_t end : ends) {
        Bytes left = as_bytes(std::string_view{in}.substr(begin, end - begin));
        for (;;) {
            std::size_t consumed;
            Bytes body;
            const HttpEvent event = parser.next(left, consumed, body);
            EXPECT_LE(consumed, left.size());
            left = left.subspan(consumed);
            if (event == HttpEvent::need_more) {
                EXPECT_TRUE(left.empty());
                break;
            }
            if (event == HttpEvent::body_bytes) {
                EXPECT_FALSE(body.empty());
                log += in_body ? "" : "<";
                log += as_text(body);
                in_body = true;
                continue;
            }
            log += in_body ? ">\n" : "";
            in_body = false;
            if (event == HttpEvent::head_done) {
                log += describe(parser.head(), role) + "\n";
            } else if (event == HttpEvent::message_done) {
                log += "done\n";
            } else {
                const std::size_t rest = in.size() - (end - left.size());
                log += (event == HttpEvent::tunnel ? "tunnel " : "not-http ") +
                       (event == HttpEvent::tunnel ? in.substr(in.size() - rest) : "") + "\n";
                return log;
            }
        }
        begin = end;
    }
    return log + (in_body ? ">..\n" : "");
}
// Also asserts that segmentation changes nothing.
std::string check(const std::string& in, HttpRole role, bool connect = false) {
    const std::string whole = run(in, role, {}, connect);
    std::vector<std::size_t> every;
    for (std::size_t cut = 0; cut < in.size(); ++cut) {
        EXPECT_EQ(run(in, role, {cut}, connect), whole) << "cut at " << cut;
        every.push_back(cut);
    }
    EXPECT_EQ(run(in, role, every, connect), whole) << "byte by byte";
    return whole;
}
std::string request(const std::string& in) {
    return check(in, HttpRole::request);
}
std::string response(const std::string& in) {
    return check(in, HttpRole::response);
}

TEST(HttpRequest, HeadAndBodyAreTold) {
    EXPECT_EQ(
        request("POST /json_rpc HTTP/1.1\r\nHost: XMR.Pool.Example.:18081\r\n"
                "User-Agent:  xmrig/6.21  libuv\r\nContent-Type: application/json; x=y\r\n"
                "X-Mining-Extensions: longpoll midstate\r\nContent-Length: 4\r\n\r\n{\"a\"rest"),
        "POST /json_rpc host=xmr.pool.example:18081 agent=xmrig/6.21 libuv length=4 json "
        "mining\n<{\"a\">\ndone\n");
}

TEST(HttpRequest, ManyMessagesFollowOneAnother) {
    EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\nPOST /x HTTP/1.1\nhOsT:b\n"
                      "content-length:2\n\nhi\r\nHEAD /y HTTP/1.0\r\n\r\n"),
              "GET / host=a\ndone\nPOST /x host=b length=2\n<hi>\ndone\nHEAD /y host=\ndone\n");
}

TEST(HttpRequest, LenientFormsOfALineAreRead) {
    EXPECT_EQ(request("GET \t /a  HTTP/1.1 \r\nHost\t :\t a.b \r\nno colon here\r\n: empty\r\n"
                      "Content-Length:\r\n 3\r\n\r\nabc"),
              "GET /a host=a.b length=3\n<abc>\ndone\n");
    EXPECT_EQ(request("GET /a b c HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /a host=a\ndone\n");
    EXPECT_EQ(request("GET / HTTP/1.1\r\nHost:\r\n\ta.b\r\nUser-Agent: x\r\n y\r\n\r\n"),
              "GET / host=a.b agent=x y\ndone\n");
    EXPECT_EQ(request("GET / HTTP/1.1\r\n folded\r\nX: y\r\n z\r\n\r\n"), "GET / host=\ndone\n");
}

TEST(HttpRequest, AuthorityOfTheTargetBeatsTheHostHeader) {
    EXPECT_EQ(request("GET http://Pool.Example:8080/x HTTP/1.1\r\nHost: Good.example\r\n\r\n"),
              "GET http://Pool.Example:8080/x host=pool.example:8080 other=good.example "
              "in-target\ndone\n");
    EXPECT_EQ(request("GET http://u:p@a.b?q HTTP/1.1\r\nHost: A.B:80\r\n\r\n"),
              "GET http://u:p@a.b?q host=a.b in-target\ndone\n");
    EXPECT_EQ(request("GET /http://x/ HTTP/1.1\r\nHost: [2001:DB8::1]:81\r\n\r\n"),
              "GET /http://x/ host=2001:db8::1:81\ndone\n");
}

TEST(HttpRequest, ASecondHostIsKeptWhereItDiffers) {
    EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\nHost: A.\r\nHost: b\r\nHost: c\r\n\r\n"),
              "GET / host=a other=b\ndone\n");
    EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: \r\nHost: b\r\n\r\n"), "GET / host=b\ndone\n");
    const std::string deep = std::string(60, 'a') + "." + std::string(60, 'b') + ".example";
    EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: " + deep + "\r\nHost: " + deep + "\r\n\r\n"),
              "GET / host=" + deep + "\ndone\n");
    const std::string cut = request("GET / HTTP/1.1\r\nHost: a\r\nHost: " + deep + "\r\n\r\n");
    EXPECT_TRUE(cut.starts_with("GET / host=a other=~bbb")) << cut;
    EXPECT_TRUE(cut.ends_with("bbb.example\ndone\n")) << "a long one keeps its end: " << cut;
}

TEST(HttpRequest, ConnectOpensATunnel) {
    EXPECT_EQ(
        request("CONNECT xmr.pool.example:3333 HTTP/1.1\r\nHost: cdn.example\r\n\r\n{\"id\":1"),
        "CONNECT xmr.pool.example:3333 host=xmr.pool.example:3333 other=cdn.example "
        "in-target\ntunnel {\"id\":1\n");
}

TEST(HttpRequest, AnUpgradeThatWasAcceptedIsATunnel) {
    EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n\x81\x85xxxx"),
              "GET / host=a upgrade\ndone\ntunnel \x81\x85xxxx\n");
    EXPECT_EQ(request("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\nGET /2 HTTP/1.1\r\n\r\n\x81"),
              "GET / host= upgrade\ndone\nGET /2 host=\ndone\nnot-http \n")
        << "refused, and HTTP continues";
}

TEST(HttpRequest, ChunkedBodiesAreUnframed) {
    EXPECT_EQ(request("POST / HTTP/1.1\r\nTransfer-Encoding: gzip,\t Chunked \r\n\r\n"
                      "4\r\nWiki\r\n0005 ;ext=\"x\"\r\npedia\r\nB\nin  chunks.\n\n"
                      "0\r\nTrailer: x\r\nY: z\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
              "POST / host= chunked\n<Wikipediain  chunks.>\ndone\nGET / host=\ndone\n")
        << "an empty line more";
    EXPECT_EQ(request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "4\r\nWiki\r\n0005 ;ext=\"x\"\r\npedia\r\nB\nin  chunks.\n"
                      "0\r\nTrailer: x\r\nY: z\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
              "POST / host= chunked\n<Wikipediain  chunks.>\ndone\nGET / host=\ndone\n");
}

TEST(HttpRequest, ChunkedWinsOverLength) {
    EXPECT_EQ(request("POST / HTTP/1.1\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "1\r\na\r\n0\r\n\r\n"),
              "POST / host= length=99 chunked\n<a>\ndone\n");
}

TEST(HttpRequest, CodingsThatOnlyLookLikeChunkedAreNot) {
    for (const char* coding :
         {"xchunked", "chunk ed", "chunked, gzip", "\"chunked\"", "x chunked"}) {
        EXPECT_EQ(request("POST / HTTP/1.1\r\nTransfer-Encoding: " + std::string{coding} +
                          "\r\n\r\n0\r\n\r\n"),
                  "POST / host= error\nnot-http \n")
            << coding;
    }
    EXPECT_EQ(request("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: "
                      "chunked,\r\n\r\n0\r\n\r\n"),
              "POST / host= chunked\ndone\n");
    for (const char* coding : {"chunkedx", "chunked;q=1", "\vchunked"}) {  // to evhttp it is
        EXPECT_EQ(request("POST / HTTP/1.1\r\nTransfer-Encoding: " + std::string{coding} +
                          "\r\n\r\n0\r\n\r\n"),
                  "POST / host= chunked\ndone\n");
    }
}

TEST(HttpRequest, LengthsThatAreNoneOrDisagreeEndTheReading) {
    for (const char* length : {"-1", "1x", "0x1", "1 2", "", "5, 6", ",", "99999999999999999999",
                               "5\r\nContent-Length: 6"}) {
        const std::string said =
            request("POST / HTTP/1.1\r\nContent-Length: " + std::string{length} + "\r\n\r\nabc");
        EXPECT_TRUE(said.ends_with(" error\nnot-http \n")) << length << ": " << said;
    }
    EXPECT_EQ(request("POST / HTTP/1.1\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nab"),
              "POST / host= length=2\n<ab>\ndone\n");
}

TEST(HttpRequest, BadChunkSizesEndTheReading) {
    for (const char* size : {"g", "1x", "-1", "fffffffffffffffff"}) {
        EXPECT_EQ(request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" +
                          std::string{size} + "\r\na\r\n0\r\n\r\n"),
                  "POST / host= chunked\nnot-http \n")
            << size;
    }
}

TEST(HttpRequest, ChunkSizesThatSomeServerTakesAreTaken) {
    for (const char* size : {" 1", "+1", "0x1", "\r\n1", "1;x", "1 ;x", "1\r", "\v1\t", "01"}) {
        for (const char* end : {"\r\n", "\n", "", "\r", "\r\n\r\n"}) {
            EXPECT_EQ(request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" +
                              std::string{size} + "\r\n{" + end + size + "\n}" + end + "0\r\n\r\n"),
                      "POST / host= chunked\n<{}>\ndone\n")
                << size;
        }
    }
    EXPECT_EQ(request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r{\r\n0\r\n\r\n"),
              "POST / host= chunked\n<{>\ndone\n");
}

TEST(HttpRequest, FirstLinesThatSomeServerTakesAreTaken) {
    for (const char* line : {"GET / HTTP/1.10", "GET / HTTP/2.0", "GET / http/1.1",
                             "GET / HTTP/01.1", "GET / RTSP/1.0", "GET /", "GET\v/\fHTTP/1.1",
                             " \tGET / HTTP/1.1", "GET / HTTP/1.1 ", "GET / x HTTP/1.1x"}) {
        EXPECT_EQ(request(line + std::string{"\r\nHost: a\r\n\r\n"}), "GET / host=a\ndone\n")
            << line;
    }
    EXPECT_EQ(request("FOO /x HTTP/1.1\r\nHost: a\r\n\r\n"), "FOO /x host=a\ndone\n");
    EXPECT_EQ(request("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), "GET / host=a\ndone\n");
    EXPECT_EQ(request("GET / HTTP/1.1\r\nX: y\rHost:\va\r\nA: b\rUser-Agent: c\r\n\r\n"),
              "GET / host=a agent=c\ndone\n")
        << "a CR ends a line, too";
}

TEST(HttpRequest, WhatIsNoHttpIsSaidToBe) {
    for (const char* text : {"{\"id\":1}\n", "\x16\x03\x01", "EHLO mail\r\n", "GET\r\n", "GET \r\n",
                             "FOO /\r\n", "G@T / HTTP/1.1\r\n"}) {
        EXPECT_EQ(request(text), "not-http \n") << text;
    }
}

TEST(HttpRequest, AHeadMayBe256KiBAndNoMore) {
    const std::string start = "GET / HTTP/1.1\r\nX: ";
    const std::string end = "\r\n\r\n";
    const std::string fits(256 * 1024 - start.size() - end.size(), 'x');
    EXPECT_EQ(run(start + fits + end, HttpRole::request), "GET / host=\ndone\n");
    const std::string more = start + fits + "x" + end;
    EXPECT_EQ(run(more, HttpRole::request), "not-http \n");
    EXPECT_EQ(run(more, HttpRole::request, {256 * 1024}), "not-http \n");
    EXPECT_EQ(run("GET / HTTP/1.1\r\n" + std::string(270'000, 'H'), HttpRole::request),
              "not-http \n");
    EXPECT_EQ(run(std::string(270'000, '\n'), HttpRole::request), "not-http \n");
}

TEST(HttpRequest, LongTextsAreCut) {
    const std::string a(300, 'a');
    const std::string in =
        "GET /" + a + " HTTP/1.1\r\nUser-Agent: " + a + "\r\nHost: " + a + "pool.example\r\n\r\n";
    HttpParser parser;
    std::size_t consumed;
    Bytes body;
    ASSERT_EQ(parser.next(as_bytes(in), consumed, body), HttpEvent::head_done);
    EXPECT_EQ(parser.head().target.size(), 96u);
    EXPECT_TRUE(parser.head().target.truncated());
    EXPECT_TRUE(parser.head().user_agent.truncated());
    EXPECT_TRUE(parser.head().host.view().ends_with("apool.example"));
}

TEST(HttpRequest, ALargeBodyCostsOneStepAPiece) {
    const std::string head = "POST / HTTP/1.1\r\nContent-Length: 4294967296\r\n\r\n";
    const std::string piece(1 << 20, 'x');
    HttpParser parser;
    std::size_t consumed;
    Bytes body;
    ASSERT_EQ(parser.next(as_bytes(head), consumed, body), HttpEvent::head_done);
    for (unsigned i = 0; i < 4096; ++i) {
        ASSERT_EQ(parser.next(as_bytes(piece), consumed, body), HttpEvent::body_bytes);
        ASSERT_EQ(body.size(), piece.size());
        ASSERT_EQ(as_text(body).data(), piece.data()) << "a view, not a copy";
    }
    EXPECT_EQ(parser.next({}, consumed, body), HttpEvent::message_done);
}

TEST(HttpResponse, MiningHeadersAreTold) {
    EXPECT_EQ(
        response("HTTP/1.1 200 OK\r\nX-Stratum: stratum+tcp://pool.example:3333 \r\n"
                 "X-Long-Polling: /LP\r\nX-Roll-NTime: Y\r\nContent-Type: APPLICATION/JSON-RPC"
                 "\r\nContent-Length: 2\r\n\r\n{}"),
        "200 host= stratum=stratum+tcp://pool.example:3333 length=2 json longpoll "
        "rolltime\n<{}>\ndone\n");
    EXPECT_EQ(response("HTTP/1.1 200\nContent-Type: text/html; a=json\nContent-Length: 0\n\n"),
              "200 host= length=0\ndone\n");
    EXPECT_EQ(response("HTTP/1.1 200\nContent-Type: text/jsjson\nContent-Length: 0\n\n"),
              "200 host= length=0 json\ndone\n");
}

TEST(HttpResponse, BodyWithoutALengthLastsUntilClose) {
    EXPECT_EQ(response("HTTP/1.0 200 OK\r\n\r\nHTTP/2 all of this"),
              "200 host=\n<HTTP/2 all of this>..\n");
    EXPECT_EQ(
        response("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\nabc"),
        "200 host=\n<abc>..\n");
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc"),
              "200 host= error\n<abc>..\n");
}

TEST(HttpResponse, SomeStatusesHaveNoBody) {
    EXPECT_EQ(response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n"
                       "HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\n"
                       "Content-Length: 1\r\n\r\nx"),
              "100 host=\ndone\n204 host= length=9\ndone\n304 host= chunked\ndone\n"
              "200 host= length=1\n<x>\ndone\n");
}

TEST(HttpResponse, AnswersToHeadAreSeenByTheNextFirstLine) {
    const std::string next = "HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx";
    for (const char* framing :
         {"Content-Length: 1000", "Content-Length: 3", "Transfer-Encoding: chunked", "Server: x"}) {
        const std::string said =
            response("HTTP/1.1 200 OK\r\n" + std::string{framing} + "\r\n\r\n" + next);
        EXPECT_TRUE(said.ends_with("\ndone\n404 host= length=1\n<x>\ndone\n")) << said;
    }
}

TEST(HttpResponse, ABodyThatBeginsLikeAFirstLineIsNotLost) {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
    EXPECT_EQ(response(head + "8\r\n\r\nHTTP/2 !HTTP/1.1 204 x\r\n\r\n"),
              "200 host= length=8\n<HTTP/2 !>\ndone\n204 host=\ndone\n");
    EXPECT_EQ(response(head + "2\r\n\r\nHTHTTP/1.1 204 x\r\n\r\n"),
              "200 host= length=2\n<HT>\ndone\n204 host=\ndone\n");
    EXPECT_EQ(response(head + "2\r\n\r\nHTTx"), "200 host= length=2\n<HT>\ndone\nnot-http \n");
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nHx"),
              "200 host= chunked\nnot-http \n");
}

TEST(HttpResponse, TunnelsOpenBy101AndByTheAnswerToConnect) {
    EXPECT_EQ(response("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x02{}"),
              "101 host= upgrade\ntunnel \x81\x02{}\n");
    const std::string ok = "HTTP/1.1 200 Established\r\nContent-Length: 4\r\n\r\n{\"id\"";
    EXPECT_EQ(check("HTTP/1.1 103 Early\r\n\r\n" + ok, HttpRole::response, true),
              "103 host=\ndone\n200 host= length=4\ntunnel {\"id\"\n");
    EXPECT_EQ(
        check("HTTP/1.1 407 Auth\r\nContent-Length: 1\r\n\r\nx" + ok, HttpRole::response, true),
        "407 host= length=1\n<x>\ndone\n200 host= length=4\n<{\"id>\ndone\nnot-http \n");
}

TEST(HttpResponse, WhatIsNoFirstLineIsSaidToBe) {
    for (const char* text :
         {"HTTP/2 200\r\n", "http/1.1 200 OK\r\n", "HTTP/1.1\r\n", "HTTP/1.1200 OK",
          "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 099 x\r\n", "HTTP/1.x 200 OK\r\n",
          "{", "HTTP/1.11 200 OK\r\n"}) {
        EXPECT_EQ(response(text), "not-http \n") << text;
    }
}

TEST(HttpParser, ResetForgetsEverything) {
    HttpParser parser;
    std::size_t consumed;
    Bytes body;
    parser.next(as_bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"), consumed,
                body);
    parser.reset(HttpRole::response);
    EXPECT_TRUE(parser.head().host.empty());
    EXPECT_EQ(parser.next(as_bytes("HTTP/1.1 204 x\r\n\r\n"), consumed, body),
              HttpEvent::head_done);
}

TEST(HttpParser, StateIsSmall) {
    EXPECT_LE(sizeof(HttpParser), 700u);
}

}  // namespace
}  // namespace minerwall::proto
