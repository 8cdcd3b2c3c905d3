#include "tools/transfer/record_json.hpp"

#include "tools/transfer/json_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace provenbl::tools::transfer {
namespace json = boost::json;
namespace {

using provenbl::transfer::Header;
using provenbl::transfer::Record;

class Writer {
public:
    explicit Writer(bool with_private) : with_private_(with_private) {}
    json::object take() { return std::move(object_); }

    template <class T> void operator()(std::string_view name, const T& value) {
        if (value == T{}) return;
        put(name, value);
    }
    // Also when it has its default.
    template <class T> void always(std::string_view name, const T& value) { put(name, value); }
    // Whose business it is: a person's, or the operator's own.
    template <class T> void of_person(std::string_view name, const T& value) {
        if (with_private_) (*this)(name, value);
    }
    // What has a token in it: one that has not come back yet would still be taken for a proof.
    template <class T> void secret(std::string_view name, const T& value) { of_person(name, value); }

private:
    template <class T> void put(std::string_view name, const T& value) {
        object_[{name.data(), name.size()}] = one(value);
    }
    template <class T> json::value one(const T& value) {
        if constexpr (requires(Writer & w, T & t) { fields(w, t); }) {
            Writer inner(with_private_);
            fields(inner, value);
            return inner.take();
        } else {
            return show(value);
        }
    }
    template <class T> json::value one(const std::vector<T>& values) {
        json::array all;
        for (const auto& value : values) all.push_back(one(value));
        return all;
    }
    bool with_private_;
    json::object object_;
};

class Reader {
public:
    explicit Reader(const json::object& object) : object_(object) {}
    // Every member must have been asked for; "type" is everybody's.
    void expect_no_other() const {
        for (const auto& member : object_) {
            if (member.key() != "type" && std::find(asked_.begin(), asked_.end(), member.key()) == asked_.end())
                throw WrongValue(fmt::format("'{}' is no member that is known here", std::string(member.key())));
        }
    }

    template <class T> void operator()(std::string_view name, T& value) { get(name, value, false); }
    template <class T> void always(std::string_view name, T& value) { get(name, value, true); }
    template <class T> void of_person(std::string_view name, T& value) { get(name, value, false); }
    template <class T> void secret(std::string_view name, T& value) { get(name, value, false); }

private:
    template <class T> void get(std::string_view name, T& value, bool needed) {
        asked_.push_back(name);
        const auto* const from = object_.if_contains({name.data(), name.size()});
        if (from == nullptr) {
            if (needed) throw WrongValue(fmt::format("'{}' is missing", name));
            return;
        }
        try {
            one(*from, value);
        } catch (const WrongValue& wrong) {
            throw WrongValue(fmt::format("'{}' {}", name, wrong.what()));
        }
    }
    template <class T> static void one(const json::value& from, T& value) {
        if constexpr (requires(Reader & r, T & t) { fields(r, t); }) {
            if (!from.is_object()) throw WrongValue("is no object");
            Reader inner(from.get_object());
            fields(inner, value);
            inner.expect_no_other();
        } else {
            read(from, value);
        }
    }
    template <class T> static void one(const json::value& from, std::vector<T>& values) {
        if (!from.is_array()) throw WrongValue("is no list");
        values.clear();
        for (const auto& item : from.get_array()) one(item, values.emplace_back());
    }
    // A Prefix has no empty state.
    static void one(const json::value& from, std::vector<Prefix>& values) {
        if (!from.is_array()) throw WrongValue("is no list");
        values.clear();
        for (const auto& item : from.get_array()) read(item, values.emplace_back(Prefix::of(Address{}, 0)));
    }
    const json::object& object_;
    std::vector<std::string_view> asked_;
};

template <class A, class T>
concept Is = std::same_as<std::remove_const_t<A>, T>;

template <class Archive, Is<Hole> R> void fields(Archive& a, R& r) {
    a.always("technique", r.technique);
    a.always("entry", r.entry);
    a.always("port", r.port);
    a.always("class", r.cls);
    a("ordinal", r.ordinal);
    a("first_proven", r.first_proven);
    a("last_proven", r.last_proven);
}

template <class Archive, Is<ManualListing> R> void fields(Archive& a, R& r) {
    a.always("class", r.cls);
    a("reason", r.reason);
    a.of_person("by", r.by);
    a.always("since", r.since);
    a.always("until", r.until);
}

// Numbers of visits are the store's own: only that one is waited for is told.
template <class Archive, Is<Host> R> void fields(Archive& a, R& r) {
    a.always("address", r.address);
    a("holes", r.holes);
    a("manual", r.manual);
    a("case", r.case_id);
    a("listed_since", r.listed_since);
    a("delisted_at", r.delisted_at);
    a("last_scan", r.last_scan);
    a("last_counted", r.last_counted);
    a("last_answer", r.last_answer);
    a("scans", r.scans);
    a("clean_streak", r.clean_streak);
    a("silent_streak", r.silent_streak);
    a("inconclusive_streak", r.inconclusive_streak);
    a("relistings", r.relistings);
    a("open_answers", r.open_answers);
    a("next_ordinal", r.next_ordinal);
    a("pardoned", r.pardoned);
    a("software", r.software);
    a.always("due_kind", r.due_kind);
    a("due", r.due);
}

template <class Archive, Is<CaseEvidence> R> void fields(Archive& a, R& r) {
    a.always("host", r.host);
    a.always("case", r.case_id);
    a("ordinal", r.ordinal);
    a.always("technique", r.technique);
    a.always("class", r.cls);
    a.always("entry", r.entry);
    a("exit", r.exit);
    a("sink_port", r.sink_port);
    a.secret("token", r.token);
    a("sent", r.sent);
    a("arrived", r.arrived);
    a("software", r.software);
    a.secret("repeat", r.repeat);
    a.secret("transcript", r.transcript);
    a.secret("message", r.message);
}

template <class Archive, Is<Exclusion> R> void fields(Archive& a, R& r) {
    a.always("prefix", r.prefix);
    a("reason", r.reason);
    a.of_person("by", r.by);
    a("created", r.created);
    a("until", r.until);
}

template <class Archive, Is<Change> R> void fields(Archive& a, R& r) {
    a.always("sequence", r.sequence);
    a.always("at", r.at);
    a("address", r.address);
    a("before", r.before);
    a("after", r.after);
    a.always("reason", r.reason);
    a("case", r.case_id);
    a("actor", r.actor);
    a("note", r.note);
    a.of_person("by", r.by);
}

template <class Archive, Is<AuditLine> R> void fields(Archive& a, R& r) {
    a.always("address", r.address);
    a.always("case", r.case_id);
    a.always("listed", r.listed);
    a.always("opened", r.opened);
    a("why", r.why);
    a("classes", r.classes);
    a("in_force", r.in_force);
    a("ended", r.ended);
    a("closed", r.closed);
    a("last_sequence", r.last_sequence);
}

template <class Archive, Is<Report> R> void fields(Archive& a, R& r) {
    a.always("id", r.id);
    a.always("host", r.host);
    a("ports", r.ports);
    a.of_person("reporter", r.reporter);
    a.of_person("comment", r.comment);
    a.of_person("reporter_id", r.reporter_id);
    a.always("count", r.count);
    a("received", r.received);
    a("last", r.last);
    a.always("state", r.state);
    a("named", r.named);
}

template <class Archive, Is<Mirror> R> void fields(Archive& a, R& r) {
    a.always("id", r.id);
    a.always("name", r.name);
    a.always("kind", r.kind);
    a("addresses", r.addresses);
    a("from", r.from);
    a.always("key_name", r.key_name);
    a.always("algorithm", r.algorithm);
    a.secret("secret", r.secret);
    a("zones", r.zones);
    a("added", r.added);
    a("removed", r.removed);
    a("note", r.note);
    a("tls", r.tls);
}

template <class Archive, Is<Header> R> void fields(Archive& a, R& r) {
    a("since", r.since);
    a.always("serial", r.serial);
    a("floor", r.floor);
    a.always("ipv6_bits", r.ipv6_bits);
    a.always("made", r.made);
}

template <class T> json::object written(std::string_view type, const T& record, bool with_private) {
    Writer writer(with_private);
    fields(writer, record);
    json::object object{{"type", type}};
    for (auto& member : writer.take()) object[member.key()] = std::move(member.value());
    return object;
}

template <class T> T taken(const json::object& object) {
    Reader reader(object);
    T record;
    fields(reader, record);
    reader.expect_no_other();
    return record;
}

struct TypeName {
    std::string_view operator()(const Exclusion& /*of*/) const { return "exclusion"; }
    std::string_view operator()(const AuditLine& /*of*/) const { return "audit"; }
    std::string_view operator()(const Change& /*of*/) const { return "change"; }
    std::string_view operator()(const CaseEvidence& /*of*/) const { return "evidence"; }
    std::string_view operator()(const Host& /*of*/) const { return "host"; }
    std::string_view operator()(const Report& /*of*/) const { return "report"; }
    std::string_view operator()(const Mirror& /*of*/) const { return "mirror"; }
};

// Whether a visit was waited for is told by `due`.
Host as_moved(Host host) {
    if (host.queued_scan == 0 && host.running_scan == 0) {
        host.due = {};
        host.due_kind = Host{}.due_kind;
    }
    return host;
}

} // namespace

json::object to_json(const Record& record, bool with_private) {
    if (const auto* const host = std::get_if<Host>(&record)) return written("host", as_moved(*host), with_private);
    return std::visit([&](const auto& one) { return written(TypeName{}(one), one, with_private); }, record);
}

Result<Record> from_json(const json::object& object) {
    const auto* const named = object.if_contains("type");
    if (named == nullptr || !named->is_string()) return Error{Errc::invalid, "has no type"};
    const std::string type(named->get_string());
    try {
        if (type == "exclusion") return Record(taken<Exclusion>(object));
        if (type == "audit") return Record(taken<AuditLine>(object));
        if (type == "change") return Record(taken<Change>(object));
        if (type == "evidence") return Record(taken<CaseEvidence>(object));
        if (type == "report") return Record(taken<Report>(object));
        if (type == "mirror") return Record(taken<Mirror>(object));
        if (type == "host") {
            auto host = taken<Host>(object);
            if (host.due != Time{}) host.queued_scan = 1; // waits; the number is given by the store that takes it
            return Record(std::move(host));
        }
    } catch (const WrongValue& wrong) {
        return Error{Errc::invalid, fmt::format("{}: {}", type, wrong.what())};
    }
    return Error{Errc::invalid, fmt::format("type '{}' is not known here", type.substr(0, 40))};
}

json::object to_json(const Header& header) {
    auto object = written("export", header, true);
    object["format"] = 1;
    return object;
}

Result<Header> header_from_json(const json::object& object) {
    auto members = object;
    const auto* const type = object.if_contains("type");
    const auto* const format = object.if_contains("format");
    if (type == nullptr || *type != "export" || format == nullptr || *format != 1)
        return Error{Errc::invalid, "the first line is not that of an export of format 1"};
    members.erase("format");
    try {
        return taken<Header>(members);
    } catch (const WrongValue& wrong) {
        return Error{Errc::invalid, std::string("export: ") + wrong.what()};
    }
}

} // namespace provenbl::tools::transfer
