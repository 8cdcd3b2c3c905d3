// A session of nghttp2 with memory on both sides.
#include "verifier/wire/http2_tunnel.hpp"

#include "verifier/wire/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <nghttp2/nghttp2.h>
#include <stdexcept>

namespace provenbl::verifier::wire {
namespace {

constexpr std::size_t settings_type_at = 3;  // in a frame's head: length(3) type flags stream(4)
constexpr std::size_t unanswered_limit = 64; // PING and SETTINGS of the host

template <class T, void (*destroy)(T*)> struct Destroy {
    void operator()(T* object) const { destroy(object); }
};
using Session = std::unique_ptr<nghttp2_session, Destroy<nghttp2_session, nghttp2_session_del>>;
using Callbacks =
    std::unique_ptr<nghttp2_session_callbacks, Destroy<nghttp2_session_callbacks, nghttp2_session_callbacks_del>>;
using Options = std::unique_ptr<nghttp2_option, Destroy<nghttp2_option, nghttp2_option_del>>;

void must(int code) {
    if (code != 0) throw std::runtime_error(fmt::format("nghttp2: {}", nghttp2_strerror(code)));
}

nghttp2_nv field(std::string_view name, std::string_view value) {
    // Copied by nghttp2, which does not write to them.
    return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
            reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
            NGHTTP2_NV_FLAG_NONE};
}

} // namespace

struct Http2Tunnel::State {
    Session session;
    std::int32_t stream = 0;
    std::string to_send;
    std::string heard;
    HttpHead reading; // of the head that is coming
    std::size_t fields = 0;
    std::optional<HttpHead> head;
    std::optional<Error> failure;
    std::string begun; // the first bytes, until they are known to be a SETTINGS frame
    bool settings_seen = false;
    bool ended = false;
    std::uint32_t connection_code = 0; // of a GOAWAY, the host's or ours
    std::uint32_t stream_code = 0;

    static State& of(void* user) { return *static_cast<State*>(user); }

    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                         const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
        auto& self = of(user);
        self.fields += name_size + value_size + 32; // as RFC 9113 6.5.2 counts
        if (self.fields > fields_limit) {
            self.failure = Error{Errc::limit, fmt::format("more than {} bytes of header fields", fields_limit)};
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        }
        if (frame->hd.stream_id != self.stream) return 0;
        std::string key(reinterpret_cast<const char*>(name), name_size);
        std::string text(reinterpret_cast<const char*>(value), value_size);
        if (key == ":status")
            std::from_chars(text.data(), text.data() + text.size(), self.reading.status);
        else
            self.reading.fields.emplace_back(std::move(key), std::move(text));
        return 0;
    }

    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
        auto& self = of(user);
        if (frame->hd.type == NGHTTP2_GOAWAY) {
            self.connection_code = frame->goaway.error_code;
            if (frame->goaway.error_code != NGHTTP2_NO_ERROR || frame->goaway.last_stream_id < self.stream)
                self.ended = true;
            return 0;
        }
        if (frame->hd.stream_id != self.stream) return 0;
        if (frame->hd.type == NGHTTP2_HEADERS && !self.head) {
            if (self.reading.status >= 200) {
                self.reading.status_line = fmt::format("HTTP/2 {}", self.reading.status);
                self.head = std::move(self.reading);
            }
            self.reading = {}; // interim responses are passed over
        }
        if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
            (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
            self.ended = true;
        return 0;
    }

    static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes, std::size_t size,
                       void* user) {
        auto& self = of(user);
        if (stream == self.stream) self.heard.append(reinterpret_cast<const char*>(bytes), size);
        return 0;
    }

    static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t code, void* user) {
        auto& self = of(user);
        if (stream != self.stream) return 0;
        self.ended = true;
        self.stream_code = code;
        return 0;
    }

    // What nghttp2 takes from us for the stream; it asks again when send() wakes it.
    static ssize_t give(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t size, std::uint32_t*,
                        nghttp2_data_source*, void* user) {
        auto& self = of(user);
        if (self.to_send.empty()) return NGHTTP2_ERR_DEFERRED;
        const auto given = std::min(size, self.to_send.size());
        std::memcpy(into, self.to_send.data(), given);
        self.to_send.erase(0, given);
        return static_cast<ssize_t>(given);
    }
};

Http2Tunnel::Http2Tunnel(const Endpoint& target, std::string_view agent) : state_(std::make_unique<State>()) {
    nghttp2_session_callbacks* made_callbacks = nullptr;
    must(nghttp2_session_callbacks_new(&made_callbacks));
    const Callbacks callbacks(made_callbacks);
    nghttp2_session_callbacks_set_on_header_callback(made_callbacks, State::on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made_callbacks, State::on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made_callbacks, State::on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made_callbacks, State::on_close);
    nghttp2_option* made_options = nullptr;
    must(nghttp2_option_new(&made_options));
    const Options options(made_options);
    nghttp2_option_set_max_outbound_ack(made_options, unanswered_limit);
    nghttp2_option_set_max_settings(made_options, 32);
    nghttp2_session* session = nullptr;
    must(nghttp2_session_client_new2(&session, made_callbacks, state_.get(), made_options));
    state_->session.reset(session);

    const std::array settings{nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                              nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, fields_limit}};
    must(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
    const auto authority = target.to_string();
    // CONNECT has neither a scheme nor a path.
    const std::array fields{field(":method", "CONNECT"), field(":authority", authority), field("user-agent", agent)};
    nghttp2_data_provider body{};
    body.read_callback = State::give;
    state_->stream = nghttp2_submit_request(session, nullptr, fields.data(), fields.size(), &body, nullptr);
    if (state_->stream < 0) must(state_->stream);
}

Http2Tunnel::~Http2Tunnel() = default;

Result<> Http2Tunnel::take(std::string_view bytes) {
    auto& self = *state_;
    if (self.failure) return *self.failure;
    if (!self.settings_seen) { // whoever speaks something else is told apart here, by his own words
        self.begun += bytes;
        const auto known = self.begun.size() > settings_type_at;
        if (known && self.begun[settings_type_at] != NGHTTP2_SETTINGS) {
            self.failure = Error{Errc::protocol, fmt::format("not HTTP/2: \"{}\"", printable(self.begun, 60))};
            return *self.failure;
        }
        if (!known) return {};
        self.settings_seen = true;
        const std::string first = std::move(self.begun);
        return take(first);
    }
    const auto taken =
        nghttp2_session_mem_recv(self.session.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (self.failure) return *self.failure;
    if (taken == NGHTTP2_ERR_FLOODED)
        self.failure = Error{Errc::limit, "the host asks for answers without end"};
    else if (taken < 0)
        self.failure = Error{Errc::protocol, fmt::format("HTTP/2: {}", nghttp2_strerror(static_cast<int>(taken)))};
    return self.failure ? Result<>{*self.failure} : Result<>{};
}

std::string Http2Tunnel::say() {
    std::string all;
    for (;;) {
        const std::uint8_t* bytes = nullptr;
        const auto size = nghttp2_session_mem_send(state_->session.get(), &bytes);
        if (size <= 0) break; // nothing more, or nothing that could still be said
        all.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    // What breaks the protocol is answered by nghttp2 with a GOAWAY, and then it wants to hear no more.
    if (!state_->ended && nghttp2_session_want_read(state_->session.get()) == 0) {
        state_->ended = true;
        if (state_->connection_code == NGHTTP2_NO_ERROR) state_->connection_code = NGHTTP2_PROTOCOL_ERROR;
    }
    return all;
}

void Http2Tunnel::send(std::string_view bytes) {
    state_->to_send += bytes;
    nghttp2_session_resume_data(state_->session.get(), state_->stream); // an error: the stream is not there any more
}

const std::optional<HttpHead>& Http2Tunnel::head() const {
    return state_->head;
}
std::string& Http2Tunnel::heard() {
    return state_->heard;
}
bool Http2Tunnel::ended() const {
    return state_->ended;
}
std::uint32_t Http2Tunnel::end_code() const {
    return state_->connection_code != NGHTTP2_NO_ERROR ? state_->connection_code : state_->stream_code;
}

std::string http2_error_name(std::uint32_t code) {
    static constexpr std::array<std::string_view, 14> names{"NO_ERROR",
                                                            "PROTOCOL_ERROR",
                                                            "INTERNAL_ERROR",
                                                            "FLOW_CONTROL_ERROR",
                                                            "SETTINGS_TIMEOUT",
                                                            "STREAM_CLOSED",
                                                            "FRAME_SIZE_ERROR",
                                                            "REFUSED_STREAM",
                                                            "CANCEL",
                                                            "COMPRESSION_ERROR",
                                                            "CONNECT_ERROR",
                                                            "ENHANCE_YOUR_CALM",
                                                            "INADEQUATE_SECURITY",
                                                            "HTTP_1_1_REQUIRED"};
    if (code < names.size()) return std::string(names[code]);
    return fmt::format("0x{:x}", code);
}

} // namespace provenbl::verifier::wire
