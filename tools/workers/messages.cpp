// Each message lists its members once, for both directions.
#include "tools/workers/messages.hpp"

#include "tools/transfer/json_values.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::workers {
namespace json = boost::json;
namespace {

using transfer::WrongValue;

constexpr std::size_t most_items = 600; // of any list
constexpr std::uint64_t longest_duration = 400ULL * 24 * 3600 * 1000;

struct Writer;
struct Reader;

// ---- members, once for both directions ----

template <class A> void fields(A& a, Hole& r) {
    a("technique", r.technique);
    a("entry", r.entry);
    a("port", r.port);
    a("class", r.cls);
}
template <class A> void fields(A& a, ScanStep& r) {
    a("at", r.at);
    a("technique", r.technique);
    a("target", r.target);
    a("port", r.port);
    a("verdict", r.verdict);
    a("detail", r.detail);
}
// What a plan is made of (verifier/plan.hpp), and nothing else: who reported the host is nobody's business.
template <class A> void fields(A& a, Scan& r) {
    a("id", r.id);
    a("host", r.host);
    a("kind", r.kind);
    a("started", r.started);
    a("ports", r.ports);
    a("targets", r.targets);
}
template <class A> void fields(A& a, verifier::VisitBooks::Known& r) {
    a("address", r.host.address);
    a("holes", r.host.holes);
    a("unit", r.unit);
}
template <class A> void fields(A& a, verifier::VisitBooks::Talk& r) {
    a("issued", r.issued);
    a.long_text("transcript", r.transcript);
    a("software", r.software);
}
template <class A> void fields(A& a, verifier::Identity& r) {
    a("probe_domain", r.probe_domain);
    a("helo", r.helo);
    a("contact", r.contact);
    a("page", r.page);
    a("mail_exchanger", r.mail_exchanger);
    a("mail_addresses", r.mail_addresses);
}
// Where probes leave from is the worker's own business.
template <class A> void fields(A& a, verifier::ProbeSettings& r) {
    a("callback_targets", r.callback_targets);
    a("callback_name", r.callback_name);
    a("callback_named", r.callback_named);
    a("connect_timeout", r.connect_timeout);
    a("read_timeout", r.read_timeout);
    a("conversation_timeout", r.conversation_timeout);
    a("visit_timeout", r.visit_timeout);
    a("nudge_after", r.nudge_after);
    a("mail_wait", r.mail_wait);
    a("mail_token_life", r.mail_token_life);
    a("conversation_limit", r.conversation_limit);
    a("thorough", r.thorough);
}
template <class A> void fields(A& a, verifier::Errand& r) {
    a("scan", r.scan);
    a("known", r.known);
    a("identity", r.identity);
    a("probe", r.probe);
}
template <class A> void fields(A& a, Order& r) {
    a("scan", r.scan);
    a("until", r.until);
}
template <class A> void fields(A& a, Take& r) {
    a("scan", r.scan);
    a("delivery", r.delivery);
}
template <class A> void fields(A& /*a*/, Alive& /*r*/) {}
template <class A> void fields(A& a, Issue& r) {
    a("technique", r.technique);
    a("target", r.target);
    a("sink", r.sink);
    a("software", r.software);
}
template <class A> void fields(A& a, Arrived& r) {
    a("token", r.token);
    a("patience", r.patience);
}
template <class A> void fields(A& a, Confirm& r) {
    a("token", r.token);
}
template <class A> void fields(A& a, Steps& r) {
    a("first", r.first);
    a("steps", r.steps);
    a("talk", r.talk);
}
template <class A> void fields(A& a, Taken& r) {
    a("lease", r.lease);
    a("ack_wait", r.ack_wait);
    a("errand", r.errand);
}
template <class A> void fields(A& a, Issued& r) {
    a("token", r.token);
    a("text", r.text);
    a("answer", r.answer);
}
template <class A> void fields(A& a, Seen& r) {
    a("arrived", r.arrived);
}
template <class A> void fields(A& /*a*/, Done& /*r*/) {}
template <class A> void fields(A& a, Error& r) {
    a("code", r.code);
    a("message", r.message);
}
template <class A> void fields(A& a, Request& r) {
    a("lease", r.lease);
    a("count", r.count);
    a.one_of({"take", "alive", "issue", "arrived", "confirm", "steps"}, r.what);
}
template <class A> void fields(A& a, Answer& r) {
    a("to", r.to);
    a("count", r.count);
    a.one_of({"done", "error", "taken", "issued", "seen"}, r.what);
}
template <class A> void fields(A& a, ResultMessage& r) {
    a("lease", r.lease);
    a("steps", r.steps);
    a("software", r.software);
}

template <class T>
concept Structured = requires(Writer& w, T& t) {
    fields(w, t);
};
template <class T> struct IsVector : std::false_type {};
template <class T> struct IsVector<std::vector<T>> : std::true_type {};

Errc code_of(std::string_view name) {
    for (int i = 0; i <= static_cast<int>(Errc::corrupt); ++i)
        if (name == to_string(static_cast<Errc>(i))) return static_cast<Errc>(i);
    throw WrongValue("is no error that is known here");
}

// ---- out ----

struct Writer {
    json::object object;

    template <class T> void operator()(std::string_view name, T& value) {
        object[{name.data(), name.size()}] = one(value);
    }
    void long_text(std::string_view name, std::string& value) { (*this)(name, value); }
    template <class V> void one_of(std::initializer_list<std::string_view> names, V& what) {
        const auto name = names.begin()[what.index()];
        std::visit([&](auto& value) { (*this)(name, value); }, what);
    }
    template <class T> json::value one(T& value) {
        if constexpr (Structured<T>) {
            Writer inner;
            fields(inner, value);
            return std::move(inner.object);
        } else if constexpr (IsVector<T>::value) {
            json::array all;
            for (auto& item : value) all.push_back(one(item));
            return all;
        } else if constexpr (std::is_same_v<T, Duration>) {
            return json::value(static_cast<std::uint64_t>(std::max<Duration::rep>(0, value.count())));
        } else if constexpr (std::is_same_v<T, Errc>) {
            return json::value(std::string(to_string(value)));
        } else {
            return transfer::show(value);
        }
    }
};

// ---- in ----

struct Reader {
    const json::object& object;
    std::size_t known = 0;

    template <class T> void operator()(std::string_view name, T& value) { get(name, value, longest_text); }
    void long_text(std::string_view name, std::string& value) { get(name, value, longest_transcript); }
    template <class V> void one_of(std::initializer_list<std::string_view> names, V& what) {
        ++known;
        if (!choose(names, what, std::make_index_sequence<std::variant_size_v<V>>{}))
            throw WrongValue("says nothing that is known here");
    }
    void expect_no_other() const {
        if (object.size() != known) throw WrongValue("has members that are not known here");
    }

private:
    template <class V, std::size_t... I>
    bool choose(std::initializer_list<std::string_view> names, V& what, std::index_sequence<I...> /*all*/) {
        return (try_one<I>(names.begin()[I], what) || ...);
    }
    template <std::size_t I, class V> bool try_one(std::string_view name, V& what) {
        const auto* const from = object.if_contains({name.data(), name.size()});
        if (from == nullptr) return false;
        read(*from, what.template emplace<I>(), longest_text);
        return true;
    }
    template <class T> void get(std::string_view name, T& value, std::size_t longest) {
        ++known;
        const auto* const from = object.if_contains({name.data(), name.size()});
        if (from == nullptr) throw WrongValue(fmt::format("'{}' is missing", name));
        try {
            read(*from, value, longest);
        } catch (const WrongValue& wrong) {
            throw WrongValue(fmt::format("'{}' {}", name, wrong.what()));
        }
    }
    template <class T> static void read(const json::value& from, T& value, std::size_t longest) {
        if constexpr (Structured<T>) {
            if (!from.is_object()) throw WrongValue("is no object");
            Reader inner{from.get_object()};
            fields(inner, value);
            inner.expect_no_other();
        } else if constexpr (IsVector<T>::value) {
            if (!from.is_array()) throw WrongValue("is no list");
            if (from.get_array().size() > most_items) throw WrongValue("is too long a list");
            value.clear();
            for (const auto& item : from.get_array()) read(item, value.emplace_back(), longest);
        } else if constexpr (std::is_same_v<T, Duration>) {
            std::uint64_t count = 0;
            transfer::read(from, count);
            if (count > longest_duration) throw WrongValue("is too long a time");
            value = Duration{static_cast<Duration::rep>(count)};
        } else if constexpr (std::is_same_v<T, Errc>) {
            std::string name;
            transfer::read(from, name);
            value = code_of(name);
        } else {
            transfer::read(from, value);
            if constexpr (std::is_same_v<T, std::string>)
                if (value.size() > longest) throw WrongValue("is too long");
        }
    }
};

template <class T> std::string encoded(T value) {
    Writer writer;
    fields(writer, value);
    return json::serialize(writer.object);
}

template <class T> Result<T> decoded(std::string_view body) {
    json::error_code failed;
    const auto value = json::parse({body.data(), body.size()}, failed);
    if (failed || !value.is_object()) return Error{Errc::invalid, "is no JSON object"};
    try {
        T message{};
        Reader reader{value.get_object()};
        fields(reader, message);
        reader.expect_no_other();
        return message;
    } catch (const WrongValue& wrong) {
        return Error{Errc::invalid, wrong.what()};
    }
}

Result<> bounded(const std::vector<ScanStep>& steps) {
    if (steps.size() > most_steps) return Error{Errc::invalid, "has too many steps"};
    return {};
}

} // namespace

std::string encode(const Order& order) {
    return encoded(order);
}
std::string encode(const Request& request) {
    return encoded(request);
}
std::string encode(const Answer& answer) {
    return encoded(answer);
}
std::string encode(const ResultMessage& result) {
    return encoded(result);
}

Result<Order> decode_order(std::string_view body) {
    return decoded<Order>(body);
}

Result<Request> decode_request(std::string_view body) {
    auto request = decoded<Request>(body);
    if (!request) return request;
    if (const auto* steps = std::get_if<Steps>(&request->what)) {
        if (auto good = bounded(steps->steps); !good) return good.error();
        if (steps->talk.issued.size() > most_tokens) return Error{Errc::invalid, "has too many tokens"};
    }
    if (const auto* arrived = std::get_if<Arrived>(&request->what); arrived && arrived->patience > longest_patience)
        return Error{Errc::invalid, "is too patient"};
    return request;
}

Result<Answer> decode_answer(std::string_view body) {
    return decoded<Answer>(body);
}

Result<ResultMessage> decode_result(std::string_view body) {
    auto result = decoded<ResultMessage>(body);
    if (!result) return result;
    if (auto good = bounded(result->steps); !good) return good.error();
    return result;
}

} // namespace provenbl::tools::workers
