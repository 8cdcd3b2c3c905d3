#include "tools/api/request_reader.hpp"

#include "store/ascii.hpp"
#include "tools/api/problem.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace provenbl::tools::api {
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace {

using Parser = http::request_parser<http::string_body>;

// Headers that some route asks for; others are not looked at.
constexpr std::array<std::string_view, 9> known_headers{"accept-language",
                                                        "access-control-request-method",
                                                        "content-type",
                                                        "forwarded",
                                                        "host",
                                                        "if-none-match",
                                                        "origin",
                                                        "sec-fetch-site",
                                                        "x-forwarded-for"};

std::string text(beast::string_view view) {
    return {view.data(), view.size()};
}

// RFC 9112 3.2.2: what is meant for a proxy is taken as well, whatever host it names.
std::string origin_form(std::string target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto path = target.find_first_of("/?", scheme.size());
        if (path == std::string::npos) return "/";
        return target[path] == '/' ? target.substr(path) : "/" + target.substr(path);
    }
    return target;
}

Response refusal(const beast::error_code& code, bool in_first_line) {
    if (code == http::error::body_limit)
        return problem(413, "limit", "the body is larger than api.request_limit allows");
    if (code == http::error::header_limit || code == http::error::buffer_overflow) {
        if (in_first_line)
            return problem(414, "limit", fmt::format("the target is longer than {} bytes", header_limit));
        return problem(431, "limit", fmt::format("the header is larger than {} bytes", header_limit));
    }
    if (code == http::error::bad_version) return problem(505, "invalid", "this server speaks HTTP/1.1");
    return problem(400, "invalid", fmt::format("this is not HTTP/1.1: {}", code.message()));
}

// What the header says that a server must not go along with; nothing when all is well.
std::optional<Response> refusal(const Parser::value_type& message, bool chunked) {
    if (message.version() == 11 && message.count(http::field::host) != 1)
        return problem(400, "invalid", "a request has one Host header (RFC 9112 3.2)");
    if (message.count(http::field::host) > 1) return problem(400, "invalid", "a request has one Host header");
    const bool coded = message.count(http::field::transfer_encoding) != 0;
    if (coded && message.count(http::field::content_length) != 0)
        return problem(400, "invalid", "a body has a length or a transfer coding, not both (RFC 9112 6.1)");
    if (coded && !chunked) return problem(501, "invalid", "the only transfer coding here is 'chunked'");
    const auto expected = message[http::field::expect];
    if (!expected.empty() && !beast::iequals(expected, "100-continue"))
        return problem(417, "invalid", "the only expectation here is '100-continue'");
    return std::nullopt;
}

Request head_of(const Parser::value_type& message) {
    Request request;
    request.method = text(message.method_string());
    request.target = origin_form(text(message.target()));
    request.accept = text(message[http::field::accept]);
    request.authorization = text(message[http::field::authorization]);
    for (const auto& field : message) {
        auto name = lower(field.name_string());
        if (std::find(known_headers.begin(), known_headers.end(), name) == known_headers.end()) continue;
        const auto known = std::find_if(request.headers.begin(), request.headers.end(),
                                        [&](const auto& one) { return one.first == name; });
        if (known == request.headers.end())
            request.headers.emplace_back(std::move(name), text(field.value()));
        else
            known->second += ", " + text(field.value());
    }
    return request;
}

} // namespace

struct RequestReader::Impl {
    explicit Impl(std::size_t limit) : body_limit(limit) { begin(); }

    const std::size_t body_limit;
    std::string waiting; // what the parser has not taken
    std::optional<Parser> parser;
    std::optional<Response> fault;
    bool header_seen = false;
    bool line_taken = false; // the request line; fields come after it
    bool leave_asked = false;
    bool leave_given = false;
    bool keep_alive = false; // of the request that is read
    bool taken_keep_alive = false;
    Request request;

    void begin() {
        parser.emplace();
        parser->header_limit(header_limit);
        parser->body_limit(body_limit);
        header_seen = line_taken = leave_asked = leave_given = false;
    }

    State refuse(Response response) {
        fault = std::move(response);
        return State::fault;
    }

    // The header alone, as it is before the body: a chunked body has trailers (RFC 9112 7.1.2), which the parser puts
    // among the fields, and in which nobody may say what a proxy has said in the header.
    std::optional<Response> take_header() {
        const auto& message = parser->get();
        header_seen = true;
        parser->eager(true);
        if (auto no = refusal(message, parser->chunked())) return no;
        leave_asked = message.count(http::field::expect) != 0;
        request = head_of(message);
        keep_alive = message.keep_alive();
        return std::nullopt;
    }

    State parse() {
        while (!parser->is_done()) {
            beast::error_code code;
            const auto taken = parser->put(boost::asio::buffer(waiting), code);
            const bool in_first_line = !line_taken && waiting.find("\r\n") >= header_limit;
            if (!header_seen && parser->is_header_done()) {
                if (auto no = take_header()) return refuse(std::move(*no));
            }
            if (code && code != http::error::need_more) return refuse(refusal(code, in_first_line));
            waiting.erase(0, taken);
            line_taken = line_taken || taken > 0;
            if (parser->is_done()) break;
            // What frames a chunk, and the trailers, have no limit of the parser's.
            if (code == http::error::need_more && waiting.size() > header_limit)
                return refuse(
                    problem(431, "limit", fmt::format("a chunk's head is larger than {} bytes", header_limit)));
            if (code == http::error::need_more || taken == 0) return State::more;
        }
        return State::complete;
    }
};

RequestReader::RequestReader(std::size_t body_limit) : impl_(std::make_unique<Impl>(body_limit)) {}
RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::feed(std::string_view bytes) {
    auto& impl = *impl_;
    if (impl.fault) return State::fault;
    impl.waiting += bytes;
    // Blank lines in front of a request are left out (RFC 9112 2.2).
    while (!impl.parser->got_some() && impl.waiting.starts_with("\r\n")) impl.waiting.erase(0, 2);
    if (impl.waiting.empty() && !impl.parser->got_some()) return State::more;
    return impl.parse();
}

bool RequestReader::begun() const {
    return !impl_->waiting.empty() || impl_->parser->got_some();
}

bool RequestReader::wants_leave() {
    if (!impl_->leave_asked || impl_->leave_given || impl_->parser->is_done()) return false;
    impl_->leave_given = true;
    return true;
}

Request RequestReader::take() {
    auto& impl = *impl_;
    impl.taken_keep_alive = impl.keep_alive;
    auto request = std::exchange(impl.request, Request{});
    request.body = std::move(impl.parser->get().body());
    impl.begin();
    return request;
}

bool RequestReader::keep_alive() const {
    return impl_->taken_keep_alive;
}

const Response& RequestReader::fault() const {
    return *impl_->fault;
}

} // namespace provenbl::tools::api
